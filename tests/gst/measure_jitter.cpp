// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// What elements make of live audio with the timestamps of its arrival: samples
// in and out, the times that the output's timestamps step back or leave a hole
// of more than 1 ms, and how far its end is off the sender's clock.
#include "arrivals.hpp"

using namespace percepnet::test;

static const GstClockTimeDiff seam = GST_MSECOND;

struct Outcome
{
  std::uint64_t in = 0, out = 0, back = 0, holes = 0;
  GstClockTimeDiff offset = 0;
};

static void
look_at (GstHarness * h, Outcome & outcome, GstClockTime & end)
{
  while (GstBuffer * buffer = gst_harness_try_pull (h)) {
    const std::uint64_t frames = gst_buffer_get_size (buffer) / 2;
    const GstClockTime pts = GST_BUFFER_PTS (buffer);
    if (GST_CLOCK_TIME_IS_VALID (end)) {
      const GstClockTimeDiff step = GST_CLOCK_DIFF (end, pts);
      outcome.back += step < -seam;
      outcome.holes += step > seam;
    }
    end = pts + time_of (frames);
    outcome.out += frames;
    gst_buffer_unref (buffer);
  }
}

static Outcome
measure (const char *launch, const Way & way, int seconds)
{
  GstHarness *h = gst_harness_new_parse (launch);
  GstClockTime end = GST_CLOCK_TIME_NONE, truth = 0;
  Outcome outcome;

  gst_harness_set_src_caps_str (h, caps_string ("S16LE", 48000, 1).c_str ());
  for (const Arrival & a : arrivals (way, seconds)) {
    if (a.gap > 0)
      gst_harness_push_event (h, gst_event_new_gap (a.pts - a.gap, a.gap));
    GstBuffer *buffer = gst_buffer_new_allocate (nullptr, 960 * 2, nullptr);
    gst_buffer_memset (buffer, 0, 1, 960 * 2);
    GST_BUFFER_PTS (buffer) = a.pts;
    GST_BUFFER_DURATION (buffer) = packet_ms * GST_MSECOND;
    if (outcome.in == 0 || a.discont)
      GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
    outcome.in += 960;
    truth = a.truth + packet_ms * GST_MSECOND;
    gst_harness_push (h, buffer);
    look_at (h, outcome, end);
  }
  gst_harness_push_event (h, gst_event_new_eos ());
  look_at (h, outcome, end);
  outcome.offset = GST_CLOCK_DIFF (truth, end);
  gst_harness_teardown (h);
  return outcome;
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *factory, *launch;
  } elements[] = {
    {"percepnet", "percepnet output=bypass"},
    {"audiorate", "audiorate skip-to-first=true"},
    {"webrtcdsp", "webrtcdsp echo-cancel=false"},
  };
  static const Way ways[] = {
    {2, 0, 0}, {3, 0, 0}, {5, 0, 0}, {10, 0, 0}, {25, 0, 0}, {5, 0, 200},
    {1, 20, 0}, {1, 80, 0}, {1, 300, 0}, {1, 80, 200},
    {1, 0, 0, Way::flagged}, {5, 0, 0, Way::flagged}, {5, 0, 0, Way::silent},
  };
  const int seconds = 30;

  gst_init (&argc, &argv);
  g_print ("| element | way | in | out | steps back | holes | end off, ms |\n"
      "|---|---|---|---|---|---|---|\n");
  for (const auto & element : elements) {
    GstElementFactory *factory = gst_element_factory_find (element.factory);
    if (!factory) {
      g_print ("| %s | not installed | | | | | |\n", element.factory);
      continue;
    }
    gst_object_unref (factory);
    for (const Way & way : ways) {
      const Outcome o = measure (element.launch, way, seconds);
      g_print ("| %s | %s | %" G_GUINT64_FORMAT " | %" G_GUINT64_FORMAT " | %"
          G_GUINT64_FORMAT " | %" G_GUINT64_FORMAT " | %.2f |\n",
          element.factory, name_of (way).c_str (), o.in, o.out, o.back, o.holes,
          o.offset / 1e6);
    }
  }
  return 0;
}

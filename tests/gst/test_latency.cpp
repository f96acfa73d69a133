// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The LATENCY query tells the truth: measured, it is neither more nor less.
#include "fixture.hpp"

using namespace percepnet::test;

/* How much later buffers come than those of a live source of blocks of this
 * size would, at most. */
static GstClockTime
measure_latency (Fixture & f, std::uint64_t block, std::uint64_t frames)
{
  const int rate = f.rate ();
  GstClockTimeDiff latest = 0;

  for (std::uint64_t at = 0; at < frames; at += block) {
    const GstClockTime now = first_pts + time_of (at + block, rate);
    f.next = first_pts + time_of (at, rate);
    f.push_zeros (block);
    while (GstBuffer * buffer = gst_harness_try_pull (f.harness)) {
      const GstClockTime due = GST_BUFFER_PTS (buffer) + time_of (block, rate);
      latest = MAX (latest, GST_CLOCK_DIFF (due, now));
      gst_buffer_unref (buffer);
    }
  }
  return latest;
}

static GstClockTime
formula (std::uint64_t block)
{
  return gst_util_uint64_scale_ceil (model_latency + hop
      - std::gcd (block, hop), GST_SECOND, 48000);
}

static void
check_close (GstClockTime measured, GstClockTime reported, int rate,
    std::uint64_t block, GstClockTime tolerance)
{
  fail_unless (measured <= reported + 1 && reported <= measured + tolerance,
      "%d Hz, blocks of %u: measured %" GST_TIME_FORMAT ", reported %"
      GST_TIME_FORMAT, rate, unsigned (block), GST_TIME_ARGS (measured),
      GST_TIME_ARGS (reported));
}

START_TEST (thirty_ms_before_data)
{
  Fixture f (caps_string ("F32LE", 48000, 1));
  guint64 property;

  fail_unless_equals_uint64 (f.query_latency (), 30 * GST_MSECOND);
  g_object_get (f.element, "latency", &property, nullptr);
  fail_unless_equals_uint64 (property, 30 * GST_MSECOND);
}
END_TEST

START_TEST (as_measured_at_48_khz)
{
  for (std::uint64_t block : {1, 48, 120, 240, 441, 480, 512, 960, 1024, 1440,
          2880, 10000}) {
    Fixture f (caps_string ("F32LE", 48000, 1));
    /* Until hops and blocks have met in every way, behind the first hops. */
    const GstClockTime measured = measure_latency (f, block,
        3 * model_latency + std::lcm (block, hop));
    fail_unless_equals_uint64 (f.query_latency (), formula (block));
    check_close (measured, f.query_latency (), 48000, block,
        GST_SECOND / 48000);
  }
}
END_TEST

/* The resamplers round to whole samples of the lower rate, and not all ways in
 * which hops and blocks can meet come up. */
START_TEST (as_measured_at_other_rates)
{
  for (int rate : {8000, 11025, 16000, 22050, 32000, 44100, 96000, 192000})
    for (std::uint64_t block : {std::uint64_t (rate / 100),
            std::uint64_t (rate / 50), std::uint64_t (1024)}) {
      Fixture f (caps_string ("F32LE", rate, 1));
      const GstClockTime measured = measure_latency (f, block, rate);
      check_close (measured, f.query_latency (), rate, block,
          block == 1024 ? 2 * GST_MSECOND : 3 * GST_SECOND / MIN (rate, 48000));
      fail_unless (f.query_latency () < 52 * GST_MSECOND);
    }
}
END_TEST

START_TEST (constant_while_playing)
{
  Fixture f (caps_string ("S16LE", 48000, 2));

  for (std::uint64_t block : {480, 960, 2880, 480}) {
    f.push_zeros (block);
    fail_unless_equals_uint64 (f.query_latency (), 30 * GST_MSECOND);
  }
  for (const char *output : {"residual", "bypass", "enhanced"}) {
    gst_util_set_object_arg (G_OBJECT (f.element), "output", output);
    f.push_zeros (480);
    fail_unless_equals_uint64 (f.query_latency (), 30 * GST_MSECOND);
  }
  /* The last buffer of a stream may have any size. */
  f.push_zeros (100);
  f.eos ();
  fail_unless_equals_uint64 (f.query_latency (), 30 * GST_MSECOND);
}
END_TEST

/* Blocks that break the pattern raise the latency once, to the bound. */
START_TEST (irregular_blocks_raise_it_once)
{
  Fixture f (caps_string ("F32LE", 48000, 1));
  GstBus *bus = gst_bus_new ();
  guint messages = 0;

  gst_element_set_bus (f.element, bus);
  for (std::uint64_t block : {480, 480, 123, 480, 7, 481, 960, 33, 1000})
    f.push_zeros (block);
  while (GstMessage * message =
      gst_bus_pop_filtered (bus, GST_MESSAGE_LATENCY)) {
    messages++;
    gst_message_unref (message);
  }
  fail_unless_equals_int (messages, 1);
  fail_unless_equals_uint64 (f.query_latency (), formula (1));
  gst_element_set_bus (f.element, nullptr);
  gst_object_unref (bus);
}
END_TEST

START_TEST (upstream_latency_is_added_to)
{
  Fixture f (caps_string ("F32LE", 48000, 1));

  gst_harness_set_upstream_latency (f.harness, 20 * GST_MSECOND);
  fail_unless_equals_uint64 (f.query_latency (), 50 * GST_MSECOND);
}
END_TEST

/* The end of a live pipeline: buffers wait there for their time, and none is
 * too late. */
START_TEST (nothing_is_late_in_a_live_pipeline)
{
  GError *error = nullptr;
  GstElement *pipeline = gst_parse_launch ("audiotestsrc is-live=true "
      "num-buffers=100 samplesperbuffer=480 ! audio/x-raw,rate=48000 ! "
      "percepnet ! fakesink name=sink sync=true qos=true max-lateness=0 "
      "processing-deadline=0", &error);
  GstElement *sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  GstBus *bus = gst_element_get_bus (pipeline);
  GstStructure *stats;
  guint64 rendered, dropped;

  fail_unless (error == nullptr);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  gst_message_unref (gst_bus_timed_pop_filtered (bus, 20 * GST_SECOND,
          GstMessageType (GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
  g_object_get (sink, "stats", &stats, nullptr);
  gst_structure_get_uint64 (stats, "rendered", &rendered);
  gst_structure_get_uint64 (stats, "dropped", &dropped);
  /* A busy machine may wake us up late; a latency told too small loses all. */
  fail_unless (dropped <= 10, "%u dropped", unsigned (dropped));
  fail_unless (rendered >= 80);
  gst_structure_free (stats);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (sink);
  gst_object_unref (pipeline);
}
END_TEST

void
percepnet::test::add_latency_tests (TCase * tcase)
{
  tcase_add_test (tcase, thirty_ms_before_data);
  tcase_add_test (tcase, as_measured_at_48_khz);
  tcase_add_test (tcase, as_measured_at_other_rates);
  tcase_add_test (tcase, constant_while_playing);
  tcase_add_test (tcase, irregular_blocks_raise_it_once);
  tcase_add_test (tcase, upstream_latency_is_added_to);
  tcase_add_test (tcase, nothing_is_late_in_a_live_pipeline);
}

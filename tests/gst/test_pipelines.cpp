// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Whole pipelines that change while they play. Tones tell where each sample
// belongs.
#include <memory>

#include "recorder.hpp"

using namespace percepnet::test;

// ---- Swapped ---------------------------------------------------------------

struct Swap
{
  GstElement *pipeline;
  std::uint64_t lost = 0;       // what was in the elements that were taken out
  int done = 0;
};

/* The pad before it is blocked. */
static void
swap_element (GstPad * pad, Swap & swap)
{
  GstElement *old = gst_bin_get_by_name (GST_BIN (swap.pipeline), "p");
  GstElement *next = gst_bin_get_by_name (GST_BIN (swap.pipeline), "after");
  GstElement *fresh = gst_element_factory_make ("percepnet", nullptr);
  GstPad *sink = gst_element_get_static_pad (old, "sink");

  gst_pad_unlink (pad, sink);
  gst_element_set_state (old, GST_STATE_NULL);
  swap.lost += stat_of (old, "samples-in") - stat_of (old, "samples-out");
  gst_bin_remove (GST_BIN (swap.pipeline), old);
  gst_object_set_name (GST_OBJECT (fresh), "p");
  gst_util_set_object_arg (G_OBJECT (fresh), "output", "bypass");
  gst_bin_add (GST_BIN (swap.pipeline), fresh);
  fail_unless (gst_element_link (fresh, next));
  GstPad *fresh_sink = gst_element_get_static_pad (fresh, "sink");
  fail_unless (gst_pad_link (pad, fresh_sink) == GST_PAD_LINK_OK);
  fail_unless (gst_element_sync_state_with_parent (fresh));
  swap.done++;
  gst_object_unref (fresh_sink);
  gst_object_unref (sink);
  gst_object_unref (old);
  gst_object_unref (next);
}

static GstPadProbeReturn
swap_when_idle (GstPad * pad, GstPadProbeInfo *, gpointer data)
{
  swap_element (pad, *static_cast < Swap * >(data));
  return GST_PAD_PROBE_REMOVE;
}

static GstPadProbeReturn
drop_eos (GstPad *, GstPadProbeInfo * info, gpointer)
{
  return GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) == GST_EVENT_EOS
      ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

/* The way of GStreamer's manual: EOS empties it, and goes no further. */
static GstPadProbeReturn
drain_and_swap (GstPad * pad, GstPadProbeInfo *, gpointer data)
{
  Swap & swap = *static_cast < Swap * >(data);
  GstElement *old = gst_bin_get_by_name (GST_BIN (swap.pipeline), "p");
  GstPad *sink = gst_element_get_static_pad (old, "sink");
  GstPad *src = gst_element_get_static_pad (old, "src");

  gst_pad_add_probe (src, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, drop_eos, nullptr,
      nullptr);
  fail_unless (gst_pad_send_event (sink, gst_event_new_eos ()));
  gst_object_unref (sink);
  gst_object_unref (src);
  gst_object_unref (old);
  swap_element (pad, swap);
  return GST_PAD_PROBE_REMOVE;
}

/* Samples that are lost, of 48000; those that are left are at their place. */
static std::uint64_t
play_with_swaps (GstPadProbeCallback swapper, std::uint64_t & arrived)
{
  GstElement *pipeline = launch (tone (100, 440) + "is-live=true ! " MONO " ! "
      "queue name=before ! percepnet name=p output=bypass ! "
      "queue name=after ! fakesink name=s sync=true");
  const Recorder recorder (pipeline, "s");
  Swap swap = { pipeline };

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (int i = 0; i < 3; i++) {
    g_usleep (200000);
    GstElement *before = gst_bin_get_by_name (GST_BIN (pipeline), "before");
    GstPad *pad = gst_element_get_static_pad (before, "src");
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_IDLE, swapper, &swap, nullptr);
    gst_object_unref (pad);
    gst_object_unref (before);
  }
  wait_for_eos (pipeline);
  finish (pipeline);
  fail_unless_equals_int (swap.done, 3);
  arrived = recorder.frames ();
  recorder.check_tone (440, exact, recorder.start ());
  if (swap.lost == 0)
    recorder.check_contiguous (recorder.start ());
  return swap.lost;
}

/* What was in the elements that were taken out is lost, no more. */
START_TEST (swapped_while_playing)
{
  std::uint64_t arrived;
  const std::uint64_t lost = play_with_swaps (swap_when_idle, arrived);

  fail_unless (lost > 0 && lost <= 3 * (model_latency + 480), "%d", int (lost));
  fail_unless_equals_uint64 (arrived, 48000 - lost);
}
END_TEST

START_TEST (swapped_without_loss)
{
  std::uint64_t arrived;

  fail_unless_equals_uint64 (play_with_swaps (drain_and_swap, arrived), 0);
  fail_unless_equals_uint64 (arrived, 48000);
}
END_TEST

// ---- Caps ------------------------------------------------------------------

/* A caps filter before or behind it that changes its mind. */
static void
change_formats (const char *where)
{
  GstElement *pipeline = launch (tone (150, 440) + "! audioconvert ! "
      "capsfilter name=before caps=audio/x-raw,rate=48000,channels=1 ! percepnet "
      "output=bypass ! capsfilter name=behind caps=audio/x-raw ! "
      "fakesink name=s sync=true");
  const Recorder recorder (pipeline, "s");
  GstElement *filter = gst_bin_get_by_name (GST_BIN (pipeline), where);

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (const char *format : {"S16LE", "F64LE", "S32LE"}) {
    g_usleep (300000);
    const std::string caps = std::string ("audio/x-raw,rate=48000,format=") + format;
    gst_util_set_object_arg (G_OBJECT (filter), "caps", caps.c_str ());
  }
  wait_for_eos (pipeline);
  gst_object_unref (filter);
  finish (pipeline);
  fail_unless (recorder.has (GST_AUDIO_FORMAT_S16LE));
  fail_unless (recorder.has (GST_AUDIO_FORMAT_F64LE));
  fail_unless (recorder.has (GST_AUDIO_FORMAT_S32LE));
  fail_unless_equals_uint64 (recorder.frames (), 150 * hop);
  recorder.check_contiguous ();
  recorder.check_tone (440, 2.0 / 32768);       // dithered
}

START_TEST (caps_change_before)
{
  change_formats ("before");
}
END_TEST

START_TEST (caps_change_behind)
{
  change_formats ("behind");
}
END_TEST

// ---- Seeks -----------------------------------------------------------------

START_TEST (seeks_with_rates)
{
  GstElement *pipeline = launch (tone (1000, 440) + "! " MONO " ! percepnet "
      "output=bypass voice-activity-messages=true ! fakesink name=s");

  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  for (double rate : {0.5, 2.0, 1.0, 1.5}) {
    gst_element_get_state (pipeline, nullptr, nullptr, 10 * GST_SECOND);
    const Recorder recorder (pipeline, "s");
    fail_unless (gst_element_seek (pipeline, rate, GST_FORMAT_TIME,
            GST_SEEK_FLAG_FLUSH, GST_SEEK_TYPE_SET, GST_SECOND,
            GST_SEEK_TYPE_SET, 2 * GST_SECOND));
    gst_element_set_state (pipeline, GST_STATE_PLAYING);
    wait_for_eos (pipeline);
    gst_element_set_state (pipeline, GST_STATE_READY);
    fail_unless (recorder.frames () >= 48000 && recorder.frames () <= 48480,
        "%g: %d", rate, int (recorder.frames ()));
    gst_element_set_state (pipeline, GST_STATE_PAUSED);
  }
  finish (pipeline);
}
END_TEST

// ---- Many ------------------------------------------------------------------

/* They share one model, and each has its own thread that looks at the clock. Every
 * second one enhances; what the others give back is the tone of their own. */
START_TEST (fifty_live_elements)
{
  constexpr int elements = 50;
  std::vector < std::unique_ptr < Recorder >> recorders;
  std::string line;

  for (int i = 0; i < elements; i++)
    line += tone (20, 200 + 10 * i) + "is-live=true ! " MONO " ! queue ! percepnet "
        + (i % 2 ? "" : "output=bypass ") + "! fakesink sync=true name=s"
        + std::to_string (i) + " ";
  GstElement *pipeline = launch (line);
  for (int i = 0; i < elements; i++)
    recorders.push_back (std::make_unique < Recorder >
        (pipeline, "s" + std::to_string (i)));

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  wait_for_eos (pipeline);
  finish (pipeline);
  for (int i = 0; i < elements; i++) {
    const Recorder & recorder = *recorders[i];
    fail_unless_equals_uint64 (recorder.frames (), 20 * hop);
    recorder.check_contiguous (recorder.start ());
    if (i % 2 == 0)
      recorder.check_tone (200 + 10 * i, exact, recorder.start ());
  }
}
END_TEST

void
percepnet::test::add_pipelines_tests (TCase * tcase)
{
  tcase_add_test (tcase, swapped_while_playing);
  tcase_add_test (tcase, swapped_without_loss);
  tcase_add_test (tcase, caps_change_before);
  tcase_add_test (tcase, caps_change_behind);
  tcase_add_test (tcase, seeks_with_rates);
  tcase_add_test (tcase, fifty_live_elements);
}

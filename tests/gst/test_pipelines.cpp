// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Whole pipelines that change while they play.
#include "fixture.hpp"

using namespace percepnet::test;

static GstElement *
launch (const char *line)
{
  GError *error = nullptr;
  GstElement *pipeline = gst_parse_launch (line, &error);
  fail_unless (pipeline != nullptr && error == nullptr, "%s",
      error ? error->message : line);
  return pipeline;
}

/* Until EOS; errors fail. */
static void
wait_for_eos (GstElement * pipeline)
{
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message = gst_bus_timed_pop_filtered (bus, 30 * GST_SECOND,
      GstMessageType (GST_MESSAGE_EOS | GST_MESSAGE_ERROR));
  fail_unless (message != nullptr
      && GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS);
  gst_message_unref (message);
  gst_object_unref (bus);
}

static void
finish (GstElement * pipeline)
{
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}

static GstPadProbeReturn
count_frames (GstPad *, GstPadProbeInfo * info, gpointer total)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  *static_cast < std::uint64_t * >(total) += gst_buffer_get_size (buffer) / 4;
  return GST_PAD_PROBE_OK;
}

/* Frames of 4 bytes that come into the sink named s. */
static void
count_at_sink (GstElement * pipeline, std::uint64_t & total)
{
  GstElement *sink = gst_bin_get_by_name (GST_BIN (pipeline), "s");
  GstPad *pad = gst_element_get_static_pad (sink, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, count_frames, &total,
      nullptr);
  gst_object_unref (pad);
  gst_object_unref (sink);
}

/* The way of the manual: the pad before it is blocked meanwhile. */
static GstPadProbeReturn
swap_element (GstPad * pad, GstPadProbeInfo *, gpointer data)
{
  GstElement *pipeline = GST_ELEMENT (data);
  GstElement *old = gst_bin_get_by_name (GST_BIN (pipeline), "p");
  GstElement *next = gst_bin_get_by_name (GST_BIN (pipeline), "after");
  GstElement *fresh = gst_element_factory_make ("percepnet", nullptr);
  GstPad *sink = gst_element_get_static_pad (old, "sink");

  gst_pad_unlink (pad, sink);
  gst_element_set_state (old, GST_STATE_NULL);
  gst_bin_remove (GST_BIN (pipeline), old);
  gst_object_set_name (GST_OBJECT (fresh), "p");
  gst_bin_add (GST_BIN (pipeline), fresh);
  fail_unless (gst_element_link (fresh, next));
  GstPad *fresh_sink = gst_element_get_static_pad (fresh, "sink");
  fail_unless (gst_pad_link (pad, fresh_sink) == GST_PAD_LINK_OK);
  fail_unless (gst_element_sync_state_with_parent (fresh));
  gst_object_unref (fresh_sink);
  gst_object_unref (sink);
  gst_object_unref (old);
  gst_object_unref (next);
  return GST_PAD_PROBE_REMOVE;
}

START_TEST (swapped_while_playing)
{
  GstElement *pipeline = launch ("audiotestsrc is-live=true num-buffers=100 "
      "samplesperbuffer=480 ! audio/x-raw,rate=48000,format=F32LE,channels=1 ! "
      "queue name=before ! percepnet name=p output=bypass ! "
      "queue name=after ! fakesink name=s sync=true");
  std::uint64_t frames = 0;

  count_at_sink (pipeline, frames);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (int i = 0; i < 3; i++) {
    g_usleep (200000);
    GstElement *before = gst_bin_get_by_name (GST_BIN (pipeline), "before");
    GstPad *pad = gst_element_get_static_pad (before, "src");
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_IDLE, swap_element, pipeline,
        nullptr);
    gst_object_unref (pad);
    gst_object_unref (before);
  }
  wait_for_eos (pipeline);
  /* What was in the elements that were taken out is lost, no more. */
  fail_unless (frames >= 48000 - 3 * (model_latency + 480) && frames <= 48000,
      "%d", int (frames));
  finish (pipeline);
}
END_TEST

/* A caps filter before or behind it that changes its mind. */
START_TEST (caps_change_before_and_behind)
{
  for (const char *where : {"before", "behind"}) {
    GstElement *pipeline = launch ("audiotestsrc num-buffers=300 "
        "samplesperbuffer=480 ! audioconvert ! audioresample ! "
        "capsfilter name=before caps=audio/x-raw,rate=48000,channels=1 ! "
        "percepnet ! capsfilter name=behind caps=audio/x-raw ! "
        "fakesink name=s sync=true");
    GstElement *filter = gst_bin_get_by_name (GST_BIN (pipeline), where);
    gst_element_set_state (pipeline, GST_STATE_PLAYING);
    for (const char *caps : {"audio/x-raw,format=S16LE,channels=1,rate=48000",
            "audio/x-raw,format=F64LE,channels=1,rate=48000",
            "audio/x-raw,format=S32LE,channels=1,rate=48000"}) {
      g_usleep (300000);
      gst_util_set_object_arg (G_OBJECT (filter), "caps", caps);
    }
    wait_for_eos (pipeline);
    gst_object_unref (filter);
    finish (pipeline);
  }
}
END_TEST

/* Sources in a row, each with its own segment, as in a playlist. */
START_TEST (gapless_playlist)
{
  GstElement *pipeline = launch ("concat name=c ! percepnet output=bypass ! "
      "fakesink name=s "
      "audiotestsrc num-buffers=7 samplesperbuffer=1000 ! "
      "audio/x-raw,rate=48000,format=F32LE,channels=1 ! c. "
      "audiotestsrc num-buffers=5 samplesperbuffer=777 wave=square ! "
      "audio/x-raw,rate=48000,format=F32LE,channels=1 ! c. "
      "audiotestsrc num-buffers=1 samplesperbuffer=100 ! "
      "audio/x-raw,rate=48000,format=F32LE,channels=1 ! c.");
  std::uint64_t frames = 0;

  count_at_sink (pipeline, frames);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  wait_for_eos (pipeline);
  fail_unless_equals_uint64 (frames, 7000 + 5 * 777 + 100);
  finish (pipeline);
}
END_TEST

START_TEST (seeks_with_rates)
{
  GstElement *pipeline = launch ("audiotestsrc num-buffers=1000 "
      "samplesperbuffer=480 ! audio/x-raw,rate=48000,format=F32LE,channels=1 ! "
      "percepnet voice-activity-messages=true ! fakesink name=s");
  std::uint64_t frames;

  count_at_sink (pipeline, frames);
  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  for (double rate : {0.5, 2.0, 1.0, 1.5}) {
    gst_element_get_state (pipeline, nullptr, nullptr, 10 * GST_SECOND);
    fail_unless (gst_element_seek (pipeline, rate, GST_FORMAT_TIME,
            GST_SEEK_FLAG_FLUSH, GST_SEEK_TYPE_SET, GST_SECOND,
            GST_SEEK_TYPE_SET, 2 * GST_SECOND));
    gst_element_get_state (pipeline, nullptr, nullptr, 10 * GST_SECOND);
    frames = 0;                 // but for what is in the sink
    gst_element_set_state (pipeline, GST_STATE_PLAYING);
    wait_for_eos (pipeline);
    fail_unless (frames >= 45000 && frames <= 48480, "%g: %d", rate,
        int (frames));
    gst_element_set_state (pipeline, GST_STATE_READY);
    gst_element_set_state (pipeline, GST_STATE_PAUSED);
  }
  finish (pipeline);
}
END_TEST

/* They share one model, and each has its own thread that looks at the clock. */
START_TEST (fifty_live_elements)
{
  std::string line;
  for (int i = 0; i < 50; i++)
    line += "audiotestsrc is-live=true num-buffers=20 samplesperbuffer=480 ! "
        "audio/x-raw,rate=48000,channels=1 ! queue ! percepnet ! "
        "fakesink sync=true ";
  GstElement *pipeline = launch (line.c_str ());

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  wait_for_eos (pipeline);
  finish (pipeline);
}
END_TEST

void
percepnet::test::add_pipelines_tests (TCase * tcase)
{
  tcase_add_test (tcase, swapped_while_playing);
  tcase_add_test (tcase, caps_change_before_and_behind);
  tcase_add_test (tcase, gapless_playlist);
  tcase_add_test (tcase, seeks_with_rates);
  tcase_add_test (tcase, fifty_live_elements);
}

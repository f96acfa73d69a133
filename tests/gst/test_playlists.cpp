// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// One recording after the other without a pause in between.
#include <glib/gstdio.h>

#include "recorder.hpp"

using namespace percepnet::test;

/* Sources in a row, each with its own segment. */
START_TEST (gapless_playlist)
{
  GstElement *pipeline = launch ("concat name=c ! percepnet output=bypass ! "
      "fakesink name=s " + tone (7, 440, 1000) + "! " MONO " ! c. "
      + tone (5, 660, 777) + "! " MONO " ! c. " + tone (1, 880, 100) + "! " MONO " ! c.");
  const Recorder recorder (pipeline, "s");
  const std::uint64_t second = 7000, third = second + 5 * 777;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  wait_for_eos (pipeline);
  finish (pipeline);
  fail_unless_equals_uint64 (recorder.frames (), third + 100);
  recorder.check_contiguous ();
  recorder.check_tone (440, exact, 0, time_of (second));
  recorder.check_tone (660, exact, time_of (second), time_of (third));
  recorder.check_tone (880, exact, time_of (third));
}
END_TEST

/* A recording in a folder that is thrown away. */
class Recording
{
public:
  Recording (int buffers, int hz, int block)
      : folder_ (g_dir_make_tmp ("percepnet-XXXXXX", nullptr)),
      path_ (g_build_filename (folder_, "tone.wav", nullptr))
  {
    GstElement *pipeline = launch (tone (buffers, hz, block) + "! " MONO
        " ! wavenc ! filesink location=" + path_);
    gst_element_set_state (pipeline, GST_STATE_PLAYING);
    wait_for_eos (pipeline);
    finish (pipeline);
  }
  ~Recording ()
  {
    g_unlink (path_);
    g_rmdir (folder_);
    g_free (path_);
    g_free (folder_);
  }
  Recording (const Recording &) = delete;
  Recording & operator = (const Recording &) = delete;

  std::string path () const { return path_; }
  std::string uri () const { return std::string ("file://") + path_; }

private:
  gchar *folder_, *path_;
};

static void
seek_to_part (GstElement * pipeline, int flags)
{
  fail_unless (gst_element_seek (pipeline, 1.0, GST_FORMAT_TIME,
          GstSeekFlags (GST_SEEK_FLAG_ACCURATE | flags), GST_SEEK_TYPE_SET,
          GST_SECOND, GST_SEEK_TYPE_SET, 1500 * GST_MSECOND));
}

/* A part of a recording again and again, by segment seeks. */
START_TEST (a_loop_has_no_seams)
{
  const Recording recording (20, 440, 4800);
  GstElement *pipeline = launch ("filesrc location=" + recording.path ()
      + " ! wavparse ! percepnet output=bypass ! fakesink name=s");
  Recorder recorder (pipeline, "s");
  GstBus *bus = gst_element_get_bus (pipeline);

  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  gst_element_get_state (pipeline, nullptr, nullptr, 10 * GST_SECOND);
  recorder.forget ();
  seek_to_part (pipeline, GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_SEGMENT);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (int flags : {int (GST_SEEK_FLAG_SEGMENT), 0}) {
    GstMessage *message = gst_bus_timed_pop_filtered (bus, 30 * GST_SECOND,
        GST_MESSAGE_SEGMENT_DONE);
    fail_unless (message != nullptr);
    gst_message_unref (message);
    seek_to_part (pipeline, flags);
  }
  wait_for_eos (pipeline);
  gst_element_set_state (pipeline, GST_STATE_READY);
  gst_object_unref (bus);
  fail_unless_equals_uint64 (recorder.frames (), 3 * 24000);
  recorder.check_contiguous ();
  for (int i = 0; i < 3; i++)   // 220 whole waves
    recorder.check_tone (440, 1e-4, time_of (i * 24000), time_of ((i + 1) * 24000));
  finish (pipeline);
}
END_TEST

struct Next
{
  std::vector < std::string >uris;
  std::size_t at = 0;
};

static void
play_next (GstElement * player, Next * next)
{
  if (next->at < next->uris.size ())
    g_object_set (player, "uri", next->uris[next->at++].c_str (), nullptr);
}

/* Players know what follows before the end: samples in are samples out, across the
 * seams. */
static void
play (const char *player_name)
{
  const Recording first (11, 440, 4373), second (7, 660, 4801), third (9, 880, 999);
  const std::uint64_t seams[] = { 11 * 4373, 11 * 4373 + 7 * 4801,
        11 * 4373 + 7 * 4801 + 9 * 999 };
  Next next = { { second.uri (), third.uri () } };
  GstElement *player = gst_element_factory_make (player_name, nullptr);
  GstElement *filter = gst_element_factory_make ("percepnet", nullptr);
  GstElement *sink = gst_element_factory_make ("fakesink", nullptr);

  fail_unless (player && filter && sink);
  {
    const Recorder recorder (sink);
    gst_util_set_object_arg (G_OBJECT (filter), "output", "bypass");
    g_object_set (player, "audio-filter", filter, "audio-sink", sink, "uri",
        first.uri ().c_str (), nullptr);
    g_signal_connect (player, "about-to-finish", G_CALLBACK (play_next), &next);
    gst_element_set_state (player, GST_STATE_PLAYING);
    wait_for_eos (player);
    gst_element_set_state (player, GST_STATE_READY);
    fail_unless_equals_uint64 (recorder.frames (), seams[2]);
    recorder.check_contiguous (0, 2);   // rounding of the segments
    recorder.check_tone (440, exact, 0, time_of (seams[0]));
    recorder.check_tone (660, exact, time_of (seams[0]), time_of (seams[1]));
    recorder.check_tone (880, exact, time_of (seams[1]));
  }
  finish (player);
}

START_TEST (playbin3_goes_on_without_a_gap)
{
  play ("playbin3");
}
END_TEST

START_TEST (playbin_goes_on_without_a_gap)
{
  play ("playbin");
}
END_TEST

void
percepnet::test::add_playlists_tests (TCase * tcase)
{
  tcase_add_test (tcase, gapless_playlist);
  tcase_add_test (tcase, a_loop_has_no_seams);
  tcase_add_test (tcase, playbin3_goes_on_without_a_gap);
  tcase_add_test (tcase, playbin_goes_on_without_a_gap);
}

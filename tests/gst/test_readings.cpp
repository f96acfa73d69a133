// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// What the element tells: messages, metadata, statistics.
#include "fixture.hpp"

using namespace percepnet::test;

START_TEST (level_meta)
{
  Fixture f (caps_string ("F32LE", 48000, 1),
      "percepnet output=bypass audio-level-meta=true");
  std::vector < float >in (48000);
  guint found = 0;

  for (std::size_t i = 0; i < 24000; i++)
    in[i] = float (0.1 * std::sqrt (2.0) * std::sin (2 * G_PI * i / 48));
  f.push_all (to_bytes (in), 960);
  f.eos ();
  while (GstBuffer * buffer = gst_harness_try_pull (f.harness)) {
    const GstAudioLevelMeta *meta = gst_buffer_get_audio_level_meta (buffer);
    const std::uint64_t at = GST_BUFFER_OFFSET (buffer);
    fail_unless (meta != nullptr);
    if (at >= 960 && at < 22000)
      fail_unless_equals_int (meta->level, 20);
    if (at >= 26000 && at < 46000)
      fail_unless_equals_int (meta->level, 127);
    found++;
    gst_buffer_unref (buffer);
  }
  fail_unless (found > 40);
}
END_TEST

/* Asked for in mid-stream, it is that of the samples it is on. */
START_TEST (level_meta_from_now_on)
{
  Fixture f (caps_string ("F32LE", 48000, 1));
  const std::vector < float >loud (48000, 0.25f);

  f.push (loud.data (), 24000);
  f.push_zeros (24000);
  f.collect ();
  g_object_set (f.element, "audio-level-meta", TRUE, nullptr);
  f.push_zeros (hop);
  GstBuffer *buffer = gst_harness_pull (f.harness);
  const GstAudioLevelMeta *meta = gst_buffer_get_audio_level_meta (buffer);
  fail_unless (meta != nullptr);
  fail_unless_equals_int (meta->level, 127);
  gst_buffer_unref (buffer);
}
END_TEST

START_TEST (no_meta_by_default)
{
  Fixture f (caps_string ("F32LE", 48000, 1));
  f.push_zeros (9600);
  GstBuffer *buffer = gst_harness_pull (f.harness);
  fail_unless (gst_buffer_get_audio_level_meta (buffer) == nullptr);
  gst_buffer_unref (buffer);
}
END_TEST

/* Whatever the model finds in it: messages alternate and have their fields. */
START_TEST (voice_activity_messages)
{
  Fixture f (caps_string ("F32LE", 48000, 1),
      "percepnet voice-activity-messages=true");
  GstBus *bus = gst_bus_new ();
  gboolean active = FALSE;

  gst_element_set_bus (f.element, bus);
  std::vector < float >in (96000);
  for (std::size_t i = 0; i < in.size (); i++)
    for (int h = 1; h < 20; h++)
      in[i] += i / 24000 % 2 ? 0 : float (0.05 / h
          * std::sin (2 * G_PI * 120 * h * double (i) / 48000));
  f.push_all (to_bytes (in), 480);
  while (GstMessage * message =
      gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT)) {
    const GstStructure *s = gst_message_get_structure (message);
    gboolean has_voice;
    guint64 time, stream_time, running_time;
    fail_unless (gst_structure_has_name (s, "voice-activity"));
    fail_unless (gst_structure_get (s, "stream-has-voice", G_TYPE_BOOLEAN,
            &has_voice, "timestamp", G_TYPE_UINT64, &time, "stream-time",
            G_TYPE_UINT64, &stream_time, "running-time", G_TYPE_UINT64,
            &running_time, nullptr));
    fail_unless (gst_structure_has_field_typed (s, "voice-probability",
            G_TYPE_FLOAT));
    fail_unless (gst_structure_has_field_typed (s, "snr", G_TYPE_FLOAT));
    fail_unless (has_voice == !active);
    fail_unless (time >= first_pts && time <= first_pts + 2 * GST_SECOND);
    fail_unless_equals_uint64 (stream_time, time);
    active = has_voice;
    gst_message_unref (message);
  }
  gst_element_set_bus (f.element, nullptr);
  gst_object_unref (bus);
}
END_TEST

START_TEST (statistics_count)
{
  Fixture f (caps_string ("S16LE", 48000, 2), "percepnet");
  gfloat probability, snr;
  GstStructure *stats;

  for (int i = 0; i < 100; i++)
    f.push_zeros (480);
  fail_unless_equals_uint64 (f.stat ("hops"), 100);
  fail_unless_equals_uint64 (f.stat ("samples-in"), 48000);
  fail_unless_equals_uint64 (f.stat ("samples-out"), 48000 - model_latency);
  fail_unless_equals_uint64 (f.stat ("latency"), 30 * GST_MSECOND);
  fail_unless (f.stat ("cpu-time") > 0);
  f.eos ();
  fail_unless_equals_uint64 (f.stat ("samples-out"), 48000);
  fail_unless_equals_uint64 (f.stat ("resets"), 1);
  g_object_get (f.element, "voice-probability", &probability, "snr", &snr,
      "stats", &stats, nullptr);
  fail_unless (probability >= 0 && probability <= 1);
  fail_unless (snr >= -30 && snr <= 60);
  fail_unless (gst_structure_has_field_typed (stats, "cpu-load",
          G_TYPE_DOUBLE));
  fail_unless (gst_structure_has_field_typed (stats, "simd", G_TYPE_STRING));
  gst_structure_free (stats);
}
END_TEST

/* Also of what has not come out yet. */
START_TEST (statistics_are_up_to_date)
{
  Fixture f (caps_string ("F32LE", 48000, 1), "percepnet");

  f.push_zeros (hop);
  fail_unless_equals_uint64 (f.stat ("hops"), 1);
  fail_unless_equals_uint64 (f.stat ("samples-in"), hop);
  f.push_zeros (hop / 2);
  fail_unless_equals_uint64 (f.stat ("samples-in"), hop + hop / 2);
  f.event (gst_event_new_gap (f.next, time_of (hop / 2)));
  fail_unless_equals_uint64 (f.stat ("gap-samples"), hop / 2);
  fail_unless_equals_uint64 (f.stat ("samples-out"), 0);
}
END_TEST

/* Nothing is known of a stream that is over; its counts stay. */
START_TEST (readings_of_a_stopped_element)
{
  Fixture f (caps_string ("F32LE", 48000, 1), "percepnet");
  const std::vector < float >in = noise (48000);
  gfloat snr;

  f.push (in.data (), 48000);
  g_object_get (f.element, "snr", &snr, nullptr);
  fail_unless (snr != 0);
  gst_element_set_state (f.element, GST_STATE_READY);
  g_object_get (f.element, "snr", &snr, nullptr);
  fail_unless (snr == 0);
  fail_unless_equals_uint64 (f.stat ("samples-in"), 48000);
}
END_TEST

void
percepnet::test::add_readings_tests (TCase * tcase)
{
  tcase_add_test (tcase, level_meta);
  tcase_add_test (tcase, level_meta_from_now_on);
  tcase_add_test (tcase, no_meta_by_default);
  tcase_add_test (tcase, voice_activity_messages);
  tcase_add_test (tcase, statistics_count);
  tcase_add_test (tcase, statistics_are_up_to_date);
  tcase_add_test (tcase, readings_of_a_stopped_element);
}

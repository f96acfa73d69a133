// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Metas of the input come out with the sample that they came in with.
#include "ramp.hpp"

using namespace percepnet::test;

static GstBuffer *
ramp_buffer (Fixture & f, std::uint64_t at, std::uint64_t count)
{
  const Bytes data = ramp (at, count);
  GstBuffer *buffer = f.make_buffer (data.data (), count);
  GST_BUFFER_PTS (buffer) = first_pts + time_of (at);
  return buffer;
}

static guint
count_metas (GstBuffer * buffer, GType api)
{
  return gst_buffer_get_n_meta (buffer, api);
}

/* Capture times, of blocks that are no whole hops. */
START_TEST (reference_timestamps_stay_with_their_sample)
{
  for (std::uint64_t block : {480, 960, 1000, 100, 1500}) {
    Fixture f (caps_string ("F32LE", 48000, 1));
    GstCaps *reference = gst_caps_from_string ("timestamp/x-ntp");
    guint found = 0;

    for (guint i = 0; i < 100; i++) {
      GstBuffer *buffer = ramp_buffer (f, i * block, block);
      gst_buffer_add_reference_timestamp_meta (buffer, reference, i, i + 1);
      gst_harness_push (f.harness, buffer);
    }
    f.eos ();
    while (GstBuffer * buffer = gst_harness_try_pull (f.harness)) {
      const guint count =
          count_metas (buffer, GST_REFERENCE_TIMESTAMP_META_API_TYPE);
      fail_unless (count <= 1);
      if (count == 1) {
        const GstReferenceTimestampMeta *meta =
            gst_buffer_get_reference_timestamp_meta (buffer, reference);
        float first;
        fail_unless_equals_uint64 (meta->timestamp, found);
        fail_unless_equals_uint64 (meta->duration, found + 1);
        fail_unless_equals_uint64 (GST_BUFFER_PTS (buffer),
            first_pts + time_of (found * block));
        gst_buffer_extract (buffer, 0, &first, sizeof first);
        fail_unless (first == float (found * block + 1) / (1 << 24));
        found++;
      }
      gst_buffer_unref (buffer);
    }
    fail_unless_equals_int (found, 100);
    gst_caps_unref (reference);
  }
}
END_TEST

/* As GstBaseTransform decides: no tags, or only of the audio that stays. */
START_TEST (what_is_tied_to_memory_stays_behind)
{
  static const struct
  {
    const char *name, *tag;
    bool kept;
  } kinds[] = {
    {"PercepnetTestPlain", nullptr, true},
    {"PercepnetTestAudio", GST_META_TAG_AUDIO_STR, true},
    {"PercepnetTestMemory", GST_META_TAG_MEMORY_STR, false},
  };

  for (const auto & kind : kinds) {
    Fixture f (caps_string ("F32LE", 48000, 1));
    const gchar *tags[] = { kind.tag, nullptr };
    gst_meta_register_custom (kind.name, tags, nullptr, nullptr, nullptr);
    GstBuffer *buffer = ramp_buffer (f, 0, 960);
    GstCustomMeta *meta = gst_buffer_add_custom_meta (buffer, kind.name);
    gst_structure_set (gst_custom_meta_get_structure (meta), "n", G_TYPE_INT,
        42, nullptr);
    gst_harness_push (f.harness, buffer);
    f.eos ();
    buffer = gst_harness_pull (f.harness);
    meta = gst_buffer_get_custom_meta (buffer, kind.name);
    fail_unless ((meta != nullptr) == kind.kept, "%s", kind.name);
    gint n = 0;
    if (meta)
      fail_unless (gst_structure_get_int (gst_custom_meta_get_structure (meta),
              "n", &n) && n == 42);
    gst_buffer_unref (buffer);
  }
}
END_TEST

/* The layout of planar buffers is told once, and is that of the output. */
START_TEST (planar_buffers_have_one_audio_meta)
{
  Fixture f (caps_string ("F32LE", 48000, 2, true));

  f.push_zeros (1000);
  f.push_zeros (1000);
  f.eos ();
  while (GstBuffer * buffer = gst_harness_try_pull (f.harness)) {
    fail_unless_equals_int (count_metas (buffer, GST_AUDIO_META_API_TYPE), 1);
    fail_unless_equals_uint64 (gst_buffer_get_audio_meta (buffer)->samples * 8,
        gst_buffer_get_size (buffer));
    gst_buffer_unref (buffer);
  }
}
END_TEST

/* A level that was measured before the element: replaced by its own. Whether it
 * is carried over otherwise, the meta itself decides. */
START_TEST (levels_are_replaced)
{
  Fixture f (caps_string ("F32LE", 48000, 1));

  g_object_set (f.element, "audio-level-meta", TRUE, nullptr);
  for (guint i = 0; i < 10; i++) {
    GstBuffer *buffer = f.make_buffer (Bytes (3840).data (), 960);
    gst_buffer_add_audio_level_meta (buffer, 33, TRUE);
    gst_harness_push (f.harness, buffer);
  }
  f.eos ();
  while (GstBuffer * buffer = gst_harness_try_pull (f.harness)) {
    fail_unless_equals_int (count_metas (buffer,
            GST_AUDIO_LEVEL_META_API_TYPE), 1);
    fail_unless_equals_int (gst_buffer_get_audio_level_meta (buffer)->level,
        127);
    gst_buffer_unref (buffer);
  }
}
END_TEST

START_TEST (a_flush_drops_metas)
{
  Fixture f (caps_string ("F32LE", 48000, 1));
  GstCaps *reference = gst_caps_from_string ("timestamp/x-ntp");
  GstBuffer *buffer = ramp_buffer (f, 0, 480);
  GstSegment segment;

  gst_buffer_add_reference_timestamp_meta (buffer, reference, 1, 1);
  gst_harness_push (f.harness, buffer);
  f.event (gst_event_new_flush_start ());
  f.event (gst_event_new_flush_stop (TRUE));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  f.event (gst_event_new_segment (&segment));
  gst_harness_push (f.harness, ramp_buffer (f, 0, 480));
  f.eos ();
  while ((buffer = gst_harness_try_pull (f.harness))) {
    fail_unless_equals_int (count_metas (buffer,
            GST_REFERENCE_TIMESTAMP_META_API_TYPE), 0);
    gst_buffer_unref (buffer);
  }
  gst_caps_unref (reference);
}
END_TEST

void
percepnet::test::add_metas_tests (TCase * tcase)
{
  tcase_add_test (tcase, reference_timestamps_stay_with_their_sample);
  tcase_add_test (tcase, what_is_tied_to_memory_stays_behind);
  tcase_add_test (tcase, planar_buffers_have_one_audio_meta);
  tcase_add_test (tcase, levels_are_replaced);
  tcase_add_test (tcase, a_flush_drops_metas);
}

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Properties: defaults, bad values, changes while playing, control over time;
// the model file; messages, metadata and statistics.
#include "fixture.hpp"

#include <algorithm>
#include <unistd.h>

#include <glib/gstdio.h>
#include <gst/controller/gstdirectcontrolbinding.h>
#include <gst/controller/gstinterpolationcontrolsource.h>

using namespace percepnet::test;

static GstElement *
make (void)
{
  GstElement *element = gst_element_factory_make ("percepnet", nullptr);
  fail_unless (element != nullptr);
  return GST_ELEMENT (gst_object_ref_sink (element));
}

START_TEST (defaults)
{
  GstElement *e = make ();
  gchar *model;
  gfloat limit, mix, post_filter;
  gint output, mode;
  gboolean messages, meta;

  g_object_get (e, "model", &model, "attenuation-limit", &limit, "mix", &mix,
      "post-filter", &post_filter, "output", &output, "channel-mode", &mode,
      "voice-activity-messages", &messages, "audio-level-meta", &meta, nullptr);
  fail_unless (model == nullptr);
  fail_unless (limit == 100 && mix == 1 && post_filter == 0.5f);
  fail_unless (output == 0 && mode == 0 && !messages && !meta);
  gst_object_unref (e);
}
END_TEST

/* Every property says what it is, when it can change, and its unit or range. */
START_TEST (documentation)
{
  GstElement *e = make ();
  GObjectClass *klass = G_OBJECT_GET_CLASS (e);
  guint count, own = 0;
  GParamSpec **specs = g_object_class_list_properties (klass, &count);

  for (guint i = 0; i < count; i++) {
    const GParamSpec *spec = specs[i];
    if (spec->owner_type != G_OBJECT_TYPE (e))
      continue;
    own++;
    fail_unless (std::strlen (g_param_spec_get_blurb (specs[i])) > 30, "%s",
        spec->name);
    if (!(spec->flags & G_PARAM_WRITABLE))
      continue;
    const bool ready = !std::strcmp (spec->name, "model");
    fail_unless (!!(spec->flags & GST_PARAM_MUTABLE_READY) == ready);
    fail_unless (!!(spec->flags & GST_PARAM_MUTABLE_PLAYING) == !ready);
  }
  fail_unless_equals_int (own, 15);
  for (const char *name : {"attenuation-limit", "mix", "post-filter", "output"})
    fail_unless (g_object_class_find_property (klass, name)->flags
        & GST_PARAM_CONTROLLABLE);
  g_free (specs);
  gst_object_unref (e);
}
END_TEST

START_TEST (presets)
{
  static const struct
  {
    const char *name;
    float limit, post_filter;
  } presets[] = { {"call", 100, 1}, {"voice-over", 30, 0.5}, {"recogniser", 15, 0} };
  GstElement *e = make ();
  gchar **names = gst_preset_get_preset_names (GST_PRESET (e));

  fail_unless_equals_int (g_strv_length (names), 3);
  for (const auto & preset : presets) {
    gfloat limit, post_filter;
    gchar *comment;
    fail_unless (gst_preset_load_preset (GST_PRESET (e), preset.name));
    g_object_get (e, "attenuation-limit", &limit, "post-filter", &post_filter,
        nullptr);
    fail_unless (limit == preset.limit && post_filter == preset.post_filter);
    fail_unless (gst_preset_get_meta (GST_PRESET (e), preset.name, "comment",
            &comment));
    g_free (comment);
  }
  g_strfreev (names);
  gst_object_unref (e);
}
END_TEST

/* What people search for is in the element's description. */
START_TEST (found_by_its_words)
{
  GstElementFactory *factory = gst_element_factory_find ("percepnet");
  std::string text;

  for (const char *key : {GST_ELEMENT_METADATA_LONGNAME,
          GST_ELEMENT_METADATA_DESCRIPTION})
    text += gst_element_factory_get_metadata (factory, key);
  for (const char *word : {"Noise suppression", "Denoise", "noise", "speech"})
    fail_unless (text.find (word) != std::string::npos, "%s", word);
  gst_object_unref (factory);
}
END_TEST

/* The input, delayed, comes out of every way of asking for it. */
START_TEST (dry_outputs_are_exact)
{
  const Bytes in = to_bytes (noise (20000));

  for (const char *launch : {"percepnet output=bypass", "percepnet mix=0",
          "percepnet attenuation-limit=0"}) {
    Fixture f (caps_string ("F32LE", 48000, 1), launch);
    f.push_all (in, 1000);
    f.eos ();
    f.collect ();
    fail_unless (f.out == in, "%s", launch);
  }
}
END_TEST

/* Enhanced and residual add up to the input. */
START_TEST (residual_is_what_is_missing)
{
  const std::vector < float >in = noise (20000);
  std::vector < float >sum (in.size ());

  for (const char *launch : {"percepnet", "percepnet output=residual"}) {
    Fixture f (caps_string ("F32LE", 48000, 1), launch);
    f.push_all (to_bytes (in), 1000);
    f.eos ();
    f.collect ();
    const std::vector < float >out = f.floats ();
    for (std::size_t i = 0; i < in.size (); i++)
      sum[i] += out[i];
  }
  for (std::size_t i = 0; i < in.size (); i++)
    fail_unless (std::fabs (sum[i] - in[i]) < 1e-5);
}
END_TEST

static float
largest_step (const std::vector < float >&signal)
{
  float step = 0;
  for (std::size_t i = 1; i < signal.size (); i++)
    step = MAX (step, std::fabs (signal[i] - signal[i - 1]));
  return step;
}

/* From all to nothing and back, every few hops: a fade each time, no edge. */
START_TEST (switching_makes_no_click)
{
  Fixture f (caps_string ("F32LE", 48000, 1),
      "percepnet output=bypass mix=0");
  std::vector < float >in (96000);

  for (std::size_t i = 0; i < in.size (); i++)
    in[i] = float (0.5 * std::sin (2 * G_PI * 100 * double (i) / 48000));
  for (std::size_t at = 0; at < in.size (); at += 960) {
    /* With mix=0 the residual is silence. */
    gst_util_set_object_arg (G_OBJECT (f.element), "output",
        at / 4800 % 2 ? "residual" : "bypass");
    f.push (in.data () + at, 960);
  }
  f.eos ();
  f.collect ();
  const std::vector < float >out = f.floats ();
  fail_unless (largest_step (out) < 1.2 * largest_step (in) + 0.5 / 480);
  fail_unless (*std::min_element (out.begin (), out.end ()) < -0.4);
  /* It was silent at times. */
  fail_unless (std::search_n (out.begin (), out.end (), 1000, 0.0f)
      != out.end ());
  fail_unless_equals_uint64 (out.size (), in.size ());
}
END_TEST

/* A controlled property acts on the content of its time. */
START_TEST (control_acts_at_the_time_of_the_content)
{
  Fixture f (caps_string ("F32LE", 48000, 1), "percepnet mix=0");
  GstControlSource *source = gst_interpolation_control_source_new ();
  GstTimedValueControlSource *values = GST_TIMED_VALUE_CONTROL_SOURCE (source);
  const std::uint64_t on = 24000;

  g_object_set (source, "mode", GST_INTERPOLATION_MODE_NONE, nullptr);
  fail_unless (gst_object_add_control_binding (GST_OBJECT (f.element),
          gst_direct_control_binding_new (GST_OBJECT (f.element), "output",
              source)));
  /* Bypass, then residual, of [0, 1]. With mix=0 the latter is silence. */
  gst_timed_value_control_source_set (values, 0, 1.0);
  gst_timed_value_control_source_set (values, first_pts + time_of (on), 0.5);
  gst_object_unref (source);

  const std::vector < float >in (48000, 0.25f);
  f.push_all (to_bytes (in), 960);
  f.eos ();
  f.collect ();
  const std::vector < float >out = f.floats ();
  fail_unless_equals_uint64 (out.size (), in.size ());
  for (std::uint64_t i = 0; i < out.size (); i++) {
    if (i < on)
      fail_unless (out[i] == 0.25f, "sample %u", unsigned (i));
    else if (i < on + hop)
      fail_unless (out[i] <= out[i - 1]);
    else
      fail_unless (out[i] == 0.0f, "sample %u", unsigned (i));
  }
}
END_TEST

START_TEST (channel_mode_changes_while_playing)
{
  Fixture f (caps_string ("F32LE", 48000, 2));
  const Bytes in = to_bytes (noise (48000, 2));

  for (std::uint64_t at = 0; at < 48000; at += 1000) {
    gst_util_set_object_arg (G_OBJECT (f.element), "channel-mode",
        at / 10000 % 2 ? "independent" : "linked");
    f.push_at (first_pts + time_of (at), in.data () + at * 8, 1000);
  }
  f.eos ();
  f.collect ();
  fail_unless (f.out == in);
  for (std::size_t i = 1; i < f.packets.size (); i++) {
    fail_unless (ABS (GST_CLOCK_DIFF (f.packets[i - 1].pts
                + f.packets[i - 1].duration, f.packets[i].pts)) <= 1);
    fail_if (f.packets[i].discont);
  }
}
END_TEST

/* ---- Model ----------------------------------------------------------------*/

static void
check_model_error (const char *path, GQuark domain, const char *words)
{
  GstElement *e = make ();
  GstBus *bus = gst_bus_new ();
  GError *error;

  gst_element_set_bus (e, bus);
  g_object_set (e, "model", path, nullptr);
  fail_unless_equals_int (gst_element_set_state (e, GST_STATE_READY),
      GST_STATE_CHANGE_SUCCESS);
  fail_unless_equals_int (gst_element_set_state (e, GST_STATE_PAUSED),
      GST_STATE_CHANGE_FAILURE);
  GstMessage *message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message != nullptr);
  gst_message_parse_error (message, &error, nullptr);
  fail_unless (error->domain == domain, "%s", error->message);
  fail_unless (std::strstr (error->message, words) != nullptr, "%s",
      error->message);
  g_error_free (error);
  gst_message_unref (message);

  /* Repaired, it starts. */
  g_object_set (e, "model", nullptr, nullptr);
  fail_unless_equals_int (gst_element_set_state (e, GST_STATE_PAUSED),
      GST_STATE_CHANGE_SUCCESS);
  gst_element_set_state (e, GST_STATE_NULL);
  gst_element_set_bus (e, nullptr);
  gst_object_unref (bus);
  gst_object_unref (e);
}

START_TEST (bad_models_give_a_sentence)
{
  gchar *garbage;
  const int file = g_file_open_tmp ("percepnet-XXXXXX", &garbage, nullptr);

  fail_unless (file >= 0);
  fail_unless_equals_int (write (file, "no model at all, but text", 25), 25);
  close (file);
  check_model_error ("/does/not/exist.safetensors", GST_RESOURCE_ERROR,
      "/does/not/exist.safetensors");
  check_model_error (garbage, GST_LIBRARY_ERROR, garbage);
  g_remove (garbage);
  g_free (garbage);
}
END_TEST

START_TEST (model_while_playing_is_for_later)
{
  Fixture f (caps_string ("F32LE", 48000, 1));
  GstBus *bus = gst_bus_new ();

  gst_element_set_bus (f.element, bus);
  f.push_zeros (4800);
  g_object_set (f.element, "model", "/does/not/exist", nullptr);
  GstMessage *message = gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING);
  fail_unless (message != nullptr);
  gst_message_unref (message);
  fail_unless_equals_int (f.push_zeros (4800), GST_FLOW_OK);
  g_object_set (f.element, "model", nullptr, nullptr);
  gst_element_set_bus (f.element, nullptr);
  gst_object_unref (bus);
}
END_TEST

/* ---- Messages, metadata, statistics ---------------------------------------*/

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

void
percepnet::test::add_properties_tests (TCase * tcase)
{
  tcase_add_test (tcase, defaults);
  tcase_add_test (tcase, documentation);
  tcase_add_test (tcase, presets);
  tcase_add_test (tcase, found_by_its_words);
  tcase_add_test (tcase, dry_outputs_are_exact);
  tcase_add_test (tcase, residual_is_what_is_missing);
  tcase_add_test (tcase, switching_makes_no_click);
  tcase_add_test (tcase, control_acts_at_the_time_of_the_content);
  tcase_add_test (tcase, channel_mode_changes_while_playing);
  tcase_add_test (tcase, bad_models_give_a_sentence);
  tcase_add_test (tcase, model_while_playing_is_for_later);
  tcase_add_test (tcase, level_meta);
  tcase_add_test (tcase, no_meta_by_default);
  tcase_add_test (tcase, voice_activity_messages);
  tcase_add_test (tcase, statistics_count);
}

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Properties: defaults, documentation, presets; the model file.
#include "fixture.hpp"

#include <unistd.h>

#include <glib/gstdio.h>

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
  } presets[] = { {"call", 100, 0.75}, {"voice-over", 30, 0.5}, {"recogniser", 100, 0} };
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

void
percepnet::test::add_properties_tests (TCase * tcase)
{
  tcase_add_test (tcase, defaults);
  tcase_add_test (tcase, documentation);
  tcase_add_test (tcase, presets);
  tcase_add_test (tcase, found_by_its_words);
  tcase_add_test (tcase, bad_models_give_a_sentence);
  tcase_add_test (tcase, model_while_playing_is_for_later);
}

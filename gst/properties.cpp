// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The properties of the element and their documentation. Those that the engine
// has are made of the library's own table of controls.
#include <string>

#include "stream.hpp"

namespace percepnet::gst
{
namespace
{

enum
{
  PROP_0,
  PROP_MODEL,
  PROP_VOICE_ACTIVITY_MESSAGES,
  PROP_AUDIO_LEVEL_META,
  PROP_VOICE_PROBABILITY,
  PROP_SNR,
  PROP_LATENCY,
  PROP_STATS,
  PROP_CONTROLS,                // from here on: controls by their ids
};

constexpr int readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
constexpr int writable = readable | G_PARAM_WRITABLE;
constexpr int live = writable | GST_PARAM_MUTABLE_PLAYING;
constexpr int live_controllable = live | GST_PARAM_CONTROLLABLE;

void
install (GObjectClass * klass, guint id, GParamSpec * pspec)
{
  g_object_class_install_property (klass, id, pspec);
}

void
set_model (GstPercepnet * self, const char *path)
{
  GstState state;

  stream_of (self).change_settings ([&](Settings & settings) {
    settings.model = path ? path : "";
    state = GST_STATE (self);
  });
  if (state > GST_STATE_READY)
    GST_ELEMENT_WARNING (self, LIBRARY, SETTINGS,
        ("The model cannot be changed while the element is running: the new "
            "one is used after the element has been set to the READY state."),
        (nullptr));
}

/* What the table cannot say: how the element goes about a change. */
const char *
addition (const percepnet_control & control)
{
  return control.live ? "" : ". A change drains the engine and starts it afresh";
}

/* "channel-mode": GstPercepnetChannelMode */
std::string
type_name (const percepnet_control & control)
{
  std::string name = "GstPercepnet";
  bool upper = true;

  for (const char *letter = control.name; *letter; letter++) {
    if (*letter != '-')
      name += upper ? g_ascii_toupper (*letter) : *letter;
    upper = *letter == '-';
  }
  return name;
}

/* Called once for each; the type and its values stay as long as the process. */
GType
register_choices (const percepnet_control & control)
{
  const gint count = gint (control.maximum) + 1;
  GEnumValue *values = g_new0 (GEnumValue, count + 1);

  for (gint i = 0; i < count; i++)
    values[i] = {i, control.choices[i].description, control.choices[i].name};
  const GType type =
      g_enum_register_static (type_name (control).c_str (), values);
  gst_type_mark_as_plugin_api (type, GstPluginAPIFlags (0));
  return type;
}

GParamSpec *
make_pspec (const percepnet_control & control)
{
  const GParamFlags flags =
      GParamFlags (control.live ? live_controllable : live);
  const std::string unit = *control.unit
      ? std::string ("in ") + control.unit : "";
  const std::string remark = unit
      + (unit.empty () || !*control.legend ? "" : "; ") + control.legend;
  const std::string blurb = control.description
      + (remark.empty () ? "" : " (" + remark + ")") + addition (control);
  /* GLib is not to copy: the text lives as long as the type, for ever. */
  const gchar *text = g_intern_string (blurb.c_str ());
  if (control.choices)
    return g_param_spec_enum (control.name, control.title, text,
        register_choices (control), gint (control.default_value), flags);
  return g_param_spec_float (control.name, control.title, text,
      control.minimum, control.maximum, control.default_value, flags);
}

void
set_control (GstPercepnet * self, const percepnet_control & control,
    const GValue * value)
{
  const gfloat number = control.choices
      ? gfloat (g_value_get_enum (value)) : g_value_get_float (value);

  stream_of (self).change_settings ([&](Settings & settings) {
    percepnet_params_set_control (&settings.engine, control.id, number);
  });
}

void
get_control (const percepnet_params & params,
    const percepnet_control & control, GValue * value)
{
  const gfloat number = percepnet_params_get_control (&params, control.id);

  if (control.choices)
    g_value_set_enum (value, gint (number));
  else
    g_value_set_float (value, number);
}

/* nullptr: the property is the element's own. */
const percepnet_control *
control_of (guint property)
{
  return property < PROP_CONTROLS
      ? nullptr : percepnet_control_info (gint (property) - PROP_CONTROLS);
}

GstStructure *
make_stats (GstPercepnet * self)
{
  const Readings r = stream_of (self).readings ();
  const gdouble load =
      r.audio_time ? gdouble (r.cpu_time) / gdouble (r.audio_time) : 0.0;
  return gst_structure_new ("application/x-percepnet-stats",
      "hops", G_TYPE_UINT64, r.hops,
      "samples-in", G_TYPE_UINT64, r.frames_in,
      "samples-out", G_TYPE_UINT64, r.frames_out,
      "gaps-bridged", G_TYPE_UINT64, r.gaps_bridged,
      "gap-samples", G_TYPE_UINT64, r.gap_frames,
      "resets", G_TYPE_UINT64, r.resets,
      "cpu-time", G_TYPE_UINT64, r.cpu_time,
      "cpu-load", G_TYPE_DOUBLE, load,
      "latency", G_TYPE_UINT64, r.latency,
      "voice-probability", G_TYPE_FLOAT, r.readout.voice_probability,
      "snr", G_TYPE_FLOAT, r.readout.snr_db,
      "gain", G_TYPE_FLOAT, r.readout.gain_db,
      "simd", G_TYPE_STRING, percepnet_simd_level (), nullptr);
}

}

void
install_properties (GObjectClass * klass)
{
  install (klass, PROP_MODEL,
      g_param_spec_string ("model", "Model",
          "Path of a percepnet model file (safetensors); NULL: the model that "
          "is built in", nullptr,
          GParamFlags (writable | GST_PARAM_MUTABLE_READY)));
  for (gint id = 0; id < percepnet_control_count (); id++)
    install (klass, PROP_CONTROLS + guint (id),
        make_pspec (*percepnet_control_info (id)));
  install (klass, PROP_VOICE_ACTIVITY_MESSAGES,
      g_param_spec_boolean ("voice-activity-messages",
          "Voice activity messages",
          "Post an element message 'voice-activity' when a voice begins or "
          "ends", FALSE, GParamFlags (live)));
  install (klass, PROP_AUDIO_LEVEL_META,
      g_param_spec_boolean ("audio-level-meta", "Audio level meta",
          "Add a GstAudioLevelMeta with level and voice activity to the output "
          "buffers, for the RTP header extension of RFC 6464", FALSE,
          GParamFlags (live)));
  install (klass, PROP_VOICE_PROBABILITY,
      g_param_spec_float ("voice-probability", "Voice probability",
          "Probability that the last 10 ms put out hold a voice (with "
          "independent channels: the greatest of them)", 0, 1, 0,
          GParamFlags (readable)));
  install (klass, PROP_SNR,
      g_param_spec_float ("snr", "Signal-to-noise ratio",
          "Estimated signal-to-noise ratio of the input, in dB", -30, 60, 0,
          GParamFlags (readable)));
  install (klass, PROP_LATENCY,
      g_param_spec_uint64 ("latency", "Latency",
          "Latency of the element in ns, as the LATENCY query has it: engine, "
          "resamplers, and waiting for whole hops of 10 ms", 0, G_MAXUINT64, 0,
          GParamFlags (readable)));
  install (klass, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "Counters since the element was started: hops, samples-in, "
          "samples-out, gaps-bridged, gap-samples, resets, cpu-time (ns), "
          "cpu-load (of one core), and the present readouts",
          GST_TYPE_STRUCTURE, GParamFlags (readable)));
}

void
set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  GstPercepnet *self = GST_PERCEPNET (object);
  Stream & stream = stream_of (self);

  if (const percepnet_control *control = control_of (id))
    return set_control (self, *control, value);
  switch (id) {
    case PROP_MODEL:
      set_model (self, g_value_get_string (value));
      break;
    case PROP_VOICE_ACTIVITY_MESSAGES:
      stream.change_settings ([=](Settings & settings) {
        settings.voice_activity_messages = g_value_get_boolean (value);
      });
      break;
    case PROP_AUDIO_LEVEL_META:
      stream.change_settings ([=](Settings & settings) {
        settings.audio_level_meta = g_value_get_boolean (value);
      });
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
}

void
get_property (GObject * object, guint id, GValue * value, GParamSpec * pspec)
{
  GstPercepnet *self = GST_PERCEPNET (object);
  const Settings settings = stream_of (self).settings ();
  const Readings readings = stream_of (self).readings ();

  if (const percepnet_control *control = control_of (id))
    return get_control (settings.engine, *control, value);
  switch (id) {
    case PROP_MODEL:
      g_value_set_string (value, settings.model.empty ()
          ? nullptr : settings.model.c_str ());
      break;
    case PROP_VOICE_ACTIVITY_MESSAGES:
      g_value_set_boolean (value, settings.voice_activity_messages);
      break;
    case PROP_AUDIO_LEVEL_META:
      g_value_set_boolean (value, settings.audio_level_meta);
      break;
    case PROP_VOICE_PROBABILITY:
      g_value_set_float (value, readings.readout.voice_probability);
      break;
    case PROP_SNR:
      g_value_set_float (value, readings.readout.snr_db);
      break;
    case PROP_STATS:
      g_value_take_boxed (value, make_stats (self));
      break;
    case PROP_LATENCY:
      g_value_set_uint64 (value, readings.latency);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
}

}

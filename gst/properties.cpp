// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The properties of the element and their documentation.
#include "stream.hpp"

GType
gst_percepnet_output_get_type (void)
{
  static const GEnumValue values[] = {
    {PERCEPNET_OUTPUT_ENHANCED, "The voice", "enhanced"},
    {PERCEPNET_OUTPUT_RESIDUAL, "What is removed: the input minus the voice",
        "residual"},
    {PERCEPNET_OUTPUT_BYPASS, "The input, at the same latency", "bypass"},
    {0, nullptr, nullptr}
  };
  static const GType type =
      g_enum_register_static ("GstPercepnetOutput", values);
  return type;
}

GType
gst_percepnet_channel_mode_get_type (void)
{
  static const GEnumValue values[] = {
    {PERCEPNET_CHANNELS_LINKED,
        "One set of gains for all channels: the stereo image stays", "linked"},
    {PERCEPNET_CHANNELS_INDEPENDENT,
          "Each channel by itself: for microphones of different people",
        "independent"},
    {0, nullptr, nullptr}
  };
  static const GType type =
      g_enum_register_static ("GstPercepnetChannelMode", values);
  return type;
}

namespace percepnet::gst
{
namespace
{

enum
{
  PROP_0,
  PROP_MODEL,
  PROP_ATTENUATION_LIMIT,
  PROP_MIX,
  PROP_POST_FILTER,
  PROP_OUTPUT,
  PROP_CHANNEL_MODE,
  PROP_VOICE_ACTIVITY_MESSAGES,
  PROP_AUDIO_LEVEL_META,
  PROP_VOICE_ACTIVITY_THRESHOLD,
  PROP_ALIGNMENT_THRESHOLD,
  PROP_DISCONT_WAIT,
  PROP_VOICE_PROBABILITY,
  PROP_SNR,
  PROP_LATENCY,
  PROP_STATS,
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

void
set_float (GstPercepnet * self, float percepnet_params::*control,
    const GValue * value)
{
  stream_of (self).change_settings ([=](Settings & settings) {
    settings.engine.*control = g_value_get_float (value);
  });
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
  install (klass, PROP_ATTENUATION_LIMIT,
      g_param_spec_float ("attenuation-limit", "Attenuation limit",
          "Most attenuation of the noise, in dB; 100: no limit. 12 to 20 keeps "
          "some of the surroundings and is kinder to speech recognition",
          0, 100, 100, GParamFlags (live_controllable)));
  install (klass, PROP_MIX,
      g_param_spec_float ("mix", "Mix",
          "Share of the enhanced signal in the output; 0: the input, at the "
          "same latency", 0, 1, 1, GParamFlags (live_controllable)));
  install (klass, PROP_POST_FILTER,
      g_param_spec_float ("post-filter", "Post-filter",
          "Strength of the envelope post-filter, which deepens what is left "
          "between the harmonics of the voice; 0: off", 0, 1, 1,
          GParamFlags (live_controllable)));
  install (klass, PROP_OUTPUT,
      g_param_spec_enum ("output", "Output",
          "Which signal to put out; all have the same latency, and switching "
          "between them makes no click", GST_TYPE_PERCEPNET_OUTPUT,
          PERCEPNET_OUTPUT_ENHANCED, GParamFlags (live_controllable)));
  install (klass, PROP_CHANNEL_MODE,
      g_param_spec_enum ("channel-mode", "Channel mode",
          "How several channels are treated. Independent costs the CPU time of "
          "as many streams. A change drains the engine and starts it afresh",
          GST_TYPE_PERCEPNET_CHANNEL_MODE, PERCEPNET_CHANNELS_LINKED,
          GParamFlags (live)));
  install (klass, PROP_VOICE_ACTIVITY_MESSAGES,
      g_param_spec_boolean ("voice-activity-messages",
          "Voice activity messages",
          "Post an element message 'voice-activity' when a voice begins or "
          "ends: stream-has-voice (boolean); timestamp, stream-time, "
          "running-time (ns); voice-probability, snr (dB)", FALSE, GParamFlags (live)));
  install (klass, PROP_AUDIO_LEVEL_META,
      g_param_spec_boolean ("audio-level-meta", "Audio level meta",
          "Add a GstAudioLevelMeta with level and voice activity to the output "
          "buffers, for the RTP header extension of RFC 6464", FALSE,
          GParamFlags (live)));
  install (klass, PROP_VOICE_ACTIVITY_THRESHOLD,
      g_param_spec_float ("voice-activity-threshold",
          "Voice activity threshold",
          "Threshold of the voice activity detector: voice probability from "
          "which a voice begins; it ends below two thirds of that. For messages "
          "and meta; nothing is muted", 0, 1, VoiceActivity::default_threshold,
          GParamFlags (live)));
  install (klass, PROP_ALIGNMENT_THRESHOLD,
      g_param_spec_uint64 ("alignment-threshold", "Alignment threshold",
          "Timestamps that stay off by more than this, in ns, are a jump, though "
          "no DISCONT tells it; less is followed without a step", GST_MSECOND,
          10 * GST_SECOND, Timeline::Tolerance ().threshold,
          GParamFlags (live)));
  install (klass, PROP_DISCONT_WAIT,
      g_param_spec_uint64 ("discont-wait", "Discont wait",
          "How long timestamps must stay off, in ns, to be no jitter; bursts may "
          "be as long", 100 * GST_MSECOND, 10 * GST_SECOND,
          Timeline::Tolerance ().wait, GParamFlags (live)));
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

  gst_type_mark_as_plugin_api (GST_TYPE_PERCEPNET_OUTPUT, GstPluginAPIFlags (0));
  gst_type_mark_as_plugin_api (GST_TYPE_PERCEPNET_CHANNEL_MODE,
      GstPluginAPIFlags (0));
}

void
set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  GstPercepnet *self = GST_PERCEPNET (object);
  Stream & stream = stream_of (self);

  switch (id) {
    case PROP_MODEL:
      set_model (self, g_value_get_string (value));
      break;
    case PROP_ATTENUATION_LIMIT:
      set_float (self, &percepnet_params::attenuation_limit, value);
      break;
    case PROP_MIX:
      set_float (self, &percepnet_params::mix, value);
      break;
    case PROP_POST_FILTER:
      set_float (self, &percepnet_params::post_filter, value);
      break;
    case PROP_OUTPUT:
      stream.change_settings ([=](Settings & settings) {
        settings.engine.output = percepnet_output (g_value_get_enum (value));
      });
      break;
    case PROP_CHANNEL_MODE:
      stream.change_settings ([=](Settings & settings) {
        settings.engine.channel_mode =
            percepnet_channel_mode (g_value_get_enum (value));
      });
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
    case PROP_VOICE_ACTIVITY_THRESHOLD:
      stream.change_settings ([=](Settings & settings) {
        settings.voice_activity_threshold = g_value_get_float (value);
      });
      break;
    case PROP_ALIGNMENT_THRESHOLD:
      stream.change_settings ([=](Settings & settings) {
        settings.tolerance.threshold = g_value_get_uint64 (value);
      });
      break;
    case PROP_DISCONT_WAIT:
      stream.change_settings ([=](Settings & settings) {
        settings.tolerance.wait = g_value_get_uint64 (value);
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

  switch (id) {
    case PROP_MODEL:
      g_value_set_string (value, settings.model.empty ()
          ? nullptr : settings.model.c_str ());
      break;
    case PROP_ATTENUATION_LIMIT:
      g_value_set_float (value, settings.engine.attenuation_limit);
      break;
    case PROP_MIX:
      g_value_set_float (value, settings.engine.mix);
      break;
    case PROP_POST_FILTER:
      g_value_set_float (value, settings.engine.post_filter);
      break;
    case PROP_OUTPUT:
      g_value_set_enum (value, settings.engine.output);
      break;
    case PROP_CHANNEL_MODE:
      g_value_set_enum (value, settings.engine.channel_mode);
      break;
    case PROP_VOICE_ACTIVITY_MESSAGES:
      g_value_set_boolean (value, settings.voice_activity_messages);
      break;
    case PROP_AUDIO_LEVEL_META:
      g_value_set_boolean (value, settings.audio_level_meta);
      break;
    case PROP_VOICE_ACTIVITY_THRESHOLD:
      g_value_set_float (value, settings.voice_activity_threshold);
      break;
    case PROP_ALIGNMENT_THRESHOLD:
      g_value_set_uint64 (value, settings.tolerance.threshold);
      break;
    case PROP_DISCONT_WAIT:
      g_value_set_uint64 (value, settings.tolerance.wait);
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

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
/**
 * SECTION:element-percepnet
 * @title: percepnet
 * @short_description: Real-time speech enhancement
 *
 * Takes noise and reverberation out of speech and keeps the voice, with a small
 * neural network that is built into the library. It works in real time on one
 * core, in files as in calls.
 *
 * ## Formats
 *
 * Any raw audio of 1 to 64 channels at 8 to 192 kHz, interleaved or not. What
 * is not 48 kHz float is converted inside, so that audioconvert and
 * audioresample are not needed. Format, rate, channels and their positions are
 * the same on both pads. By default all channels share one set of gains, which
 * keeps the stereo image: see #percepnet:channel-mode.
 *
 * ## Time
 *
 * As many samples come out as went in, with the timestamps of their content:
 * the signal is not shifted against its timestamps, and audio and video stay in
 * sync. The latency of 30 ms (with the built-in model, at 48 kHz) is in the
 * answer to the LATENCY query; buffers that are not multiples of 10 ms add up
 * to 10 ms for waiting until a hop is whole, other rates the resamplers' 1 to
 * 10 ms. It does not change with the properties: bypassing the element with
 * #percepnet:output makes no jump.
 *
 * Timestamps that are late or early for a while are jitter: live audio that is
 * stamped by its arrival may come in bursts of up to a second. The output runs
 * on without a step, and follows the sender's clock slowly. What is off by more
 * than #percepnet:alignment-threshold in all buffers for #percepnet:discont-wait
 * is a jump, and so is at once what DISCONT or GAP tells.
 *
 * Gaps of up to 0.5 s (lost packets, GAP events and buffers, jumps that stay) are
 * filled with silence, which the engine takes in its stride. Longer gaps, jumps
 * and new segments push out what is left, and the engine starts afresh. Where
 * timestamps step back, those of the output run at half speed until they are
 * caught up with: only a new segment or stream, or a flush, goes back in time.
 *
 * ## Messages and metadata
 *
 * With #percepnet:voice-activity-messages, an element message named
 * `voice-activity` tells when a voice begins and ends:
 *
 * * #gboolean `stream-has-voice`: whether there is a voice from here on
 * * #GstClockTime `timestamp`, `stream-time`, `running-time`: of that moment;
 *   %GST_CLOCK_TIME_NONE where the input has no timestamps, as raw files
 * * #gfloat `voice-probability`: 0 to 1
 * * #gfloat `snr`: estimated signal-to-noise ratio in dB
 *
 * Begins and ends alternate: a voice ends with the stream, at jumps, flushes and
 * long gaps, and when messages are no longer wanted.
 *
 * Metas of the input buffers (reference timestamps, custom metas) are carried
 * over, to the buffer that begins with the same sample; those that are tied to a
 * buffer's memory are not. With #percepnet:audio-level-meta, output buffers carry
 * a #GstAudioLevelMeta.
 *
 * ## Presets
 *
 * `call`, `voice-over` and `recogniser`: gst_preset_load_preset(), or
 * `percepnet @preset=call` for gst-launch-1.0.
 *
 * ## Example launch lines
 *
 * |[
 * gst-launch-1.0 filesrc location=noisy.wav ! wavparse ! percepnet ! wavenc ! filesink location=clean.wav
 * ]| Denoise a file.
 * |[
 * gst-launch-1.0 filesrc location=noisy.wav ! decodebin ! audioconvert ! percepnet attenuation-limit=15 ! autoaudiosink
 * ]| Listen to it with 15 dB of suppression at most.
 * |[
 * gst-launch-1.0 filesrc location=noisy.wav ! wavparse ! percepnet output=residual ! autoaudiosink
 * ]| Listen to what is removed.
 * |[
 * gst-launch-1.0 -m filesrc location=noisy.wav ! wavparse ! percepnet voice-activity-messages=true ! fakesink
 * ]| See when somebody speaks.
 * |[
 * gst-launch-1.0 udpsrc address=127.0.0.1 port=5004 caps="application/x-rtp,media=audio,encoding-name=OPUS,clock-rate=48000,payload=96" ! rtpjitterbuffer latency=60 do-lost=true ! rtpopusdepay ! opusdec plc=true ! percepnet ! autoaudiosink
 * ]| Receive a call.
 */
#include "gstpercepnet.h"

#include "events.hpp"
#include "stream.hpp"

GST_DEBUG_CATEGORY (percepnet_debug);

using percepnet::gst::Stream;

struct _GstPercepnet
{
  GstAudioFilter parent;

  /* GObject clears memory and runs no constructors, so the C++ members live
   * behind a pointer. */
  Stream *stream;
};

/* Presets need no more than the interface: GstPercepnet.prs has them. */
G_DEFINE_TYPE_WITH_CODE (GstPercepnet, gst_percepnet, GST_TYPE_AUDIO_FILTER,
    G_IMPLEMENT_INTERFACE (GST_TYPE_PRESET, nullptr)
    GST_DEBUG_CATEGORY_INIT (percepnet_debug, "percepnet", 0,
        "PercepNet speech enhancement"));
GST_ELEMENT_REGISTER_DEFINE (percepnet, "percepnet", GST_RANK_NONE,
    GST_TYPE_PERCEPNET);

/* The first format and layout is what an unconstrained upstream settles on. */
#define PERCEPNET_CAPS \
    "audio/x-raw, " \
    "format = (string) { " GST_AUDIO_NE (F32) ", " GST_AUDIO_NE (S16) ", " \
    GST_AUDIO_NE (S24) ", " GST_AUDIO_NE (S24_32) ", " GST_AUDIO_NE (S32) ", " \
    GST_AUDIO_NE (F64) ", " GST_AUDIO_OE (F32) ", " GST_AUDIO_OE (S16) ", " \
    GST_AUDIO_OE (S24) ", " GST_AUDIO_OE (S24_32) ", " GST_AUDIO_OE (S32) ", " \
    GST_AUDIO_OE (F64) ", S8, U8 }, " \
    "rate = (int) [ 8000, 192000 ], " \
    "channels = (int) [ 1, 64 ], " \
    "layout = (string) { interleaved, non-interleaved }"

Stream &
percepnet::gst::stream_of (GstPercepnet * self)
{
  return *self->stream;
}

/* ---- Queries and events ---------------------------------------------------*/

static gboolean
gst_percepnet_query (GstBaseTransform * trans, GstPadDirection direction,
    GstQuery * query)
{
  if (direction == GST_PAD_SRC && GST_QUERY_TYPE (query) == GST_QUERY_LATENCY)
    return percepnet::gst::answer_latency (*GST_PERCEPNET (trans)->stream,
        trans, query);
  return GST_BASE_TRANSFORM_CLASS (gst_percepnet_parent_class)->query (trans,
      direction, query);
}

/* Planes may lie anywhere in the buffers: upstream need not pack them. */
static gboolean
gst_percepnet_propose_allocation (GstBaseTransform * trans,
    GstQuery * decide_query, GstQuery * query)
{
  if (!GST_BASE_TRANSFORM_CLASS
      (gst_percepnet_parent_class)->propose_allocation (trans, decide_query,
          query))
    return FALSE;
  gst_query_add_allocation_meta (query, GST_AUDIO_META_API_TYPE, nullptr);
  return TRUE;
}

static gboolean
gst_percepnet_sink_event (GstBaseTransform * trans, GstEvent * event)
{
  if (percepnet::gst::take_event (*GST_PERCEPNET (trans)->stream, trans, event)) {
    gst_event_unref (event);
    return TRUE;
  }
  return GST_BASE_TRANSFORM_CLASS (gst_percepnet_parent_class)->sink_event
      (trans, event);
}

/* ---- Data -----------------------------------------------------------------*/

static GstFlowReturn
gst_percepnet_submit_input_buffer (GstBaseTransform * trans,
    G_GNUC_UNUSED gboolean is_discont, GstBuffer * buffer)
{
  GstPercepnet *self = GST_PERCEPNET (trans);

  GST_LOG_OBJECT (self, "got %" GST_PTR_FORMAT, buffer);
  if (self->stream->running ())
    return self->stream->consume (buffer);
  gst_buffer_unref (buffer);
  if (!gst_pad_has_current_caps (trans->sinkpad))
    GST_ELEMENT_ERROR (self, CORE, NEGOTIATION,
        ("Nobody says what the input is; put decodebin before percepnet, or for "
            "raw samples a caps filter as audio/x-raw,format=S16LE,rate=48000,"
            "channels=1,layout=interleaved."), (nullptr));
  return GST_FLOW_NOT_NEGOTIATED;
}

/* The stream has pushed all that there was. */
static GstFlowReturn
gst_percepnet_generate_output (G_GNUC_UNUSED GstBaseTransform * trans,
    GstBuffer ** buffer)
{
  *buffer = nullptr;
  return GST_FLOW_OK;
}

/* Channels and rate stay, so what tells of them stays true. Layout and size are
 * those of the output buffer. */
static gboolean
gst_percepnet_transform_meta (GstBaseTransform * trans, GstBuffer * out,
    GstMeta * meta, GstBuffer * in)
{
  static const gchar *const kept[] = { GST_META_TAG_AUDIO_STR,
    GST_META_TAG_AUDIO_CHANNELS_STR, GST_META_TAG_AUDIO_RATE_STR, nullptr
  };

  if (meta->info->api == GST_AUDIO_META_API_TYPE)
    return FALSE;
  for (const gchar * const *tag = gst_meta_api_type_get_tags (meta->info->api);
      tag && *tag; tag++)
    if (!g_strv_contains (kept, *tag))
      return GST_BASE_TRANSFORM_CLASS (gst_percepnet_parent_class)
          ->transform_meta (trans, out, meta, in);
  return TRUE;
}

/* Never called, but without it the base class goes into passthrough. */
static GstFlowReturn
gst_percepnet_transform (G_GNUC_UNUSED GstBaseTransform * trans,
    G_GNUC_UNUSED GstBuffer * in, G_GNUC_UNUSED GstBuffer * out)
{
  return GST_FLOW_NOT_SUPPORTED;
}

/* ---- Set-up ---------------------------------------------------------------*/

static gboolean
gst_percepnet_set_caps (GstBaseTransform * trans, GstCaps * in, GstCaps * out)
{
  GstAudioInfo info;

  if (!gst_audio_info_from_caps (&info, in)) {
    GST_ELEMENT_ERROR (trans, CORE, NEGOTIATION,
        ("The audio format is incomplete; give rate, channels, layout, and for "
            "more than two channels a channel-mask (0 if they have no place)."),
        ("caps %" GST_PTR_FORMAT, in));
    return FALSE;
  }
  return GST_BASE_TRANSFORM_CLASS (gst_percepnet_parent_class)->set_caps (trans,
      in, out);
}

static gboolean
gst_percepnet_setup (GstAudioFilter * filter, const GstAudioInfo * info)
{
  return GST_PERCEPNET (filter)->stream->set_format (*info);
}

static gboolean
gst_percepnet_start (GstBaseTransform * trans)
{
  return GST_PERCEPNET (trans)->stream->start ();
}

static gboolean
gst_percepnet_stop (GstBaseTransform * trans)
{
  GST_PERCEPNET (trans)->stream->stop ();
  return TRUE;
}

static GstStateChangeReturn
gst_percepnet_change_state (GstElement * element, GstStateChange transition)
{
  percepnet::gst::IdleWatch & watch =
      GST_PERCEPNET (element)->stream->idle_watch ();
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED)
    watch.start ();
  else if (transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED)
    watch.set_playing (false);
  ret = GST_ELEMENT_CLASS (gst_percepnet_parent_class)->change_state (element,
      transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING)
    watch.set_playing (ret != GST_STATE_CHANGE_FAILURE);
  else if (transition == GST_STATE_CHANGE_PAUSED_TO_READY
      || ret == GST_STATE_CHANGE_FAILURE)
    watch.stop ();
  return ret;
}

static void
gst_percepnet_finalize (GObject * object)
{
  delete GST_PERCEPNET (object)->stream;

  G_OBJECT_CLASS (gst_percepnet_parent_class)->finalize (object);
}

static void
gst_percepnet_init (GstPercepnet * self)
{
  self->stream = new Stream (self);
  gst_base_transform_set_gap_aware (GST_BASE_TRANSFORM (self), TRUE);
}

static void
gst_percepnet_class_init (GstPercepnetClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseTransformClass *trans_class = GST_BASE_TRANSFORM_CLASS (klass);
  GstAudioFilterClass *filter_class = GST_AUDIO_FILTER_CLASS (klass);
  GstCaps *caps = gst_caps_from_string (PERCEPNET_CAPS);

  object_class->set_property = percepnet::gst::set_property;
  object_class->get_property = percepnet::gst::get_property;
  object_class->finalize = gst_percepnet_finalize;
  percepnet::gst::install_properties (object_class);

  gst_element_class_set_static_metadata (element_class,
      "Noise suppression and speech enhancement", "Filter/Effect/Audio",
      "Denoise: takes background noise and reverberation out of speech and keeps "
      "the voice, in real time, with a neural network (PercepNet)",
      "The percepnet authors");
  gst_audio_filter_class_add_pad_templates (filter_class, caps);
  gst_caps_unref (caps);

  element_class->change_state = gst_percepnet_change_state;
  filter_class->setup = gst_percepnet_setup;
  trans_class->passthrough_on_same_caps = FALSE;
  trans_class->start = gst_percepnet_start;
  trans_class->stop = gst_percepnet_stop;
  trans_class->set_caps = gst_percepnet_set_caps;
  trans_class->query = gst_percepnet_query;
  trans_class->propose_allocation = gst_percepnet_propose_allocation;
  trans_class->sink_event = gst_percepnet_sink_event;
  trans_class->submit_input_buffer = gst_percepnet_submit_input_buffer;
  trans_class->generate_output = gst_percepnet_generate_output;
  trans_class->transform_meta = gst_percepnet_transform_meta;
  trans_class->transform = gst_percepnet_transform;
}

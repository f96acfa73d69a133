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
 * Jitter of the timestamps up to 40 ms is ignored. Gaps of up to 0.5 s (lost
 * packets, GAP events and buffers) are filled with silence, which the engine
 * takes in its stride; longer ones, jumps and new segments push out what is
 * left, and the engine starts afresh.
 *
 * ## Messages and metadata
 *
 * With #percepnet:voice-activity-messages, an element message named
 * `voice-activity` tells when a voice begins and ends:
 *
 * * #gboolean `stream-has-voice`: whether there is a voice from here on
 * * #GstClockTime `timestamp`, `stream-time`, `running-time`: of that moment
 * * #gfloat `voice-probability`: 0 to 1
 * * #gfloat `snr`: estimated signal-to-noise ratio in dB
 *
 * With #percepnet:audio-level-meta, output buffers carry a #GstAudioLevelMeta.
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
 * gst-launch-1.0 -m audiotestsrc is-live=true wave=pink-noise num-buffers=100 ! percepnet voice-activity-messages=true ! fakesink
 * ]| Watch the voice activity of a live source.
 * |[
 * gst-launch-1.0 udpsrc address=127.0.0.1 port=5004 caps="application/x-rtp,media=audio,encoding-name=OPUS,clock-rate=48000,payload=96" ! rtpjitterbuffer latency=60 do-lost=true ! rtpopusdepay ! opusdec plc=true ! percepnet ! autoaudiosink
 * ]| Receive a call.
 */
#include "gstpercepnet.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <new>
#include <numeric>

#include "private.hpp"

GST_DEBUG_CATEGORY (percepnet_debug);

using percepnet::gst::Gap;
using percepnet::gst::Private;
using percepnet::gst::Processor;
using percepnet::gst::Readings;
using percepnet::gst::Settings;
using percepnet::gst::Timeline;

struct _GstPercepnet
{
  GstAudioFilter parent;

  Private *priv;
};

G_DEFINE_TYPE_WITH_CODE (GstPercepnet, gst_percepnet, GST_TYPE_AUDIO_FILTER,
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

namespace
{

/* GAP events one after the other: beyond this, the pause is a long one. */
constexpr GstClockTime longest_gap_run = 500 * GST_MSECOND;

/* Adds the CPU time of the thread, between construction and destruction. */
class CpuMeter
{
public:
  explicit CpuMeter (GstClockTime & total)
      : total_ (total), start_ (now ())
  {
  }
  ~CpuMeter ()
  {
    total_ += now () - start_;
  }
  CpuMeter (const CpuMeter &) = delete;
  CpuMeter & operator = (const CpuMeter &) = delete;

private:
  static GstClockTime now ()
  {
    struct timespec time;
    return clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time) == 0
        ? GST_TIMESPEC_TO_TIME (time) : 0;
  }

  GstClockTime & total_;
  const GstClockTime start_;
};

}

Private &
percepnet::gst::private_of (GstPercepnet * self)
{
  return *self->priv;
}

static int
gst_percepnet_rate (const Private & priv)
{
  return GST_AUDIO_INFO_RATE (&priv.processor->info ());
}

static Settings
gst_percepnet_get_settings (GstPercepnet * self)
{
  GST_OBJECT_LOCK (self);
  Settings settings = self->priv->settings;
  GST_OBJECT_UNLOCK (self);
  return settings;
}

static void
gst_percepnet_publish_readings (GstPercepnet * self)
{
  GST_OBJECT_LOCK (self);
  self->priv->readings = self->priv->tally;
  GST_OBJECT_UNLOCK (self);
}

/* ---- Latency --------------------------------------------------------------*/

static void
gst_percepnet_update_latency (GstPercepnet * self)
{
  Private & priv = *self->priv;
  GstClockTime latency = priv.framing;

  if (priv.processor)
    latency += priv.processor->latency_time ();
  else if (priv.model)
    latency += gst_util_uint64_scale_int_ceil (percepnet_model_latency
        (priv.model.get ()), GST_SECOND, PERCEPNET_SAMPLE_RATE);
  if (latency == priv.tally.latency)
    return;

  GST_INFO_OBJECT (self, "latency is now %" GST_TIME_FORMAT,
      GST_TIME_ARGS (latency));
  priv.tally.latency = latency;
  gst_percepnet_publish_readings (self);
  gst_element_post_message (GST_ELEMENT_CAST (self),
      gst_message_new_latency (GST_OBJECT_CAST (self)));
}

/* The size of the first buffer tells how long hops are waited for. A buffer
 * that breaks the pattern raises this to its bound once for all: the latency
 * must not flutter while playing. */
static void
gst_percepnet_learn_framing (GstPercepnet * self, std::uint64_t frames)
{
  Private & priv = *self->priv;
  const int rate = gst_percepnet_rate (priv);
  const bool first = priv.block == 0;

  if (frames == 0)
    return;
  const std::uint64_t block = std::gcd (priv.block,
      first ? frames : priv.processor->pushed ());
  if (block == priv.block)
    return;
  const GstClockTime framing = Processor::framing_time (block, rate);
  if (!first && framing > priv.framing)
    priv.block = 1;
  else
    priv.block = block;
  priv.framing = std::max (priv.framing,
      Processor::framing_time (priv.block, rate));
  gst_percepnet_update_latency (self);
}

static gboolean
gst_percepnet_query_latency (GstPercepnet * self, GstQuery * query)
{
  gboolean live;
  GstClockTime min, max;

  if (!gst_pad_peer_query (GST_BASE_TRANSFORM_SINK_PAD (self), query))
    return FALSE;
  gst_query_parse_latency (query, &live, &min, &max);

  GST_OBJECT_LOCK (self);
  const GstClockTime latency = self->priv->readings.latency;
  GST_OBJECT_UNLOCK (self);

  min += latency;
  if (GST_CLOCK_TIME_IS_VALID (max))
    max += latency;
  gst_query_set_latency (query, live, min, max);
  GST_DEBUG_OBJECT (self, "latency: live %d, min %" GST_TIME_FORMAT ", max %"
      GST_TIME_FORMAT ", of which ours %" GST_TIME_FORMAT, live,
      GST_TIME_ARGS (min), GST_TIME_ARGS (max), GST_TIME_ARGS (latency));
  return TRUE;
}

static gboolean
gst_percepnet_query (GstBaseTransform * trans, GstPadDirection direction,
    GstQuery * query)
{
  if (direction == GST_PAD_SRC && GST_QUERY_TYPE (query) == GST_QUERY_LATENCY)
    return gst_percepnet_query_latency (GST_PERCEPNET (trans), query);
  return GST_BASE_TRANSFORM_CLASS (gst_percepnet_parent_class)->query (trans,
      direction, query);
}

/* ---- What happens at each hop ---------------------------------------------*/

GstClockTime
Private::time_of_engine_sample (std::int64_t position) const
{
  const GstClockTime start = timeline.time_of (0);

  if (!GST_CLOCK_TIME_IS_VALID (start) || position < 0)
    return start;
  return start + gst_util_uint64_scale_int (position, GST_SECOND,
      PERCEPNET_SAMPLE_RATE);
}

/* Settings take effect on what leaves the engine, so controlled properties are
 * synchronised to the time of that. */
void
Private::before_hop (std::int64_t position)
{
  const GstClockTime time = time_of_engine_sample (position);
  const GstClockTime stream_time =
      gst_segment_to_stream_time (&GST_BASE_TRANSFORM (self)->segment,
      GST_FORMAT_TIME, time);

  if (GST_CLOCK_TIME_IS_VALID (stream_time))
    gst_object_sync_values (GST_OBJECT_CAST (self), stream_time);

  GST_OBJECT_LOCK (self);
  const percepnet_params wanted = settings.engine;
  GST_OBJECT_UNLOCK (self);

  percepnet_stream *stream = processor->stream ();
  percepnet_set_attenuation_limit (stream, wanted.attenuation_limit);
  percepnet_set_mix (stream, wanted.mix);
  percepnet_set_post_filter (stream, wanted.post_filter);
  percepnet_set_output (stream, wanted.output);
}

static percepnet_readout
gst_percepnet_get_readout (percepnet_stream * stream,
    percepnet_channel_mode mode)
{
  const int count =
      mode == PERCEPNET_CHANNELS_LINKED ? 1 : percepnet_channels (stream);
  percepnet_readout best = { -1.0f, 0.0f, 0.0f };

  for (int c = 0; c < count; c++) {
    percepnet_readout readout;
    percepnet_get_readout (stream, c, &readout);
    if (readout.voice_probability > best.voice_probability)
      best = readout;
  }
  return best;
}

static void
gst_percepnet_post_voice_activity (GstPercepnet * self, GstClockTime time,
    gboolean active, const percepnet_readout & readout)
{
  const GstSegment *segment = &GST_BASE_TRANSFORM (self)->segment;
  GstStructure *structure = gst_structure_new ("voice-activity",
      "stream-has-voice", G_TYPE_BOOLEAN, active,
      "timestamp", G_TYPE_UINT64, time,
      "stream-time", G_TYPE_UINT64,
      gst_segment_to_stream_time (segment, GST_FORMAT_TIME, time),
      "running-time", G_TYPE_UINT64,
      gst_segment_to_running_time (segment, GST_FORMAT_TIME, time),
      "voice-probability", G_TYPE_FLOAT, readout.voice_probability,
      "snr", G_TYPE_FLOAT, readout.snr_db, nullptr);

  gst_element_post_message (GST_ELEMENT_CAST (self),
      gst_message_new_element (GST_OBJECT_CAST (self), structure));
}

void
Private::after_hop (std::int64_t position)
{
  tally.hops++;
  if (position < 0)
    return;
  tally.readout = gst_percepnet_get_readout (processor->stream (),
      channel_mode);
  if (!voice.update (tally.readout.voice_probability))
    return;
  GST_DEBUG_OBJECT (self, "voice %s", voice.active () ? "begins" : "ends");

  GST_OBJECT_LOCK (self);
  const bool post = settings.voice_activity_messages;
  GST_OBJECT_UNLOCK (self);
  if (post)
    gst_percepnet_post_voice_activity (self, time_of_engine_sample (position),
        voice.active (), tally.readout);
}

/* ---- Output ---------------------------------------------------------------*/

static bool
gst_percepnet_in_gap (Private & priv, std::uint64_t begin, std::uint64_t end)
{
  while (!priv.gaps.empty () && priv.gaps.front ().end <= begin)
    priv.gaps.pop_front ();
  return !priv.gaps.empty () && priv.gaps.front ().begin <= begin
      && priv.gaps.front ().end >= end;
}

static void
gst_percepnet_add_level_meta (Private & priv, GstBuffer * buffer)
{
  const double power = priv.processor->take_power ();
  const double level = power > 0.0 ? -10.0 * std::log10 (power) : 127.0;

  gst_buffer_add_audio_level_meta (buffer,
      guint8 (std::clamp (std::round (level), 0.0, 127.0)),
      priv.voice.active ());
}

/* Everything that is ready, as one buffer. */
static GstBuffer *
gst_percepnet_take_buffer (GstPercepnet * self)
{
  Private & priv = *self->priv;
  Processor & processor = *priv.processor;
  const GstAudioInfo *info = &processor.info ();
  const std::uint64_t begin = processor.popped ();
  const std::size_t frames = processor.available ();
  const std::uint64_t end = begin + frames;
  GstBuffer *buffer = gst_buffer_new_allocate (nullptr,
      frames * GST_AUDIO_INFO_BPF (info), nullptr);
  GstAudioBuffer audio;

  if (GST_AUDIO_INFO_LAYOUT (info) == GST_AUDIO_LAYOUT_NON_INTERLEAVED)
    gst_buffer_add_audio_meta (buffer, info, frames, nullptr);
  if (priv.timeline.anchored ()) {
    GST_BUFFER_PTS (buffer) = priv.timeline.time_of (begin);
    GST_BUFFER_DURATION (buffer) =
        priv.timeline.time_of (end) - GST_BUFFER_PTS (buffer);
  }
  GST_BUFFER_OFFSET (buffer) = begin;
  GST_BUFFER_OFFSET_END (buffer) = end;
  if (priv.discont)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  priv.discont = false;
  if (gst_percepnet_in_gap (priv, begin, end) && processor.front_is_zero ())
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_GAP);
  if (gst_percepnet_get_settings (self).audio_level_meta)
    gst_percepnet_add_level_meta (priv, buffer);

  gst_audio_buffer_map (&audio, info, buffer, GST_MAP_WRITE);
  processor.pop (audio.planes, frames);
  gst_audio_buffer_unmap (&audio);
  priv.tally.frames_out += frames;
  return buffer;
}

/* Buffers are pushed here and not returned from generate_output(): the base
 * class would put the DISCONT flag of the present input buffer on them, but
 * they hold what came some buffers before. */
static GstFlowReturn
gst_percepnet_push_available (GstPercepnet * self)
{
  Private & priv = *self->priv;
  GstBuffer *buffer;

  if (priv.processor->available () == 0)
    return GST_FLOW_OK;
  {
    const CpuMeter meter (priv.tally.cpu_time);
    buffer = gst_percepnet_take_buffer (self);
  }
  priv.tally.audio_time = gst_util_uint64_scale_int (priv.tally.frames_out,
      GST_SECOND, gst_percepnet_rate (priv));
  gst_percepnet_publish_readings (self);
  GST_LOG_OBJECT (self, "pushing %" GST_PTR_FORMAT, buffer);
  return gst_pad_push (GST_BASE_TRANSFORM_SRC_PAD (self), buffer);
}

static void
gst_percepnet_reset (GstPercepnet * self)
{
  Private & priv = *self->priv;

  if (priv.processor && priv.processor->pushed () > 0) {
    priv.processor->reset ();
    priv.tally.resets++;
    gst_percepnet_publish_readings (self);
  }
  priv.gaps.clear ();
  priv.gap_run = 0;
  priv.voice.reset ();
  priv.timeline.restart ();
}

/* Pushes the tail of all that came in; then the engine is as new. */
static GstFlowReturn
gst_percepnet_drain (GstPercepnet * self)
{
  Private & priv = *self->priv;

  if (!priv.processor || priv.processor->pushed () == 0)
    return GST_FLOW_OK;
  GST_DEBUG_OBJECT (self, "draining %" G_GUINT64_FORMAT " frames",
      priv.processor->pushed () - priv.processor->popped ());
  {
    const CpuMeter meter (priv.tally.cpu_time);
    priv.processor->finish ();
  }
  const GstFlowReturn ret = gst_percepnet_push_available (self);
  gst_percepnet_reset (self);
  return ret;
}

/* ---- Input ----------------------------------------------------------------*/

static void
gst_percepnet_push_silence (GstPercepnet * self, GstClockTime pts,
    std::uint64_t frames)
{
  Private & priv = *self->priv;
  const std::uint64_t begin = priv.processor->pushed ();
  const CpuMeter meter (priv.tally.cpu_time);

  if (!priv.gaps.empty () && priv.gaps.back ().end == begin)
    priv.gaps.back ().end += frames;
  else
    priv.gaps.push_back ({begin, begin + frames});
  priv.timeline.advance (pts, frames);
  priv.processor->push_silence (frames);
}

/* Fills a hole in the input: samples come out for it as well. */
static void
gst_percepnet_bridge (GstPercepnet * self, std::uint64_t frames)
{
  Private & priv = *self->priv;

  GST_DEBUG_OBJECT (self, "bridging a gap of %" G_GUINT64_FORMAT " frames",
      frames);
  priv.tally.gaps_bridged++;
  priv.tally.gap_frames += frames;
  priv.gap_run += frames;
  gst_percepnet_push_silence (self, GST_CLOCK_TIME_NONE, frames);
}

static bool
gst_percepnet_push_samples (GstPercepnet * self, GstBuffer * buffer)
{
  Private & priv = *self->priv;
  const GstAudioInfo *info = &priv.processor->info ();
  GstAudioBuffer audio;

  if (!gst_audio_buffer_map (&audio, info, buffer, GST_MAP_READ))
    return false;
  {
    const CpuMeter meter (priv.tally.cpu_time);
    priv.timeline.advance (GST_BUFFER_PTS (buffer),
        GST_AUDIO_BUFFER_N_SAMPLES (&audio));
    priv.processor->push (audio.planes, GST_AUDIO_BUFFER_N_SAMPLES (&audio));
  }
  gst_audio_buffer_unmap (&audio);
  return true;
}

static std::uint64_t
gst_percepnet_count_frames (GstPercepnet * self, GstBuffer * buffer)
{
  const GstAudioInfo *info = &self->priv->processor->info ();
  const GstAudioMeta *meta = gst_buffer_get_audio_meta (buffer);
  const gsize size = gst_buffer_get_size (buffer);

  if (meta)
    return meta->samples;
  if (size % GST_AUDIO_INFO_BPF (info) != 0)
    GST_WARNING_OBJECT (self, "a buffer of %" G_GSIZE_FORMAT " bytes does not "
        "hold a whole number of frames of %d bytes", size,
        GST_AUDIO_INFO_BPF (info));
  return size / GST_AUDIO_INFO_BPF (info);
}

static GstFlowReturn
gst_percepnet_consume (GstPercepnet * self, GstBuffer * buffer)
{
  Private & priv = *self->priv;
  const std::uint64_t frames = gst_percepnet_count_frames (self, buffer);

  gst_percepnet_learn_framing (self, frames);
  priv.gap_run = 0;
  priv.tally.frames_in += frames;
  if (frames == 0)
    return GST_FLOW_OK;
  if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_GAP)) {
    gst_percepnet_push_silence (self, GST_BUFFER_PTS (buffer), frames);
  } else if (!gst_percepnet_push_samples (self, buffer)) {
    GST_ELEMENT_ERROR (self, STREAM, FORMAT,
        ("A buffer does not have the audio format of its caps; put "
            "audioconvert before percepnet, or repair the element that made "
            "the buffer."), ("%" GST_PTR_FORMAT, buffer));
    return GST_FLOW_ERROR;
  }
  return gst_percepnet_push_available (self);
}

static bool gst_percepnet_make_processor (GstPercepnet * self,
    const GstAudioInfo & info);

/* A new channel mode needs a new stream. The old one is emptied first, and the
 * time goes on. */
static GstFlowReturn
gst_percepnet_follow_channel_mode (GstPercepnet * self)
{
  Private & priv = *self->priv;

  if (gst_percepnet_get_settings (self).engine.channel_mode
      == priv.channel_mode)
    return GST_FLOW_OK;
  const GstFlowReturn ret = gst_percepnet_drain (self);
  if (ret != GST_FLOW_OK)
    return ret;
  const GstAudioInfo info = priv.processor->info ();
  return gst_percepnet_make_processor (self, info)
      ? GST_FLOW_OK : GST_FLOW_ERROR;
}

static GstFlowReturn
gst_percepnet_handle_seam (GstPercepnet * self, const Timeline::Verdict & seam)
{
  Private & priv = *self->priv;
  GstFlowReturn ret = GST_FLOW_OK;

  if (seam.seam == Timeline::Seam::gap)
    gst_percepnet_bridge (self, seam.missing);
  if (seam.seam == Timeline::Seam::jump) {
    GST_INFO_OBJECT (self, "the timestamps jump: starting afresh");
    ret = gst_percepnet_drain (self);
    priv.discont = true;
  }
  return ret;
}

static GstFlowReturn
gst_percepnet_submit_input_buffer (GstBaseTransform * trans,
    G_GNUC_UNUSED gboolean is_discont, GstBuffer * buffer)
{
  GstPercepnet *self = GST_PERCEPNET (trans);
  Private & priv = *self->priv;
  GstFlowReturn ret;

  if (!priv.processor) {
    gst_buffer_unref (buffer);
    return GST_FLOW_NOT_NEGOTIATED;
  }
  GST_LOG_OBJECT (self, "got %" GST_PTR_FORMAT, buffer);
  ret = gst_percepnet_handle_seam (self,
      priv.timeline.judge (GST_BUFFER_PTS (buffer),
          GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT),
          trans->segment.rate < 0.0));
  if (ret == GST_FLOW_OK)
    ret = gst_percepnet_follow_channel_mode (self);
  if (ret == GST_FLOW_OK)
    ret = gst_percepnet_consume (self, buffer);
  gst_buffer_unref (buffer);
  return ret;
}

/* All output was pushed by submit_input_buffer(). */
static GstFlowReturn
gst_percepnet_generate_output (G_GNUC_UNUSED GstBaseTransform * trans,
    GstBuffer ** buffer)
{
  *buffer = nullptr;
  return GST_FLOW_OK;
}

/* Never called, but without it the base class goes into passthrough. */
static GstFlowReturn
gst_percepnet_transform (G_GNUC_UNUSED GstBaseTransform * trans,
    G_GNUC_UNUSED GstBuffer * in, G_GNUC_UNUSED GstBuffer * out)
{
  return GST_FLOW_NOT_SUPPORTED;
}

/* ---- Events ---------------------------------------------------------------*/

/* Takes a GAP event that is short enough to be bridged. */
static bool
gst_percepnet_bridge_gap_event (GstPercepnet * self, GstEvent * event)
{
  Private & priv = *self->priv;
  GstClockTime time, duration;

  gst_event_parse_gap (event, &time, &duration);
  if (!priv.processor || priv.processor->pushed () == 0
      || !priv.timeline.anchored () || !GST_CLOCK_TIME_IS_VALID (duration)
      || GST_BASE_TRANSFORM (self)->segment.rate < 0.0)
    return false;

  const int rate = gst_percepnet_rate (priv);
  const GstClockTimeDiff missing =
      GST_CLOCK_DIFF (priv.timeline.expected (), time + duration);
  const std::uint64_t longest =
      gst_util_uint64_scale_int (longest_gap_run, rate, GST_SECOND);
  if (missing <= 0)
    return true;
  const std::uint64_t frames =
      gst_util_uint64_scale_round (missing, rate, GST_SECOND);
  if (priv.gap_run + frames > longest)
    return false;
  gst_percepnet_bridge (self, frames);
  gst_percepnet_push_available (self);
  return true;
}

static bool
gst_percepnet_caps_change (GstPercepnet * self, GstEvent * event)
{
  GstCaps *caps;
  GstAudioInfo info;

  gst_event_parse_caps (event, &caps);
  return !self->priv->processor || !gst_audio_info_from_caps (&info, caps)
      || !gst_audio_info_is_equal (&info, &self->priv->processor->info ());
}

static bool
gst_percepnet_segment_changes (GstPercepnet * self, GstEvent * event)
{
  GstSegment now = GST_BASE_TRANSFORM (self)->segment;
  const GstSegment *next;

  gst_event_parse_segment (event, &next);
  now.position = next->position;
  return !gst_segment_is_equal (&now, next);
}

/* Everything that came before an event that ends a run of samples is pushed
 * before it. */
static void
gst_percepnet_end_run (GstPercepnet * self)
{
  gst_percepnet_drain (self);
  self->priv->timeline.forget ();
  self->priv->discont = true;
}

static gboolean
gst_percepnet_sink_event (GstBaseTransform * trans, GstEvent * event)
{
  GstPercepnet *self = GST_PERCEPNET (trans);

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_CAPS:
      if (gst_percepnet_caps_change (self, event)) {
        gst_percepnet_drain (self);
        self->priv->discont = true;
      }
      break;
    case GST_EVENT_SEGMENT:
      if (gst_percepnet_segment_changes (self, event))
        gst_percepnet_end_run (self);
      break;
    case GST_EVENT_GAP:
      if (gst_percepnet_bridge_gap_event (self, event)) {
        gst_event_unref (event);
        return TRUE;
      }
      gst_percepnet_end_run (self);
      break;
    case GST_EVENT_STREAM_START:
    case GST_EVENT_SEGMENT_DONE:
    case GST_EVENT_EOS:
      gst_percepnet_end_run (self);
      break;
    case GST_EVENT_FLUSH_STOP:
      gst_percepnet_reset (self);
      self->priv->timeline.forget ();
      self->priv->discont = true;
      break;
    default:
      break;
  }
  return GST_BASE_TRANSFORM_CLASS (gst_percepnet_parent_class)->sink_event
      (trans, event);
}

/* ---- Set-up ---------------------------------------------------------------*/

static bool
gst_percepnet_make_processor (GstPercepnet * self, const GstAudioInfo & info)
{
  Private & priv = *self->priv;
  percepnet_params params = gst_percepnet_get_settings (self).engine;
  percepnet_error error;

  params.model = priv.model.get ();
  priv.processor = Processor::create (info, params, priv, &error);
  if (!priv.processor) {
    GST_ELEMENT_ERROR (self, LIBRARY, INIT, ("%s", error.message), (nullptr));
    return false;
  }
  priv.channel_mode = params.channel_mode;
  gst_percepnet_update_latency (self);
  return true;
}

static gboolean
gst_percepnet_setup (GstAudioFilter * filter, const GstAudioInfo * info)
{
  GstPercepnet *self = GST_PERCEPNET (filter);
  Private & priv = *self->priv;

  if (priv.processor && gst_audio_info_is_equal (info, &priv.processor->info ()))
    return TRUE;
  GST_INFO_OBJECT (self, "%d channels of %s at %d Hz",
      GST_AUDIO_INFO_CHANNELS (info), GST_AUDIO_INFO_NAME (info),
      GST_AUDIO_INFO_RATE (info));
  priv.block = 0;
  priv.framing = 0;
  priv.timeline.start (GST_AUDIO_INFO_RATE (info));
  return gst_percepnet_make_processor (self, *info);
}

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
gst_percepnet_start (GstBaseTransform * trans)
{
  GstPercepnet *self = GST_PERCEPNET (trans);
  Private & priv = *self->priv;
  percepnet_error error;

  priv.model = percepnet::gst::open_model (gst_percepnet_get_settings
      (self).model, &error);
  if (!priv.model) {
    if (error.status == PERCEPNET_ERROR_FILE)
      GST_ELEMENT_ERROR (self, RESOURCE, OPEN_READ, ("%s", error.message),
          (nullptr));
    else
      GST_ELEMENT_ERROR (self, LIBRARY, SETTINGS, ("%s", error.message),
          (nullptr));
    return FALSE;
  }
  priv.tally = Readings ();
  priv.block = 0;
  priv.framing = 0;
  priv.discont = true;
  priv.timeline.forget ();
  gst_percepnet_update_latency (self);
  return TRUE;
}

static gboolean
gst_percepnet_stop (GstBaseTransform * trans)
{
  Private & priv = *GST_PERCEPNET (trans)->priv;

  priv.processor.reset ();
  priv.model.reset ();
  priv.gaps.clear ();
  return TRUE;
}

static void
gst_percepnet_finalize (GObject * object)
{
  delete GST_PERCEPNET (object)->priv;

  G_OBJECT_CLASS (gst_percepnet_parent_class)->finalize (object);
}

static void
gst_percepnet_init (GstPercepnet * self)
{
  self->priv = new Private (self);
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
      "Speech enhancement", "Filter/Effect/Audio",
      "Takes noise and reverberation out of speech, in real time (PercepNet)",
      "The percepnet authors");
  gst_audio_filter_class_add_pad_templates (filter_class, caps);
  gst_caps_unref (caps);

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
  trans_class->transform = gst_percepnet_transform;
}

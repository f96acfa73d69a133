// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The way of the samples through the element: seams, gaps, hops, buffers.
#include "stream.hpp"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <numeric>

namespace percepnet::gst
{
namespace
{

// GAP events one after the other: beyond this, the pause is a long one.
constexpr GstClockTime longest_gap_run = 500 * GST_MSECOND;

// Adds the CPU time of the thread between construction and destruction.
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

// ---- Set-up ----------------------------------------------------------------

Settings
Stream::settings () const
{
  GST_OBJECT_LOCK (self_);
  Settings copy = settings_;
  GST_OBJECT_UNLOCK (self_);
  return copy;
}

Readings
Stream::readings () const
{
  GST_OBJECT_LOCK (self_);
  const Readings copy = readings_;
  GST_OBJECT_UNLOCK (self_);
  return copy;
}

void
Stream::publish ()
{
  GST_OBJECT_LOCK (self_);
  readings_ = tally_;
  GST_OBJECT_UNLOCK (self_);
}

const GstSegment &
Stream::segment () const
{
  return GST_BASE_TRANSFORM (self_)->segment;
}

bool
Stream::start ()
{
  percepnet_error error;

  model_ = open_model (settings ().model, &error);
  if (!model_) {
    if (error.status == PERCEPNET_ERROR_FILE)
      GST_ELEMENT_ERROR (self_, RESOURCE, OPEN_READ, ("%s", error.message),
          (nullptr));
    else
      GST_ELEMENT_ERROR (self_, LIBRARY, SETTINGS, ("%s", error.message),
          (nullptr));
    return false;
  }
  tally_ = Readings ();
  block_ = 0;
  framing_ = 0;
  discont_ = true;
  timeline_.forget ();
  update_latency ();
  return true;
}

void
Stream::stop ()
{
  processor_.reset ();
  model_.reset ();
  gaps_.clear ();
}

bool
Stream::has_format (const GstAudioInfo & info) const
{
  return processor_ && gst_audio_info_is_equal (&info, &processor_->info ());
}

bool
Stream::set_format (const GstAudioInfo & info)
{
  if (has_format (info))
    return true;
  GST_INFO_OBJECT (self_, "%d channels of %s at %d Hz",
      GST_AUDIO_INFO_CHANNELS (&info), GST_AUDIO_INFO_NAME (&info),
      GST_AUDIO_INFO_RATE (&info));
  block_ = 0;
  framing_ = 0;
  discont_ = true;
  timeline_.start (GST_AUDIO_INFO_RATE (&info));
  return make_processor (info);
}

bool
Stream::make_processor (const GstAudioInfo & info)
{
  percepnet_params params = settings ().engine;
  percepnet_error error;

  params.model = model_.get ();
  processor_ = Processor::create (info, params, *this, &error);
  if (!processor_) {
    GST_ELEMENT_ERROR (self_, LIBRARY, INIT, ("%s", error.message), (nullptr));
    return false;
  }
  channel_mode_ = params.channel_mode;
  update_latency ();
  return true;
}

void
Stream::reset ()
{
  if (processor_ && processor_->pushed () > 0) {
    processor_->reset ();
    tally_.resets++;
    publish ();
  }
  gaps_.clear ();
  gap_run_ = 0;
  voice_.reset ();
  timeline_.restart ();
}

void
Stream::flush ()
{
  reset ();
  timeline_.forget ();
  discont_ = true;
}

void
Stream::end_run ()
{
  drain ();
  flush ();
}

// ---- Latency ---------------------------------------------------------------

void
Stream::update_latency ()
{
  GstClockTime latency = framing_;

  if (processor_)
    latency += processor_->latency_time ();
  else
    latency += gst_util_uint64_scale_int_ceil (percepnet_model_latency
        (model_.get ()), GST_SECOND, PERCEPNET_SAMPLE_RATE);
  if (latency == tally_.latency)
    return;

  GST_INFO_OBJECT (self_, "latency is now %" GST_TIME_FORMAT,
      GST_TIME_ARGS (latency));
  tally_.latency = latency;
  publish ();
  gst_element_post_message (GST_ELEMENT_CAST (self_),
      gst_message_new_latency (GST_OBJECT_CAST (self_)));
}

// The size of the first buffer tells how long hops are waited for. A buffer
// that breaks the pattern raises this to its bound, once for all: the latency
// must not flutter while playing. The last buffer may have any size, so the
// others count only when something follows them.
void
Stream::learn_framing (std::uint64_t frames)
{
  const bool first = block_ == 0;
  const std::uint64_t block =
      std::gcd (block_, first ? frames : processor_->pushed ());

  if (block == block_)
    return;
  const GstClockTime framing = Processor::framing_time (block, rate ());
  block_ = first || framing <= framing_ ? block : 1;
  framing_ = std::max (framing_, Processor::framing_time (block_, rate ()));
  update_latency ();
}

// ---- Input -----------------------------------------------------------------

GstFlowReturn
Stream::consume (GstBuffer * buffer)
{
  const bool discont = GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT);

  timeline_.tolerate (settings ().tolerance);
  const Timeline::Verdict verdict =
      timeline_.judge (GST_BUFFER_PTS (buffer), discont, segment ().rate < 0.0);
  GstFlowReturn ret = handle_seam (verdict);

  if (ret == GST_FLOW_OK)
    ret = follow_channel_mode ();
  if (ret == GST_FLOW_OK)
    ret = take (buffer);
  if (ret == GST_FLOW_OK)
    ret = push_available ();
  return ret;
}

GstFlowReturn
Stream::handle_seam (const Timeline::Verdict & verdict)
{
  GstFlowReturn ret = GST_FLOW_OK;

  switch (verdict.seam) {
    case Timeline::Seam::smooth:
      break;
    case Timeline::Seam::gap:
      bridge (verdict.missing);
      break;
    case Timeline::Seam::step:
      GST_DEBUG_OBJECT (self_, "the time steps back to %" GST_TIME_FORMAT,
          GST_TIME_ARGS (verdict.time));
      timeline_.step (verdict.time);
      break;
    case Timeline::Seam::jump:
      GST_INFO_OBJECT (self_, "the time jumps to %" GST_TIME_FORMAT
          ": starting afresh", GST_TIME_ARGS (verdict.time));
      ret = drain ();
      timeline_.jump (verdict.time);
      discont_ = true;
      break;
  }
  return ret;
}

// A new channel mode needs a new processor. The old one is emptied first, and
// the time goes on.
GstFlowReturn
Stream::follow_channel_mode ()
{
  if (settings ().engine.channel_mode == channel_mode_)
    return GST_FLOW_OK;
  const GstFlowReturn ret = drain ();
  if (ret != GST_FLOW_OK)
    return ret;
  const GstAudioInfo info = processor_->info ();
  return make_processor (info) ? GST_FLOW_OK : GST_FLOW_ERROR;
}

std::uint64_t
Stream::count_frames (GstBuffer * buffer) const
{
  const gsize frame_bytes = GST_AUDIO_INFO_BPF (&processor_->info ());
  const GstAudioMeta *meta = gst_buffer_get_audio_meta (buffer);
  const gsize size = gst_buffer_get_size (buffer);

  if (meta)
    return meta->samples;
  if (size % frame_bytes != 0)
    GST_WARNING_OBJECT (self_, "a buffer of %" G_GSIZE_FORMAT " bytes does not "
        "hold a whole number of frames of %" G_GSIZE_FORMAT " bytes", size,
        frame_bytes);
  return size / frame_bytes;
}

GstFlowReturn
Stream::take (GstBuffer * buffer)
{
  const std::uint64_t frames = count_frames (buffer);

  gap_run_ = 0;
  if (frames == 0)
    return GST_FLOW_OK;
  learn_framing (frames);
  tally_.frames_in += frames;
  if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_GAP)) {
    push_silence (GST_BUFFER_PTS (buffer), frames);
  } else if (!push_samples (buffer)) {
    GST_ELEMENT_ERROR (self_, STREAM, FORMAT,
        ("A buffer does not have the audio format of its caps; put "
            "audioconvert before percepnet, or repair the element that made "
            "the buffer."), ("%" GST_PTR_FORMAT, buffer));
    return GST_FLOW_ERROR;
  }
  return GST_FLOW_OK;
}

bool
Stream::push_samples (GstBuffer * buffer)
{
  GstAudioBuffer audio;

  if (!gst_audio_buffer_map (&audio, &processor_->info (), buffer,
          GST_MAP_READ))
    return false;
  {
    const CpuMeter meter (tally_.cpu_time);
    const std::uint64_t frames = GST_AUDIO_BUFFER_N_SAMPLES (&audio);
    timeline_.advance (GST_BUFFER_PTS (buffer), frames);
    processor_->push (audio.planes, frames);
  }
  gst_audio_buffer_unmap (&audio);
  return true;
}

void
Stream::push_silence (GstClockTime pts, std::uint64_t frames)
{
  const CpuMeter meter (tally_.cpu_time);
  const std::uint64_t begin = processor_->pushed ();

  if (!gaps_.empty () && gaps_.back ().end == begin)
    gaps_.back ().end += frames;
  else
    gaps_.push_back ({ begin, begin + frames });
  timeline_.advance (pts, frames);
  processor_->push_silence (frames);
}

// Fills a hole in the input: samples come out for it as well.
void
Stream::bridge (std::uint64_t frames)
{
  GST_DEBUG_OBJECT (self_, "bridging a gap of %" G_GUINT64_FORMAT " frames",
      frames);
  tally_.gaps_bridged++;
  tally_.gap_frames += frames;
  gap_run_ += frames;
  push_silence (GST_CLOCK_TIME_NONE, frames);
}

bool
Stream::bridge_gap (GstClockTime time, GstClockTime duration)
{
  if (!processor_ || processor_->pushed () == 0 || !timeline_.anchored ()
      || !GST_CLOCK_TIME_IS_VALID (duration) || segment ().rate < 0.0)
    return false;

  const std::uint64_t frames = timeline_.missing_in (time, duration);
  if (frames == 0)
    return true;
  if (gap_run_ + frames
      > gst_util_uint64_scale_int (longest_gap_run, rate (), GST_SECOND))
    return false;
  bridge (frames);
  push_available ();
  return true;
}

// ---- At each hop -----------------------------------------------------------

GstClockTime
Stream::time_of_engine_sample (std::int64_t position) const
{
  return timeline_.time_of (gst_util_uint64_scale_int (MAX (position, 0),
          rate (), PERCEPNET_SAMPLE_RATE));
}

// Settings take effect on what leaves the engine, so controlled properties are
// synchronised to the time of that.
void
Stream::before_hop (std::int64_t position)
{
  const GstClockTime stream_time = gst_segment_to_stream_time (&segment (),
      GST_FORMAT_TIME, time_of_engine_sample (position));

  if (GST_CLOCK_TIME_IS_VALID (stream_time))
    gst_object_sync_values (GST_OBJECT_CAST (self_), stream_time);

  GST_OBJECT_LOCK (self_);
  const percepnet_params wanted = settings_.engine;
  GST_OBJECT_UNLOCK (self_);

  percepnet_stream *stream = processor_->stream ();
  percepnet_set_attenuation_limit (stream, wanted.attenuation_limit);
  percepnet_set_mix (stream, wanted.mix);
  percepnet_set_post_filter (stream, wanted.post_filter);
  percepnet_set_output (stream, wanted.output);
}

void
Stream::after_hop (std::int64_t position)
{
  tally_.hops++;
  if (position < 0)
    return;
  tally_.readout = read_channels ();
  if (!voice_.update (tally_.readout.voice_probability))
    return;

  GST_DEBUG_OBJECT (self_, "voice %s", voice_.active () ? "begins" : "ends");
  if (settings ().voice_activity_messages)
    post_voice_activity (time_of_engine_sample (position));
}

// Of the channel that most likely has a voice.
percepnet_readout
Stream::read_channels () const
{
  percepnet_stream *stream = processor_->stream ();
  const int count = channel_mode_ == PERCEPNET_CHANNELS_LINKED
      ? 1 : percepnet_channels (stream);
  percepnet_readout best = { -1.0f, 0.0f, 0.0f };

  for (int c = 0; c < count; c++) {
    percepnet_readout readout;
    percepnet_get_readout (stream, c, &readout);
    if (readout.voice_probability > best.voice_probability)
      best = readout;
  }
  return best;
}

void
Stream::post_voice_activity (GstClockTime time)
{
  const GstSegment *now = &segment ();
  GstStructure *structure = gst_structure_new ("voice-activity",
      "stream-has-voice", G_TYPE_BOOLEAN, voice_.active (),
      "timestamp", G_TYPE_UINT64, time,
      "stream-time", G_TYPE_UINT64,
      gst_segment_to_stream_time (now, GST_FORMAT_TIME, time),
      "running-time", G_TYPE_UINT64,
      gst_segment_to_running_time (now, GST_FORMAT_TIME, time),
      "voice-probability", G_TYPE_FLOAT, tally_.readout.voice_probability,
      "snr", G_TYPE_FLOAT, tally_.readout.snr_db, nullptr);

  gst_element_post_message (GST_ELEMENT_CAST (self_),
      gst_message_new_element (GST_OBJECT_CAST (self_), structure));
}

// ---- Output ----------------------------------------------------------------

bool
Stream::in_gap (std::uint64_t begin, std::uint64_t end)
{
  while (!gaps_.empty () && gaps_.front ().end <= begin)
    gaps_.pop_front ();
  return !gaps_.empty () && gaps_.front ().begin <= begin
      && gaps_.front ().end >= end;
}

void
Stream::add_level_meta (GstBuffer * buffer)
{
  const double power = processor_->take_power ();
  const double level = power > 0.0 ? -10.0 * std::log10 (power) : 127.0;

  gst_buffer_add_audio_level_meta (buffer,
      guint8 (std::clamp (std::round (level), 0.0, 127.0)), voice_.active ());
}

// The oldest frames that are ready.
GstBuffer *
Stream::make_output (std::size_t frames)
{
  const CpuMeter meter (tally_.cpu_time);
  const GstAudioInfo *info = &processor_->info ();
  const std::uint64_t begin = processor_->popped (), end = begin + frames;
  GstBuffer *buffer = gst_buffer_new_allocate (nullptr,
      frames * GST_AUDIO_INFO_BPF (info), nullptr);
  GstAudioBuffer audio;

  if (GST_AUDIO_INFO_LAYOUT (info) == GST_AUDIO_LAYOUT_NON_INTERLEAVED)
    gst_buffer_add_audio_meta (buffer, info, frames, nullptr);
  if (timeline_.anchored ()) {
    /* From rounded times: with neighbours of the same run, without a seam. */
    GST_BUFFER_PTS (buffer) = timeline_.time_of (begin);
    GST_BUFFER_DURATION (buffer) = timeline_.next_step (begin) > end
        ? timeline_.time_of (end) - GST_BUFFER_PTS (buffer)
        : gst_util_uint64_scale_round (frames, GST_SECOND, rate ());
  }
  GST_BUFFER_OFFSET (buffer) = begin;
  GST_BUFFER_OFFSET_END (buffer) = end;
  if (discont_ || timeline_.discont_at (begin))
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  discont_ = false;
  if (in_gap (begin, end) && processor_->front_is_zero (frames))
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_GAP);
  if (settings ().audio_level_meta)
    add_level_meta (buffer);

  gst_audio_buffer_map (&audio, info, buffer, GST_MAP_WRITE);
  processor_->pop (audio.planes, frames);
  gst_audio_buffer_unmap (&audio);
  return buffer;
}

// Pushed from here and not returned from generate_output(): the base class
// would put the DISCONT flag of the present input buffer on this one, but it
// holds what came some buffers before.
GstFlowReturn
Stream::push_available ()
{
  GstFlowReturn ret = GST_FLOW_OK;

  while (ret == GST_FLOW_OK && processor_->available () > 0) {
    const std::uint64_t begin = processor_->popped ();
    const std::size_t frames = std::min < std::uint64_t >
        (processor_->available (), timeline_.next_step (begin) - begin);
    GstBuffer *buffer = make_output (frames);

    timeline_.forget_before (begin + frames);
    tally_.frames_out += frames;
    tally_.audio_time +=
        gst_util_uint64_scale_int (frames, GST_SECOND, rate ());
    publish ();
    GST_LOG_OBJECT (self_, "pushing %" GST_PTR_FORMAT, buffer);
    ret = gst_pad_push (GST_BASE_TRANSFORM_SRC_PAD (self_), buffer);
  }
  return ret;
}

GstFlowReturn
Stream::drain ()
{
  if (!processor_ || processor_->pushed () == 0)
    return GST_FLOW_OK;
  GST_DEBUG_OBJECT (self_, "draining %" G_GUINT64_FORMAT " frames",
      processor_->pushed () - processor_->popped ());
  {
    const CpuMeter meter (tally_.cpu_time);
    processor_->finish ();
  }
  const GstFlowReturn ret = push_available ();
  reset ();
  return ret;
}

}

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// A stream of buffers: its set-up, its ends, and what happens at each hop.
#include "stream.hpp"

#include "cpu_meter.hpp"
#include "segment_time.hpp"

namespace percepnet::gst
{

// ---- Set-up ----------------------------------------------------------------

Stream::Stream (GstPercepnet * element)
    : self_ (element), voice_ (GST_ELEMENT_CAST (element)),
    idle_watch_ (GST_ELEMENT_CAST (element),
        GST_BASE_TRANSFORM_SINK_PAD (element), [this] { be_idle (); })
{
}

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
  framing_.reset ();
  warned_ = false;
  discont_ = true;
  timeline_.begin_anew ();
  update_latency ();
  return true;
}

void
Stream::stop ()
{
  forget_inside ();
  cutter_.clear ();
  processor_.reset ();
  model_.reset ();
  publish ();
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
  drop_cut_frame ();
  if (!model_)
    return false;               // stopped by who was told of what came before
  framing_.reset ();
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

// What is known of samples inside, after they have left or are given up.
void
Stream::forget_inside ()
{
  voice_.end (timeline_.end (), segment ());
  tally_.readout = { 0.0f, 0.0f, 0.0f };
  gaps_.clear ();
  gap_run_ = 0;
  metas_.clear ();
  idle_ = false;
  idle_watch_.expect (GST_CLOCK_TIME_NONE);
}

void
Stream::reset ()
{
  if (processor_ && processor_->pushed () > 0) {
    processor_->reset ();
    tally_.resets++;
  }
  forget_inside ();
  publish ();
  timeline_.restart ();
}

void
Stream::flush ()
{
  reset ();
  cutter_.clear ();
  timeline_.begin_anew ();
  discont_ = true;
}

void
Stream::end_run ()
{
  drop_cut_frame ();
  drain ();
  reset ();
  timeline_.forget ();
  discont_ = true;
}

void
Stream::begin_anew ()
{
  end_run ();
  timeline_.begin_anew ();
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
    ProcessorPtr (processor_)->finish ();
  }
  const GstFlowReturn ret = push_available ();
  reset ();
  return running () ? ret : GST_FLOW_FLUSHING;
}

// The time goes on when something comes, as if nothing had been.
void
Stream::be_idle ()
{
  if (!processor_ || processor_->pushed () == 0)
    return;
  GST_DEBUG_OBJECT (self_, "nothing came in time");
  drain ();
  idle_ = running ();
}

// ---- Latency ---------------------------------------------------------------

void
Stream::update_latency ()
{
  GstClockTime latency = framing_.time ();

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

// ---- At each hop -----------------------------------------------------------

std::uint64_t
Stream::frame_of_engine_sample (std::int64_t position) const
{
  return gst_util_uint64_scale_int (MAX (position, 0), rate (),
      PERCEPNET_SAMPLE_RATE);
}

GstClockTime
Stream::time_of_engine_sample (std::int64_t position) const
{
  return timeline_.time_of (frame_of_engine_sample (position));
}

// Settings take effect on what leaves the engine, so controlled properties are
// synchronised to the time of that.
void
Stream::before_hop (std::int64_t position)
{
  if (!running ())
    return;                     // stopped by who was told of the last hop
  percepnet_stream *const stream = processor_->stream ();
  const GstClockTime stream_time =
      stream_time_of (segment (), time_of_engine_sample (position));

  if (GST_CLOCK_TIME_IS_VALID (stream_time))
    gst_object_sync_values (GST_OBJECT_CAST (self_), stream_time);

  GST_OBJECT_LOCK (self_);
  const percepnet_params wanted = settings_.engine;
  GST_OBJECT_UNLOCK (self_);

  percepnet_set_controls (stream, &wanted);
}

void
Stream::after_hop (std::int64_t position)
{
  tally_.hops++;
  if (!running () || position < 0
      || frame_of_engine_sample (position) >= processor_->pushed ())
    return;
  const Settings now = settings ();
  tally_.readout = read_channels ();
  voice_.update (tally_.readout,
      { now.voice_activity_messages, now.voice_activity_threshold },
      time_of_engine_sample (position), segment ());
}

// Of the channel that most likely has a voice.
percepnet_readout
Stream::read_channels () const
{
  percepnet_stream *const stream = processor_->stream ();
  percepnet_readout best = { };

  percepnet_get_loudest_voice (&stream, 1, &best);
  return best;
}

}

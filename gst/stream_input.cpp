// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The way of the samples into the element: seams, gaps, buffers.
#include "stream.hpp"

#include <utility>

#include "cpu_meter.hpp"
#include "segment_time.hpp"

namespace percepnet::gst
{
namespace
{

// GAP events one after the other: beyond this, the pause is a long one.
constexpr GstClockTime longest_gap_run = 500 * GST_MSECOND;
constexpr int most_guesses = 3;

}

GstFlowReturn
Stream::consume (GstBuffer * buffer)
{
  const bool discont = GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  const bool was_idle = std::exchange (idle_, false);
  const Ahead ahead = look_ahead (GST_BUFFER_PTS (buffer));

  if (discont)
    drop_cut_frame ();
  if (!running ()) {
    gst_buffer_unref (buffer);
    return GST_FLOW_FLUSHING;
  }
  buffer = cutter_.cut (buffer, processor_->info ());
  if (ahead == Ahead::guess && !discont) {
    buffer = gst_buffer_make_writable (buffer);
    GST_BUFFER_PTS (buffer) = GST_CLOCK_TIME_NONE;
  }
  timeline_.tolerate (settings ().tolerance);
  const Timeline::Verdict verdict =
      timeline_.judge (GST_BUFFER_PTS (buffer), discont || ahead == Ahead::pause,
      segment ().rate < 0.0);
  GstFlowReturn ret = handle_seam (verdict);

  idle_watch_.came (running_time_of (segment (), timeline_.expected ()));
  if (was_idle && verdict.seam == Timeline::Seam::smooth)
    idle_watch_.was_wrong ();
  if (ret == GST_FLOW_OK)
    ret = follow_channel_mode ();
  if (ret == GST_FLOW_OK)
    ret = take (buffer);
  if (ret == GST_FLOW_OK)
    ret = push_available ();
  watch_for_more ();
  publish ();
  gst_buffer_unref (buffer);
  return ret;
}

// Timestamps of a live sender that nobody explains, as those of Opus with DTX. So
// many guesses in a row are none.
Stream::Ahead
Stream::look_ahead (GstClockTime pts)
{
  Ahead ahead = Ahead::no;

  if (idle_watch_.live () && timeline_.is_pause (pts)) {
    const bool pause = idle_watch_.is_after_pause
        (running_time_of (segment (), pts),
        GST_CLOCK_DIFF (timeline_.expected (), pts));
    ahead = pause || guesses_ == most_guesses ? Ahead::pause : Ahead::guess;
  }
  guesses_ = ahead == Ahead::guess ? guesses_ + 1 : 0;
  return ahead;
}

void
Stream::watch_for_more ()
{
  const bool held = running () && processor_->pushed () > processor_->popped ();

  idle_watch_.expect (held && segment ().rate > 0.0
      ? running_time_of (segment (), timeline_.expected ())
      : GST_CLOCK_TIME_NONE);
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
      GST_DEBUG_OBJECT (self_, "the timestamps step back to %" GST_TIME_FORMAT,
          GST_TIME_ARGS (verdict.time));
      timeline_.step (verdict.time);
      break;
    case Timeline::Seam::jump:
      GST_INFO_OBJECT (self_, "the time jumps to %" GST_TIME_FORMAT
          ": starting afresh", GST_TIME_ARGS (verdict.time));
      ret = drain ();
      if (segment ().rate < 0.0)
        timeline_.begin_anew ();
      timeline_.jump (verdict.time);
      discont_ = true;
      break;
  }
  return running () ? ret : GST_FLOW_FLUSHING;
}

// A new channel mode needs a new processor. The old one is emptied first, and
// the time goes on.
GstFlowReturn
Stream::follow_channel_mode ()
{
  if (settings ().engine.channel_mode == channel_mode_)
    return GST_FLOW_OK;
  const GstAudioInfo info = processor_->info ();
  const GstFlowReturn ret = drain ();
  if (ret != GST_FLOW_OK)
    return ret;
  return make_processor (info) ? GST_FLOW_OK : GST_FLOW_ERROR;
}

// Without a word only a flush may lose something.
void
Stream::drop_cut_frame ()
{
  const gsize bytes = cutter_.held ();

  cutter_.clear ();
  if (bytes == 0 || !running () || std::exchange (warned_, true))
    return;
  GST_ELEMENT_WARNING (self_, STREAM, FORMAT,
      ("The audio ends, or breaks off, in the middle of a sample: %"
          G_GSIZE_FORMAT " bytes are dropped.", bytes),
      ("a frame has %d bytes", GST_AUDIO_INFO_BPF (&processor_->info ())));
}

GstFlowReturn
Stream::take (GstBuffer * buffer)
{
  const GstAudioMeta *meta = gst_buffer_get_audio_meta (buffer);
  const std::uint64_t frames = meta ? meta->samples
      : gst_buffer_get_size (buffer) / GST_AUDIO_INFO_BPF (&processor_->info ());

  gap_run_ = 0;
  metas_.keep (GST_BASE_TRANSFORM (self_), buffer, processor_->pushed ());
  if (frames == 0)
    return GST_FLOW_OK;
  framing_.learn (processor_->pushed (), frames, rate ());
  update_latency ();
  if (!running ())
    return GST_FLOW_FLUSHING;
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
    ProcessorPtr (processor_)->push (audio.planes, frames);
  }
  gst_audio_buffer_unmap (&audio);
  return true;
}

void
Stream::push_silence (GstClockTime pts, std::uint64_t frames)
{
  const CpuMeter meter (tally_.cpu_time);
  const std::uint64_t begin = processor_->pushed ();

  gaps_.add (begin, begin + frames);
  timeline_.advance (pts, frames);
  ProcessorPtr (processor_)->push_silence (frames);
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
  if (!processor_ || (processor_->pushed () == 0 && !idle_)
      || !timeline_.anchored () || !GST_CLOCK_TIME_IS_VALID (duration)
      || segment ().rate < 0.0)
    return false;

  const std::uint64_t frames = timeline_.missing_in (time, duration);
  if (frames == 0)
    return true;
  if (gap_run_ + frames
      > gst_util_uint64_scale_int (longest_gap_run, rate (), GST_SECOND))
    return false;
  // A jitter buffer tells of a loss when it has given up.
  idle_watch_.came (running_time_of (segment (), timeline_.expected ()));
  if (std::exchange (idle_, false))
    idle_watch_.was_wrong ();
  bridge (frames);
  push_available ();
  watch_for_more ();
  publish ();
  return true;
}

}

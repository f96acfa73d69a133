// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The way of the samples out of the element: buffers, with their times, flags
// and metas.
#include "stream.hpp"

#include <algorithm>
#include <cmath>

#include "cpu_meter.hpp"

namespace percepnet::gst
{

void
Stream::add_level_meta (GstBuffer * buffer, double power)
{
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
    GST_BUFFER_DURATION (buffer) =
        timeline_.time_of (end) - GST_BUFFER_PTS (buffer);
  }
  GST_BUFFER_OFFSET (buffer) = begin;
  GST_BUFFER_OFFSET_END (buffer) = end;
  if (discont_)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  discont_ = false;
  if (gaps_.cover (begin, end) && processor_->front_is_zero (frames))
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_GAP);
  const double power = processor_->take_power ();       // not of buffers before
  const bool level = settings ().audio_level_meta;
  metas_.attach (buffer, begin,
      level ? GST_AUDIO_LEVEL_META_API_TYPE : G_TYPE_INVALID);
  if (level)
    add_level_meta (buffer, power);

  gst_audio_buffer_map (&audio, info, buffer, GST_MAP_WRITE);
  processor_->pop (audio.planes, frames);
  gst_audio_buffer_unmap (&audio);
  return buffer;
}

// Pushed from here and not returned from generate_output(): the base class
// would put the DISCONT flag of the present input buffer on this one, but it
// holds what came some buffers before. What is downstream may stop the element.
GstFlowReturn
Stream::push_available ()
{
  GstFlowReturn ret = GST_FLOW_OK;

  while (running () && ret == GST_FLOW_OK && processor_->available () > 0) {
    const std::uint64_t begin = processor_->popped ();
    const std::size_t frames = std::min < std::uint64_t >
        (processor_->available (), metas_.next (begin) - begin);
    GstBuffer *buffer = make_output (frames);

    timeline_.forget_before (begin + frames);
    tally_.frames_out += frames;
    tally_.audio_time +=
        gst_util_uint64_scale_int (frames, GST_SECOND, rate ());
    publish ();
    GST_LOG_OBJECT (self_, "pushing %" GST_PTR_FORMAT, buffer);
    ret = gst_pad_push (GST_BASE_TRANSFORM_SRC_PAD (self_), buffer);
  }
  return running () ? ret : GST_FLOW_FLUSHING;
}

}

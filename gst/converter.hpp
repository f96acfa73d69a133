// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <memory>

#include <gst/audio/audio.h>

#include "frame_queue.hpp"

namespace percepnet::gst
{

// One direction of the conversion between the stream's format and rate and
// the engine's: a GstAudioConverter (Kaiser resampler, no dither) that appends
// to a queue. Output frame k belongs to the time of input frame
// k * in_rate / out_rate: the delay shows only as frames that come later.
class Converter
{
public:
  // NULL when GStreamer cannot convert between the two.
  static std::unique_ptr < Converter > create (const GstAudioInfo & from,
      const GstAudioInfo & to);

  void convert (gpointer const *planes, std::size_t frames, FrameQueue & to);
  // Input frames that must follow a frame before it is converted.
  std::size_t lookahead () const noexcept { return lookahead_; }
  void reset ();

private:
  struct Free
  {
    void operator () (GstAudioConverter * converter) const
    {
      gst_audio_converter_free (converter);
    }
  };

  explicit Converter (GstAudioConverter * converter);

  std::unique_ptr < GstAudioConverter, Free > converter_;
  std::size_t lookahead_;
};

}

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include <gst/audio/audio.h>

#include "frame_queue.hpp"

namespace percepnet::gst
{

struct SampleFormat
{
  GstAudioFormat format;
  int rate;
};

// Planar audio of one format and rate to another, by GstAudioConverter: Kaiser
// resampler, no dither. Output frame k belongs to the time of input frame
// k * from.rate / to.rate exactly: the delay of the filters shows only as
// frames that come later.
class Converter
{
public:
  // NULL when GStreamer cannot convert between the two.
  static std::unique_ptr < Converter > create (SampleFormat from,
      SampleFormat to, int channels);

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

  Converter (SampleFormat from, SampleFormat to, int channels);

  const SampleFormat from_, to_;
  const int channels_;
  std::size_t lookahead_ = 0;
  // GstAudioConverter takes less than 64 channels.
  std::vector < std::unique_ptr < GstAudioConverter, Free >> groups_;
};

}

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <vector>

#include <gst/audio/audio.h>

namespace percepnet::gst
{

// Buffers of whole frames from buffers that end anywhere, as those of a raw
// file do: what is left of one is the beginning of the next.
class Cutter
{
public:
  // Takes the buffer, returns one of whole frames.
  GstBuffer *cut (GstBuffer * buffer, const GstAudioInfo & info);
  // Bytes that wait for the rest of their frame.
  std::size_t held () const noexcept { return rest_.size (); }
  void clear () noexcept { rest_.clear (); }

private:
  std::vector < guint8 > rest_;
};

}

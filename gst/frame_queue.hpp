// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <vector>

#include <glib.h>

namespace percepnet::gst
{

// Audio frames of one sample size, first in, first out; one plane for each
// channel. Keeps its memory: once the largest block has been through, nothing
// is allocated.
class FrameQueue
{
public:
  FrameQueue (std::size_t channels, std::size_t sample_bytes);

  std::size_t size () const noexcept { return size_; }

  // Appends room for frames; one pointer for each channel, valid until the next
  // call that is not const.
  gpointer *append (std::size_t frames);
  void append_interleaved (gconstpointer data, std::size_t frames);
  // Takes frames off the end.
  void truncate (std::size_t frames) noexcept { size_ -= frames; }

  // The oldest frame of each channel.
  gpointer *front () noexcept;
  void drop (std::size_t frames) noexcept;
  // Without taking them out.
  void copy_planar (gpointer const *planes, std::size_t frames) const noexcept;
  void copy_interleaved (gpointer data, std::size_t frames) const noexcept;
  // Whether the oldest frames are zeros: silence in any signed format.
  bool front_is_zero (std::size_t frames) const noexcept;

  void clear () noexcept { head_ = size_ = 0; }

private:
  std::size_t bytes (std::size_t frames) const noexcept
  {
    return frames * sample_bytes_;
  }

  std::size_t sample_bytes_;
  std::size_t head_ = 0, size_ = 0;
  std::vector < std::vector < guint8 >> planes_;
  std::vector < gpointer > pointers_;
};

}

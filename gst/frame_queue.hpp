// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <vector>

#include <gst/audio/audio.h>

namespace percepnet::gst
{

// Audio frames of one format, first in, first out. Keeps its memory: once the
// largest block has been through, nothing is allocated.
class FrameQueue
{
public:
  explicit FrameQueue (const GstAudioInfo & info);

  std::size_t size () const noexcept { return size_; }

  // Appends room for frames; one pointer for each plane, valid until the next
  // call that is not const.
  gpointer *append (std::size_t frames);
  // Takes frames off the end.
  void truncate (std::size_t frames) noexcept { size_ -= frames; }

  // The oldest frame of each plane.
  gpointer *front () noexcept;
  void drop (std::size_t frames) noexcept;
  void copy_front (gpointer const *planes, std::size_t frames) const noexcept;
  // Whether the oldest frames are zeros: silence in any signed format.
  bool front_is_zero (std::size_t frames) const noexcept;

  void clear () noexcept { head_ = size_ = 0; }

private:
  std::size_t bytes (std::size_t frames) const noexcept;

  std::size_t frame_bytes_;     // of one plane
  std::size_t head_ = 0, size_ = 0;
  std::vector < std::vector < guint8 >> planes_;
  std::vector < gpointer > pointers_;
};

}

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "frame_queue.hpp"

#include <algorithm>
#include <cstring>

namespace percepnet::gst
{

FrameQueue::FrameQueue (const GstAudioInfo & info)
{
  const bool planar = info.layout == GST_AUDIO_LAYOUT_NON_INTERLEAVED;
  const std::size_t sample_bytes = GST_AUDIO_INFO_WIDTH (&info) / 8;
  const std::size_t channels = GST_AUDIO_INFO_CHANNELS (&info);

  frame_bytes_ = planar ? sample_bytes : sample_bytes * channels;
  planes_.resize (planar ? channels : 1);
  pointers_.resize (planes_.size ());
}

std::size_t
FrameQueue::bytes (std::size_t frames) const noexcept
{
  return frames * frame_bytes_;
}

gpointer *
FrameQueue::append (std::size_t frames)
{
  for (std::size_t p = 0; p < planes_.size (); p++) {
    auto & plane = planes_[p];
    if (head_ > 0)
      std::memmove (plane.data (), plane.data () + bytes (head_), bytes (size_));
    if (plane.size () < bytes (size_ + frames))
      plane.resize (bytes (size_ + frames));
    pointers_[p] = plane.data () + bytes (size_);
  }
  head_ = 0;
  size_ += frames;
  return pointers_.data ();
}

gpointer *
FrameQueue::front () noexcept
{
  for (std::size_t p = 0; p < planes_.size (); p++)
    pointers_[p] = planes_[p].data () + bytes (head_);
  return pointers_.data ();
}

void
FrameQueue::drop (std::size_t frames) noexcept
{
  head_ += frames;
  size_ -= frames;
}

void
FrameQueue::copy_front (gpointer const *planes, std::size_t frames) const noexcept
{
  for (std::size_t p = 0; p < planes_.size (); p++)
    std::memcpy (planes[p], planes_[p].data () + bytes (head_), bytes (frames));
}

bool
FrameQueue::front_is_zero (std::size_t frames) const noexcept
{
  return std::all_of (planes_.begin (), planes_.end (),[&](const auto & plane) {
        const auto begin = plane.begin () + std::ptrdiff_t (bytes (head_));
        return std::all_of (begin, begin + std::ptrdiff_t (bytes (frames)),
            [](guint8 byte) { return byte == 0; });
      });
}

}

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "frame_queue.hpp"

#include <algorithm>
#include <cstring>

namespace percepnet::gst
{
namespace
{

// Copies count samples of a size that the compiler knows, between places that
// lie steps of a sample apart.
template < std::size_t sample_bytes > void
copy_strided (guint8 * to, std::size_t to_step, const guint8 * from,
    std::size_t from_step, std::size_t count)
{
  for (std::size_t i = 0; i < count; i++)
    std::memcpy (to + i * to_step * sample_bytes,
        from + i * from_step * sample_bytes, sample_bytes);
}

void
copy_samples (std::size_t sample_bytes, guint8 * to, std::size_t to_step,
    const guint8 * from, std::size_t from_step, std::size_t count)
{
  switch (sample_bytes) {
    case 1:
      return copy_strided < 1 > (to, to_step, from, from_step, count);
    case 2:
      return copy_strided < 2 > (to, to_step, from, from_step, count);
    case 3:
      return copy_strided < 3 > (to, to_step, from, from_step, count);
    case 4:
      return copy_strided < 4 > (to, to_step, from, from_step, count);
    default:
      return copy_strided < 8 > (to, to_step, from, from_step, count);
  }
}

}

FrameQueue::FrameQueue (std::size_t channels, std::size_t sample_bytes)
    : sample_bytes_ (sample_bytes), planes_ (channels), pointers_ (channels)
{
}

gpointer *
FrameQueue::append (std::size_t frames)
{
  for (std::size_t c = 0; c < planes_.size (); c++) {
    auto & plane = planes_[c];
    if (head_ > 0)
      std::memmove (plane.data (), plane.data () + bytes (head_),
          bytes (size_));
    if (plane.size () < bytes (size_ + frames))
      plane.resize (bytes (size_ + frames));
    pointers_[c] = plane.data () + bytes (size_);
  }
  head_ = 0;
  size_ += frames;
  return pointers_.data ();
}

void
FrameQueue::append_interleaved (gconstpointer data, std::size_t frames)
{
  const guint8 *from = static_cast < const guint8 *>(data);
  gpointer *planes = append (frames);

  for (std::size_t c = 0; c < planes_.size (); c++)
    copy_samples (sample_bytes_, static_cast < guint8 * >(planes[c]), 1,
        from + bytes (c), planes_.size (), frames);
}

gpointer *
FrameQueue::front () noexcept
{
  for (std::size_t c = 0; c < planes_.size (); c++)
    pointers_[c] = planes_[c].data () + bytes (head_);
  return pointers_.data ();
}

void
FrameQueue::drop (std::size_t frames) noexcept
{
  head_ += frames;
  size_ -= frames;
}

void
FrameQueue::copy_planar (gpointer const *planes,
    std::size_t frames) const noexcept
{
  for (std::size_t c = 0; c < planes_.size (); c++)
    std::memcpy (planes[c], planes_[c].data () + bytes (head_), bytes (frames));
}

void
FrameQueue::copy_interleaved (gpointer data, std::size_t frames) const noexcept
{
  guint8 *to = static_cast < guint8 * >(data);

  for (std::size_t c = 0; c < planes_.size (); c++)
    copy_samples (sample_bytes_, to + bytes (c), planes_.size (),
        planes_[c].data () + bytes (head_), 1, frames);
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

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <deque>

#include <gst/base/gstbasetransform.h>

namespace percepnet::gst
{

// Metas on their way through the element: those of an input buffer wait until
// its first frame is put out. What is carried over is for the transform_meta of
// the element to say; never what is tied to the buffer's memory.
class Metas
{
public:
  Metas () = default;
  ~Metas () { clear (); }
  Metas (const Metas &) = delete;
  Metas & operator = (const Metas &) = delete;

  // Of a buffer that begins with this frame.
  void keep (GstBaseTransform * element, GstBuffer * from, std::uint64_t frame);
  // The next frame behind this one that has metas.
  std::uint64_t next (std::uint64_t frame) const noexcept;
  // Adds those that wait for frames up to this one, but for one kind.
  void attach (GstBuffer * to, std::uint64_t frame, GType except);
  void clear () noexcept;

private:
  struct Entry
  {
    std::uint64_t frame;
    GstBuffer *holder;          // of metas alone
  };
  std::deque < Entry > entries_;
};

}

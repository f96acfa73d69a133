// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>

#include <gst/gst.h>

namespace percepnet::gst
{

// The part of the latency that is waiting for whole hops. The size of the first
// buffer tells it. A buffer that breaks the pattern raises it to its bound,
// once for all: the latency must not flutter while playing.
class Framing
{
public:
  void reset () noexcept { *this = Framing (); }
  // A buffer of frames comes, after pushed ones. The last buffer may have any
  // size, so each but the first counts only when something follows it.
  void learn (std::uint64_t pushed, std::uint64_t frames, int rate);
  GstClockTime time () const noexcept { return time_; }

private:
  std::uint64_t block_ = 0;     // divides all buffers' positions; 0: none yet
  GstClockTime time_ = 0;
};

}

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "framing.hpp"

#include <algorithm>
#include <numeric>

#include "processor.hpp"

namespace percepnet::gst
{

void
Framing::learn (std::uint64_t pushed, std::uint64_t frames, int rate)
{
  const bool first = block_ == 0;
  const std::uint64_t block = std::gcd (block_, first ? frames : pushed);

  if (block == block_)
    return;
  const GstClockTime time = Processor::framing_time (block, rate);
  block_ = first || time <= time_ ? block : 1;
  time_ = std::max (time_, Processor::framing_time (block_, rate));
}

}

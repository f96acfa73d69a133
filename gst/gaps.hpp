// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <deque>

namespace percepnet::gst
{

// Runs of silence in the input, in frames.
class Gaps
{
public:
  void add (std::uint64_t begin, std::uint64_t end)
  {
    if (!runs_.empty () && runs_.back ().end == begin)
      runs_.back ().end = end;
    else
      runs_.push_back ({ begin, end });
  }
  // What is before begin is not asked for any more.
  bool cover (std::uint64_t begin, std::uint64_t end)
  {
    while (!runs_.empty () && runs_.front ().end <= begin)
      runs_.pop_front ();
    return !runs_.empty () && runs_.front ().begin <= begin
        && runs_.front ().end >= end;
  }
  void clear () noexcept { runs_.clear (); }

private:
  struct Run
  {
    std::uint64_t begin, end;
  };
  std::deque < Run > runs_;
};

}

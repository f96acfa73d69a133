// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "fixture.hpp"

namespace percepnet::test
{

constexpr guint discont = GST_BUFFER_FLAG_DISCONT;

/* Samples that tell their own number: exact in floats up to 2^24. */
inline Bytes
ramp (std::uint64_t from, std::uint64_t count)
{
  std::vector < float >samples (count);
  for (std::uint64_t i = 0; i < count; i++)
    samples[i] = float (from + i + 1) / (1 << 24);
  return to_bytes (samples);
}

inline void
push_ramp (Fixture & f, GstClockTime pts, std::uint64_t from,
    std::uint64_t count, guint flags = 0)
{
  const Bytes data = ramp (from, count);
  fail_unless_equals_int (f.push_at (pts, data.data (), count, flags),
      GST_FLOW_OK);
}

/* Blocks of 10 ms from content time from to to. */
inline void
push_run (Fixture & f, std::uint64_t from, std::uint64_t to)
{
  for (std::uint64_t at = from; at < to; at += hop)
    push_ramp (f, first_pts + time_of (at), at, hop);
}

}

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "timeline.hpp"

#include <algorithm>
#include <cstdlib>

namespace percepnet::gst
{
namespace
{

// Timestamps this near to the expected one are jitter. A buffer that says
// DISCONT has lost something before it: there, only rounding is forgiven.
constexpr GstClockTimeDiff jitter = 40 * GST_MSECOND;
constexpr GstClockTimeDiff discont_jitter = 5 * GST_MSECOND;
constexpr GstClockTimeDiff reverse_jitter = 1 * GST_MSECOND;
// Longer gaps restart the stream: the signal is likely another one, and filling
// them at once would hold up a live pipeline.
constexpr GstClockTimeDiff longest_gap = 500 * GST_MSECOND;
// All buffers of a window of one second so far off: not jitter but drift.
constexpr GstClockTimeDiff drift = 5 * GST_MSECOND;

}

void
Timeline::start (int rate) noexcept
{
  rate_ = rate;
  restart ();
}

void
Timeline::restart () noexcept
{
  resume_ = expected ();
  base_ = GST_CLOCK_TIME_NONE;
  frames_ = window_frames_ = 0;
  least_late_ = G_MAXINT64;
  most_late_ = G_MININT64;
}

void
Timeline::forget () noexcept
{
  restart ();
  resume_ = GST_CLOCK_TIME_NONE;
}

GstClockTime
Timeline::time_of (std::uint64_t frame) const noexcept
{
  if (!anchored ())
    return GST_CLOCK_TIME_NONE;
  return base_ + gst_util_uint64_scale_round (frame, GST_SECOND, rate_);
}

Timeline::Verdict
Timeline::judge (GstClockTime pts, bool discont, bool reverse) const noexcept
{
  if (!GST_CLOCK_TIME_IS_VALID (pts) || !anchored ())
    return { Seam::smooth, 0 };

  const GstClockTimeDiff late = GST_CLOCK_DIFF (expected (), pts);
  const GstClockTimeDiff tolerance =
      reverse ? reverse_jitter : discont ? discont_jitter : jitter;
  if (std::abs (late) <= tolerance)
    return { Seam::smooth, 0 };
  if (reverse || late < 0 || late > longest_gap)
    return { Seam::jump, 0 };
  return { Seam::gap, gst_util_uint64_scale_round (late, rate_, GST_SECOND) };
}

void
Timeline::advance (GstClockTime pts, std::uint64_t frames) noexcept
{
  if (GST_CLOCK_TIME_IS_VALID (pts)) {
    if (anchored ())
      follow_drift (GST_CLOCK_DIFF (expected (), pts), frames);
    else
      base_ = pts - std::min (pts, gst_util_uint64_scale_round (frames_,
              GST_SECOND, rate_));
  } else if (!anchored () && frames_ == 0)
    base_ = resume_;
  frames_ += frames;
}

void
Timeline::follow_drift (GstClockTimeDiff late, std::uint64_t frames) noexcept
{
  least_late_ = std::min (least_late_, late);
  most_late_ = std::max (most_late_, late);
  window_frames_ += frames;
  if (window_frames_ < std::uint64_t (rate_))
    return;

  if (least_late_ > drift)
    base_ += least_late_;
  else if (most_late_ < -drift)
    base_ -= std::min < GstClockTime > (base_, -most_late_);
  window_frames_ = 0;
  least_late_ = G_MAXINT64;
  most_late_ = G_MININT64;
}

}

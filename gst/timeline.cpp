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
// Longer gaps and overlaps restart the stream: the signal is likely another
// one, and filling a long gap at once would hold up a live pipeline.
constexpr GstClockTimeDiff longest_seam = 500 * GST_MSECOND;
// All buffers of a window of one second so far off: not jitter but drift.
constexpr GstClockTimeDiff drift = 1 * GST_MSECOND;

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
  anchors_.clear ();
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

const Timeline::Anchor &
Timeline::anchor_of (std::uint64_t frame) const noexcept
{
  std::size_t i = anchors_.size () - 1;
  while (i > 0 && anchors_[i].frame > frame)
    i--;
  return anchors_[i];
}

GstClockTime
Timeline::time_of (std::uint64_t frame) const noexcept
{
  if (!anchored ())
    return GST_CLOCK_TIME_NONE;
  const Anchor & anchor = anchor_of (frame);
  return anchor.time + gst_util_uint64_scale_round (frame - anchor.frame,
      GST_SECOND, rate_);
}

std::uint64_t
Timeline::next_step (std::uint64_t frame) const noexcept
{
  for (const Anchor & anchor : anchors_)
    if (anchor.frame > frame)
      return anchor.frame;
  return G_MAXUINT64;
}

bool
Timeline::discont_at (std::uint64_t frame) const noexcept
{
  return anchored () && anchor_of (frame).frame == frame
      && anchor_of (frame).discont;
}

void
Timeline::forget_before (std::uint64_t frame) noexcept
{
  while (anchors_.size () > 1 && anchors_[1].frame <= frame)
    anchors_.pop_front ();
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
  if (reverse || std::abs (late) > longest_seam)
    return { Seam::jump, 0 };
  if (late < 0)
    return { Seam::step, 0 };
  return { Seam::gap, gst_util_uint64_scale_round (late, rate_, GST_SECOND) };
}

void
Timeline::step (GstClockTime pts) noexcept
{
  anchors_.push_back ({ frames_, pts, true });
  window_frames_ = 0;
  least_late_ = G_MAXINT64;
  most_late_ = G_MININT64;
}

void
Timeline::advance (GstClockTime pts, std::uint64_t frames) noexcept
{
  if (!anchored ()) {
    const GstClockTime before =
        gst_util_uint64_scale_round (frames_, GST_SECOND, rate_);
    if (GST_CLOCK_TIME_IS_VALID (pts))
      anchors_.push_back ({ 0, pts - std::min (pts, before), false });
    else if (frames_ == 0 && GST_CLOCK_TIME_IS_VALID (resume_))
      anchors_.push_back ({ 0, resume_, false });
  } else if (GST_CLOCK_TIME_IS_VALID (pts))
    follow_drift (GST_CLOCK_DIFF (expected (), pts), frames);
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

  const GstClockTimeDiff off =
      least_late_ > drift ? least_late_ : most_late_ < -drift ? most_late_ : 0;
  if (off != 0)
    anchors_.push_back ({ frames_, expected () + off, false });
  window_frames_ = 0;
  least_late_ = G_MAXINT64;
  most_late_ = G_MININT64;
}

}

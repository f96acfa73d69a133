// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "timeline.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace percepnet::gst
{
namespace
{

// A buffer that says DISCONT has lost something before it: only rounding is
// forgiven, and what the timestamps scatter anyway.
constexpr GstClockTimeDiff discont_jitter = 5 * GST_MSECOND;
constexpr GstClockTimeDiff reverse_jitter = 1 * GST_MSECOND;
// Clocks of arrival scatter more than that. So do decoders that conceal losses in
// steps of their own, but not most of the time.
constexpr GstClockTimeDiff exact_jitter = 1 * GST_MSECOND;
constexpr double exact_share = 0.5, exact_memory = 12;
// Without DISCONT, timestamps off by more are no jitter, however short.
constexpr GstClockTimeDiff largest_jitter = GST_SECOND;
// Longer gaps and overlaps restart the stream: the signal is likely another
// one, and filling a long gap at once would hold up a live pipeline.
constexpr GstClockTimeDiff longest_seam = 500 * GST_MSECOND;
// Offsets so small are left alone.
constexpr double negligible = 0.25 * GST_MSECOND;
// How much faster or slower the time runs at most, to make up for an offset;
// and for good, by a sender's clock.
constexpr double fastest = 0.01, greatest_skew = 0.002;
// The output's time runs slower by this factor where it waits for timestamps that
// went back: for half a second of them it takes one, which is what sinks wait
// before they drop samples.
constexpr int waiting = 2;

}

void
Timeline::start (int rate) noexcept
{
  restart ();
  rate_ = rate;
}

void
Timeline::restart () noexcept
{
  const GstClockTime time = expected ();

  if (anchored ())
    last_end_ = end ();
  frames_ = 0;
  lasting_ = 0;
  lateness_.forget_level ();
  anchors_.clear ();
  if (GST_CLOCK_TIME_IS_VALID (time))
    begin (time);
}

void
Timeline::jump (GstClockTime time) noexcept
{
  restart ();
  anchors_.clear ();
  begin (time);
}

void
Timeline::forget () noexcept
{
  restart ();
  anchors_.clear ();
  lateness_.clear ();
  exact_ = 0;
}

void
Timeline::begin_anew () noexcept
{
  forget ();
  last_end_ = 0;
}

// ---- The time of frames ----------------------------------------------------

const Timeline::Anchor &
Timeline::anchor_of (std::uint64_t frame) const noexcept
{
  std::size_t i = anchors_.size () - 1;
  while (i > 0 && anchors_[i].frame > frame)
    i--;
  return anchors_[i];
}

GstClockTime
Timeline::nominal (std::uint64_t frames) const noexcept
{
  return gst_util_uint64_scale_round (frames, GST_SECOND, rate_);
}

// By the timestamps.
GstClockTime
Timeline::told_of (std::uint64_t frame) const noexcept
{
  if (!anchored ())
    return GST_CLOCK_TIME_NONE;
  const Anchor & anchor = anchor_of (frame);
  const GstClockTime since = nominal (frame - anchor.frame);
  return anchor.time + since
      + GstClockTimeDiff (std::llround (double (since) * anchor.slope));
}

GstClockTime
Timeline::time_of (std::uint64_t frame) const noexcept
{
  if (!anchored ())
    return GST_CLOCK_TIME_NONE;
  const Anchor & anchor = anchor_of (frame);
  return std::max (told_of (frame),
      anchor.held + nominal (frame - anchor.frame) / waiting);
}

bool
Timeline::is_pause (GstClockTime pts) const noexcept
{
  if (!GST_CLOCK_TIME_IS_VALID (pts) || !anchored ())
    return false;
  const GstClockTimeDiff threshold = GstClockTimeDiff (tolerance_.threshold);
  return exact_ > exact_share && GST_CLOCK_DIFF (expected (), pts) > threshold
      && lateness_of (pts) > last_late_ + threshold;
}

void
Timeline::forget_before (std::uint64_t frame) noexcept
{
  while (anchors_.size () > 1 && anchors_[1].frame <= frame)
    anchors_.pop_front ();
}

// From the next frame on. What was planned for later is off.
void
Timeline::anchor (GstClockTime time, double slope) noexcept
{
  const GstClockTime held = end ();

  while (!anchors_.empty () && anchors_.back ().frame >= frames_)
    anchors_.pop_back ();
  anchors_.push_back ({ frames_, time, slope, held });
}

// ---- Seams -----------------------------------------------------------------

GstClockTimeDiff
Timeline::beyond_jitter (GstClockTimeDiff late) const noexcept
{
  return late - std::clamp (late,
      GstClockTimeDiff (std::min (lateness_.earliest (), 0.0)),
      GstClockTimeDiff (std::max (lateness_.latest (), 0.0)));
}

Timeline::Verdict
Timeline::seam (GstClockTimeDiff off) noexcept
{
  const GstClockTime time = expected () + off;

  lasting_ = 0;
  // How much of it is a seam and how much jitter, the next buffers tell.
  if (lateness_.latest () - lateness_.earliest () > double (discont_jitter))
    lateness_.forget_level ();
  if (std::abs (off) > longest_seam)
    return { Seam::jump, 0, time };
  if (off < 0)
    return { Seam::step, 0, time };
  return { Seam::gap, gst_util_uint64_scale_round (off, rate_, GST_SECOND),
        time };
}

Timeline::Verdict
Timeline::judge (GstClockTime pts, bool discont, bool reverse) noexcept
{
  if (!GST_CLOCK_TIME_IS_VALID (pts) || !anchored ())
    return { Seam::smooth, 0, pts };

  const GstClockTimeDiff late = GST_CLOCK_DIFF (expected (), pts);
  if (reverse)
    return { std::abs (late) <= reverse_jitter ? Seam::smooth : Seam::jump, 0,
          pts };
  const GstClockTimeDiff off = beyond_jitter (late);
  if (std::abs (off) > (discont ? discont_jitter
          : std::max (largest_jitter, GstClockTimeDiff (tolerance_.wait))))
    return seam (off);
  if (lasting_ != 0)
    return seam (lasting_);
  return { Seam::smooth, 0, pts };
}

std::uint64_t
Timeline::missing_in (GstClockTime time, GstClockTime duration) const noexcept
{
  const GstClockTimeDiff off =
      beyond_jitter (GST_CLOCK_DIFF (expected (), time));
  const GstClockTimeDiff missing = off + GstClockTimeDiff (duration);
  return missing <= 0 ? 0
      : gst_util_uint64_scale_round (missing, rate_, GST_SECOND);
}

void
Timeline::step (GstClockTime time) noexcept
{
  base_ += GST_CLOCK_DIFF (expected (), time);
  last_late_ -= GST_CLOCK_DIFF (expected (), time);
  anchor (time, anchor_of (frames_).slope);
}

// ---- Offsets that stay -----------------------------------------------------

std::uint64_t
Timeline::next_window () const noexcept
{
  return frames_
      + gst_util_uint64_scale_int (tolerance_.wait, rate_, GST_SECOND);
}

// Frame 0 has this time.
void
Timeline::begin (GstClockTime time) noexcept
{
  base_ = time;
  last_late_ = 0;
  anchors_.push_back ({ 0, time, 0, last_end_ });
}

void
Timeline::advance (GstClockTime pts, std::uint64_t frames) noexcept
{
  if (GST_CLOCK_TIME_IS_VALID (pts)) {
    if (!anchored ())
      begin (pts - std::min (pts, nominal (frames_)));
    note (pts);
  }
  frames_ += frames;
  if (!lateness_.window_empty () && frames_ >= window_end_)
    close_window ();
}

GstClockTimeDiff
Timeline::lateness_of (GstClockTime pts) const noexcept
{
  return GST_CLOCK_DIFF (base_ + nominal (frames_), pts);
}

void
Timeline::note (GstClockTime pts) noexcept
{
  const GstClockTime place = nominal (frames_);
  const GstClockTimeDiff late = lateness_of (pts);

  if (lateness_.window_empty ())
    window_end_ = next_window ();
  lateness_.add (double (place), double (late));
  const bool exact = std::abs (late - last_late_) <= exact_jitter;
  exact_ += (double (exact) - exact_) / exact_memory;
  last_late_ = late;
}

void
Timeline::close_window () noexcept
{
  const GstClockTime place = nominal (frames_);
  const double position = double (GST_CLOCK_DIFF (base_ + place, expected ()));
  const Lateness::Report report = lateness_.close_window (double (place),
      position, double (tolerance_.threshold));

  if (report.lasting != 0)
    lasting_ = GstClockTimeDiff (std::llround (report.lasting));
  else if (std::abs (report.target - position) > negligible)
    follow (report.target - position,
        std::clamp (report.slope, -greatest_skew, greatest_skew));
}

// Makes up for the offset within half a window, or at the greatest speed.
void
Timeline::follow (double off, double slope) noexcept
{
  const double wait = double (tolerance_.wait);
  const double span = std::clamp (std::abs (off) / fastest, wait / 2, wait);
  const double fast = std::clamp (slope + off / span, -fastest, fastest);
  const std::uint64_t frames = std::max < std::uint64_t >
      (1, gst_util_uint64_scale_int (GstClockTime (span), rate_, GST_SECOND));

  anchor (expected (), fast);
  const std::uint64_t until = frames_ + frames;
  anchors_.push_back ({ until, told_of (until), slope, time_of (until) });
}

}

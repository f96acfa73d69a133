// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <deque>

#include <gst/gst.h>

namespace percepnet::gst
{

// Timestamps of a stream of samples: its time is that of the first buffer plus
// the samples since, whatever jitter the later buffers have. Slow drift of the
// timestamps against the samples (clock skew of a sender) is followed in small
// steps; gaps are for the owner to fill.
// Frames are counted from restart().
class Timeline
{
public:
  // What a buffer's timestamp says.
  enum class Seam
  { smooth,                     // goes on where the last one ended
    gap,                        // samples are missing before it
    step,                       // its time is a little early: go on from there
    jump                        // it belongs elsewhere
  };
  struct Verdict
  {
    Seam seam;
    std::uint64_t missing;      // frames, for a gap
  };

  void start (int rate) noexcept;
  // A new run of samples; without a timestamp it goes on at the time expected.
  void restart () noexcept;
  // Forget the time as well.
  void forget () noexcept;

  bool anchored () const noexcept { return !anchors_.empty (); }
  // The time of a frame; NONE when no buffer had one.
  GstClockTime time_of (std::uint64_t frame) const noexcept;
  // Where the next buffer should be.
  GstClockTime expected () const noexcept { return time_of (frames_); }

  // The next frame behind this one whose time does not follow from its own.
  std::uint64_t next_step (std::uint64_t frame) const noexcept;
  // Whether the time jumped at this frame by more than drift.
  bool discont_at (std::uint64_t frame) const noexcept;
  // Frames before this one are not asked for any more.
  void forget_before (std::uint64_t frame) noexcept;

  // pts may be NONE. reverse: played backwards, every buffer stands alone.
  Verdict judge (GstClockTime pts, bool discont, bool reverse) const noexcept;
  // The time goes on from pts, with the next frame.
  void step (GstClockTime pts) noexcept;
  // Frames that were given to the processor: a buffer's, or silence.
  void advance (GstClockTime pts, std::uint64_t frames) noexcept;

private:
  struct Anchor
  {
    std::uint64_t frame;
    GstClockTime time;
    bool discont;
  };

  const Anchor & anchor_of (std::uint64_t frame) const noexcept;
  void follow_drift (GstClockTimeDiff late, std::uint64_t frames) noexcept;

  int rate_ = 1;
  std::uint64_t frames_ = 0;
  std::deque < Anchor > anchors_;       // by frame; the first is that of frame 0
  GstClockTime resume_ = GST_CLOCK_TIME_NONE;   // of frame 0, if no buffer tells

  // Extremes of the buffers' lateness in the present window.
  std::uint64_t window_frames_ = 0;
  GstClockTimeDiff least_late_ = G_MAXINT64, most_late_ = G_MININT64;
};

}

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>

#include <gst/gst.h>

namespace percepnet::gst
{

// Timestamps of a stream of samples: its time is that of the first buffer plus
// the samples since, whatever jitter the later buffers have. Slow drift of the
// timestamps against the samples (clock skew of a sender) is followed in steps
// of a few milliseconds; gaps are for the owner to fill.
class Timeline
{
public:
  // What a buffer's timestamp says.
  enum class Seam
  { smooth,                     // goes on where the last one ended
    gap,                        // samples are missing before it
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

  bool anchored () const noexcept { return GST_CLOCK_TIME_IS_VALID (base_); }
  // The time of a frame since restart(); NONE when no buffer had one.
  GstClockTime time_of (std::uint64_t frame) const noexcept;
  // Where the next buffer should be.
  GstClockTime expected () const noexcept { return time_of (frames_); }

  // pts may be NONE. reverse: played backwards, every buffer stands alone.
  Verdict judge (GstClockTime pts, bool discont, bool reverse) const noexcept;
  // Frames that were given to the processor: a buffer's, or silence.
  void advance (GstClockTime pts, std::uint64_t frames) noexcept;

private:
  void follow_drift (GstClockTimeDiff late, std::uint64_t frames) noexcept;

  int rate_ = 1;
  std::uint64_t frames_ = 0;    // since restart()
  GstClockTime base_ = GST_CLOCK_TIME_NONE;     // of frame 0
  GstClockTime resume_ = GST_CLOCK_TIME_NONE;   // base_, if no buffer tells

  // Extremes of the buffers' lateness in the present window.
  std::uint64_t window_frames_ = 0;
  GstClockTimeDiff least_late_ = G_MAXINT64, most_late_ = G_MININT64;
};

}

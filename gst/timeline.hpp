// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <deque>

#include <gst/gst.h>

#include "lateness.hpp"

namespace percepnet::gst
{

// Timestamps of a stream of samples: its time is that of the first buffer plus
// the samples since, whatever jitter the later buffers have. An offset of the
// timestamps that stays (a sender's clock, a loss that nobody told) is followed:
// small ones by a time that runs a little faster or slower, so that it never
// steps; gaps are for the owner to fill. Where the timestamps go back, the output's
// time waits for them at half its speed: it never runs backwards.
// Frames are counted from restart().
class Timeline
{
public:
  // What a buffer's timestamp says.
  enum class Seam
  { smooth,                     // goes on where the last one ended
    gap,                        // samples are missing before it
    step,                       // its time is earlier: expect others from there
    jump                        // it belongs elsewhere
  };
  struct Verdict
  {
    Seam seam;
    std::uint64_t missing;      // frames, for a gap
    GstClockTime time;          // where the time goes on, for a step or a jump
  };
  // As audio sinks have them: offsets that last so long, and are greater than
  // the threshold, are seams. Smaller ones are followed.
  struct Tolerance
  {
    GstClockTime threshold = 40 * GST_MSECOND, wait = GST_SECOND;
  };

  void start (int rate) noexcept;
  // A new run of samples, at the time expected. What is known of the timestamps'
  // jitter stays.
  void restart () noexcept;
  // Forget the timestamps as well; what comes then is still not before the end.
  void forget () noexcept;
  // The end as well: what comes then may be earlier.
  void begin_anew () noexcept;
  void tolerate (const Tolerance & tolerance) noexcept { tolerance_ = tolerance; }

  bool anchored () const noexcept { return !anchors_.empty (); }
  // The output's time of a frame; NONE when no buffer had one.
  GstClockTime time_of (std::uint64_t frame) const noexcept;
  GstClockTime end () const noexcept { return time_of (frames_); }
  // Where the next buffer should be.
  GstClockTime expected () const noexcept { return told_of (frames_); }

  // Whether the timestamps count samples, and not arrivals: a jump of them is a
  // pause of the sender.
  bool is_pause (GstClockTime pts) const noexcept;

  // Frames before this one are not asked for any more.
  void forget_before (std::uint64_t frame) noexcept;

  // pts may be NONE. reverse: played backwards, every buffer stands alone.
  Verdict judge (GstClockTime pts, bool discont, bool reverse) noexcept;
  // Frames that are missing up to the end of a gap that somebody tells of.
  std::uint64_t missing_in (GstClockTime time, GstClockTime duration)
      const noexcept;
  // Timestamps go on from there, with the next frame.
  void step (GstClockTime time) noexcept;
  // The same for a new run.
  void jump (GstClockTime time) noexcept;
  // Frames that were given to the processor: a buffer's, or silence.
  void advance (GstClockTime pts, std::uint64_t frames) noexcept;

private:
  struct Anchor
  {
    std::uint64_t frame;
    GstClockTime time;
    double slope;               // the time runs faster by so much
    GstClockTime held;          // the output is no earlier
  };

  const Anchor & anchor_of (std::uint64_t frame) const noexcept;
  GstClockTime nominal (std::uint64_t frames) const noexcept;
  GstClockTime told_of (std::uint64_t frame) const noexcept;
  std::uint64_t next_window () const noexcept;
  void begin (GstClockTime time) noexcept;
  void anchor (GstClockTime time, double slope) noexcept;
  GstClockTimeDiff beyond_jitter (GstClockTimeDiff late) const noexcept;
  Verdict seam (GstClockTimeDiff off) noexcept;
  GstClockTimeDiff lateness_of (GstClockTime pts) const noexcept;
  void note (GstClockTime pts) noexcept;
  void close_window () noexcept;
  void follow (double off, double slope) noexcept;

  int rate_ = 1;
  Tolerance tolerance_;
  std::uint64_t frames_ = 0;
  std::deque < Anchor > anchors_;       // by frame; the first is that of frame 0
  GstClockTime base_ = 0;       // of frame 0: what the lateness is counted against
  GstClockTime last_end_ = 0;   // of the runs before

  Lateness lateness_;
  GstClockTimeDiff last_late_ = 0;
  double exact_ = 0;            // share of the last buffers without jitter
  std::uint64_t window_end_ = 0;
  GstClockTimeDiff lasting_ = 0;        // an offset that the next buffer's seam is
};

}

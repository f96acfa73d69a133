// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <vector>

namespace percepnet::gst
{

// How late the buffers of a stream come, by their timestamps, against a clock
// that counts its samples: what of that is jitter, what the sender's clock, and
// what an offset that stays. Jitter makes timestamps late, so that the earliest
// ones of each window tell the sender's clock: a line below them all (of the
// kind that measures clock skew on the Internet: Moon, Skelly, Towsley, 1999).
// The longer the more it scatters. Times in ns.
class Lateness
{
public:
  struct Report
  {
    double lasting;             // what the owner must jump by now, or 0
    double target, slope;       // else: where the stream should be, and go on
  };

  // Nothing is known.
  void clear () noexcept;
  // A seam of unknown size: what is known of the jitter stays.
  void forget_level () noexcept;

  // A buffer: its place by count of samples, and how late it is against that.
  void add (double place, double late) noexcept;
  bool window_empty () const noexcept { return empty_; }
  // The window ends; it is not empty. position: how late the owner puts the stream now;
  // threshold: offsets greater than that are jumped by when they last.
  Report close_window (double place, double position, double threshold);

  // Buffers so early and so late against the owner's position are jitter.
  double earliest () const noexcept { return -above_; }
  double latest () const noexcept { return usual_height_ - above_; }

private:
  struct Window
  {
    double place, least, most;  // place: of the least
  };
  struct Line
  {
    double slope, level;
    double at (double place) const noexcept { return level + slope * place; }
  };
  // Usual ones, within a window; and of the windows' least, how far three in a
  // row are off a line.
  struct Scatter
  {
    double height, bend;
  };

  void take_first () noexcept;
  double lasting_offset (const Window & window, double threshold) const;
  void fit ();
  Scatter scatter () const;
  double least (std::size_t i, double bend) const;
  Line line_below (std::size_t count, double bend) const;
  void place_owner (bool sure) noexcept;

  std::vector < Window > windows_;
  Window now_ = { 0, 0, 0 };
  bool empty_ = true;           // now_
  Window first_ = { 0, 0, 0 };  // the stream's first buffer
  bool started_ = false, settled_ = false;
  Line line_ = { 0, 0 };
  double above_ = 0;            // the owner's position above the line
  double usual_height_ = 0;     // of the windows' latest buffers above the line
};

}

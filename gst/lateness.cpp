// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "lateness.hpp"

#include <algorithm>
#include <cmath>

namespace percepnet::gst
{
namespace
{

// Windows that the line is laid under: two when the timestamps are exact, more
// when they scatter within the windows, the more so the more their least scatter
// from one to the next. A share of that does for a first line.
constexpr double fewest = 2, some = 7, most = 60;
constexpr double per_height = 0.4e-6, per_bend = 20e-6, share = 0.5;
// A window alone that is lower than both its neighbours by more than so many
// times the usual scatter is a stray one.
constexpr double stray = 4.0;

double
quantile (std::vector < double >values, double of)
{
  const auto place = values.begin ()
      + std::ptrdiff_t (double (values.size () - 1) * of);
  std::nth_element (values.begin (), place, values.end ());
  return *place;
}

}

void
Lateness::clear () noexcept
{
  *this = Lateness ();
}

void
Lateness::forget_level () noexcept
{
  if (!settled_ && double (windows_.size ()) >= some) {
    line_ = line_below (windows_.size (), scatter ().bend);
    place_owner (true);
  }
  settled_ = settled_ || started_;
  windows_.clear ();
  empty_ = true;
}

void
Lateness::add (double place, double late) noexcept
{
  if (!started_) {
    started_ = true;
    first_ = { place, late, late };
    return;
  }
  if (empty_)
    now_ = { place, late, late };
  if (late < now_.least) {
    now_.place = place;
    now_.least = late;
  }
  now_.most = std::max (now_.most, late);
  empty_ = false;
}

Lateness::Report
Lateness::close_window (double place, double position, double threshold)
{
  if (windows_.empty () && !settled_)
    take_first ();
  empty_ = true;
  double lasting = lasting_offset (now_, threshold);
  if (lasting != 0)
    return { lasting, position + lasting, line_.slope };

  if (double (windows_.size ()) == most)
    windows_.erase (windows_.begin ());
  windows_.push_back (now_);
  fit ();
  const double target = line_.at (place) + above_;
  if (std::abs (target - position) <= threshold)
    return { 0, target, line_.slope };
  if (now_.least - position < threshold && now_.most - position > -threshold)
    return { 0, position, 0 };  // not all of them: the next window tells more

  lasting = target - position;
  for (Window & window : windows_) {
    window.least -= lasting;
    window.most -= lasting;
  }
  line_.level -= lasting;
  return { lasting, target, line_.slope };
}

// The stream's first buffer is one of its window, unless the others agree that it
// is not: that of an Opus decoder is cut, and they are 6.5 ms later.
void
Lateness::take_first () noexcept
{
  const double height = now_.most - now_.least;

  if (first_.least < now_.least - height || first_.least > now_.most + height)
    return;
  if (first_.least < now_.least) {
    now_.place = first_.place;
    now_.least = first_.least;
  }
  now_.most = std::max (now_.most, first_.most);
}

// All buffers of the window are late, or early, against the ones before.
double
Lateness::lasting_offset (const Window & window, double threshold) const
{
  if (windows_.empty ())
    return 0;
  const double least = window.least - line_.at (window.place);
  const double greatest =
      window.most - line_.at (window.place) - usual_height_;
  if (std::min (least, greatest) > threshold)
    return std::min (least, greatest);
  if (std::max (least, greatest) < -threshold)
    return std::max (least, greatest);
  return 0;
}

Lateness::Scatter
Lateness::scatter () const
{
  std::vector < double >bends = { 0 }, heights;

  for (std::size_t i = 0; i < windows_.size (); i++) {
    heights.push_back (windows_[i].most - windows_[i].least);
    if (i >= 2)
      bends.push_back (std::abs (windows_[i].least - 2 * windows_[i - 1].least
              + windows_[i - 2].least) / std::sqrt (3.0));
  }
  const double height = quantile (heights, 0.5);
  return { height, std::min (quantile (bends, 0.75), height) };
}

// Stray windows are lifted: not lower than their neighbours, or at the ends
// than the two beside them lead to expect.
double
Lateness::least (std::size_t i, double bend) const
{
  const auto of = [&](std::size_t k) { return windows_[k].least; };
  const std::size_t last = windows_.size () - 1;
  double expected;

  if (i > 0 && i < last)
    expected = std::min (of (i - 1), of (i + 1));
  else if (last >= 2)
    expected = i == 0 ? 2 * of (1) - of (2) : 2 * of (last - 1) - of (last - 2);
  else
    expected = of (last);
  return std::max (of (i), expected - stray * bend);
}

// Below the last windows, and touching them around their middle: the edge of
// their convex hull there.
Lateness::Line
Lateness::line_below (std::size_t count, double bend) const
{
  std::vector < Window > hull;
  double middle = 0;

  for (std::size_t i = windows_.size () - count; i < windows_.size (); i++) {
    const Window p = { windows_[i].place, least (i, bend), 0 };
    while (hull.size () >= 2) {
      const Window & a = hull[hull.size () - 2], & b = hull.back ();
      if ((b.place - a.place) * (p.least - a.least)
          > (b.least - a.least) * (p.place - a.place))
        break;
      hull.pop_back ();
    }
    hull.push_back (p);
    middle += p.place / double (count);
  }
  std::size_t edge = 1;
  while (edge + 1 < hull.size () && hull[edge].place < middle)
    edge++;
  const Window & a = hull[edge - 1], & b = hull[edge];
  const double slope = (b.least - a.least) / (b.place - a.place);
  return { slope, a.least - slope * a.place };
}

void
Lateness::fit ()
{
  const Scatter noise = scatter ();
  const double few = std::clamp (noise.height * per_height, fewest, some);
  const double wanted = std::clamp (noise.bend * per_bend, few, most);
  const double known = double (windows_.size ());
  const std::size_t count = std::size_t (std::min (wanted, known));

  if (known >= std::max (few, settled_ ? wanted : share * wanted)) {
    line_ = line_below (count, noise.bend);
  } else {
    line_.level = INFINITY;
    for (const Window & window : windows_)
      line_.level = std::min (line_.level,
          window.least - line_.slope * window.place);
  }

  std::vector < double >heights;
  for (auto window = windows_.end () - std::ptrdiff_t (count);
      window != windows_.end (); ++window)
    heights.push_back (window->most - line_.at (window->place));
  usual_height_ = quantile (heights, 0.5);
  place_owner (known >= wanted);
}

// The first buffer's place among the others is kept, but not out of their
// reach.
void
Lateness::place_owner (bool sure) noexcept
{
  if (!settled_)
    above_ = first_.least - line_.at (first_.place);
  above_ = std::clamp (above_, 0.0, std::max (usual_height_, 0.0));
  settled_ = settled_ || sure;
}

}

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "idle_watch.hpp"

#include <algorithm>
#include <utility>

namespace percepnet::gst
{
namespace
{

// The latest buffers of a while are what is usual: of bursts, all but the first come
// earlier, and the next burst comes when it is as late as that.
constexpr GstClockTimeDiff shortest_window = 500 * GST_MSECOND;
// How much later one may be: as much as audio sinks forgive. Doubled each time that
// it was too little, and forgotten within seconds. Later buffers are strays, which
// nobody would have waited for, unless there are some in a row.
constexpr GstClockTime first_margin = 40 * GST_MSECOND;
constexpr GstClockTime largest_margin = 160 * GST_MSECOND;
constexpr int forgetting = 512, some = 8;
// That a jitter buffer gave a packet up shows when it waits for so long at least.
constexpr GstClockTimeDiff shortest_wait = 20 * GST_MSECOND;

}

IdleWatch::IdleWatch (GstElement * element, GstPad * pad,
    std::function < void () > idle)
    : element_ (element), pad_ (pad), idle_ (std::move (idle))
{
}

// The thread has a reference to the element: if it is this one, it ends next.
IdleWatch::~IdleWatch ()
{
  stop ();
  if (thread_.joinable ())
    thread_.detach ();
}

void
IdleWatch::start ()
{
  end_thread ();                // that was stopped from idle
  const std::lock_guard < std::mutex > lock (mutex_);
  started_ = true;
  upstream_ = 0;
  window_ = 0;
  late_ = late_before_ = stray_ = 0;
  early_ = G_MAXINT64 / 2;
  strays_ = some - 1;           // the first one is believed
  margin_ = first_margin;
  expected_ = GST_CLOCK_TIME_NONE;
}

void
IdleWatch::stop ()
{
  {
    const std::lock_guard < std::mutex > lock (mutex_);
    started_ = playing_ = false;
    if (waiting_)
      gst_clock_id_unschedule (waiting_);
    changed_.notify_all ();
  }
  end_thread ();
}

// It cannot wait for itself: stopped from idle, it ends, or goes on if it is started
// from there again, when idle returns. Nor can who has the stream lock wait for a thread
// that wants it: that one ends by itself when it gets it.
void
IdleWatch::end_thread ()
{
  std::thread thread;
  bool locking = false;
  {
    const std::lock_guard < std::mutex > lock (mutex_);
    if (!is_thread ()) {
      thread = std::move (thread_);
      locking = std::exchange (locking_, false);
    }
  }
  if (!thread.joinable ())
    return;
  if (locking)
    thread.detach ();
  else
    thread.join ();
}

// Not one that was left to itself.
bool
IdleWatch::is_thread () const
{
  return thread_.get_id () == std::this_thread::get_id ();
}

void
IdleWatch::set_playing (bool playing)
{
  const std::lock_guard < std::mutex > lock (mutex_);
  playing_ = playing;
  if (waiting_ && !playing)
    gst_clock_id_unschedule (waiting_);
  changed_.notify_all ();
}

void
IdleWatch::learn_latency (bool live, GstClockTime upstream)
{
  const std::lock_guard < std::mutex > lock (mutex_);
  upstream_ = upstream;
  if (!live || !started_ || thread_.joinable ())
    return;
  thread_ = std::thread ([this, element = gst_object_ref (element_)] {
    run ();
    gst_object_unref (element); // maybe the last one: this is gone
  });
}

bool
IdleWatch::live ()
{
  const std::lock_guard < std::mutex > lock (mutex_);
  return thread_.joinable () && playing_;
}

// G_MAXINT64 when there is no clock to tell.
GstClockTimeDiff
IdleWatch::lateness_of (GstClockTime running_time) const
{
  if (!playing_ || !GST_CLOCK_TIME_IS_VALID (running_time))
    return G_MAXINT64;
  const GstClockTime now = gst_element_get_current_running_time (element_);
  return GST_CLOCK_TIME_IS_VALID (now)
      ? GST_CLOCK_DIFF (running_time + upstream_, now) : G_MAXINT64;
}

// A guess comes before its time, when the packet after it is there already, or just
// when that has been waited for as long as upstream does.
bool
IdleWatch::is_after_pause (GstClockTime running_time, GstClockTimeDiff ahead)
{
  const std::lock_guard < std::mutex > lock (mutex_);
  const GstClockTimeDiff late = lateness_of (running_time);
  if (late == G_MAXINT64)
    return false;

  const GstClockTimeDiff waited = late - early_;
  const GstClockTimeDiff latency = GstClockTimeDiff (upstream_);
  const bool given_up = waited >= std::max (latency / 2, shortest_wait)
      && late >= -latency / 4 && late <= GstClockTimeDiff (first_margin);
  return waited >= -ahead / 4 && !given_up;
}

void
IdleWatch::came (GstClockTime running_time)
{
  const std::lock_guard < std::mutex > lock (mutex_);
  const GstClockTimeDiff late = lateness_of (running_time);
  if (late == G_MAXINT64)
    return;

  early_ = late <= early_ ? late : early_
      + std::min (late - early_, GstClockTimeDiff (largest_margin)) / forgetting;
  const GstClockTimeDiff usual = std::max (late_, late_before_);
  if (late > usual + GstClockTimeDiff (largest_margin) && ++strays_ < some) {
    stray_ = late;
    return;
  }
  strays_ = 0;
  stray_ = 0;
  const GstClockTime now = running_time + upstream_ + late;
  // Where it is less, the difference is a great number.
  if (now - window_ >= GstClockTime (std::max (2 * usual, shortest_window))) {
    window_ = now;
    late_before_ = std::exchange (late_, 0);
  }
  late_ = std::max (late_, late);
  margin_ = std::max (margin_ - margin_ / forgetting, first_margin);
}

void
IdleWatch::expect (GstClockTime running_time)
{
  const std::lock_guard < std::mutex > lock (mutex_);
  const bool was_idle = !GST_CLOCK_TIME_IS_VALID (expected_);

  expected_ = running_time;
  // A thread that waits looks again when its time has come.
  if (was_idle)
    changed_.notify_all ();
}

// NONE: nothing is to come.
GstClockTime
IdleWatch::deadline () const
{
  return playing_ && GST_CLOCK_TIME_IS_VALID (expected_)
      ? expected_ + upstream_ + std::max ({late_, late_before_, stray_}) + margin_
      : GST_CLOCK_TIME_NONE;
}

void
IdleWatch::was_wrong ()
{
  const std::lock_guard < std::mutex > lock (mutex_);
  if (strays_ == 0)
    margin_ = std::min (2 * margin_, largest_margin);
}

void
IdleWatch::run ()
{
  std::unique_lock < std::mutex > lock (mutex_);

  while (started_ && is_thread ()) {
    const GstClockTime until = deadline ();
    if (!GST_CLOCK_TIME_IS_VALID (until)) {
      changed_.wait (lock);
    } else if (wait_until (until, lock) && deadline () <= until) {
      const GstClockTime expected = expected_;
      locking_ = true;
      lock.unlock ();
      call_idle (expected);
      lock.lock ();
    }
  }
}

bool
IdleWatch::wait_until (GstClockTime deadline,
    std::unique_lock < std::mutex > &lock)
{
  GstClock *clock = gst_element_get_clock (element_);
  if (!clock) {
    changed_.wait (lock);
    return false;
  }
  waiting_ = gst_clock_new_single_shot_id (clock,
      gst_element_get_base_time (element_) + deadline);
  lock.unlock ();
  const GstClockReturn result = gst_clock_id_wait (waiting_, nullptr);
  lock.lock ();
  gst_clock_id_unref (std::exchange (waiting_, nullptr));
  gst_object_unref (clock);
  if (result == GST_CLOCK_OK || result == GST_CLOCK_EARLY)
    return true;
  if (result != GST_CLOCK_UNSCHEDULED)
    expected_ = GST_CLOCK_TIME_NONE;    // a clock that cannot be waited for
  return false;
}

// A buffer may have come while the stream lock was waited for.
void
IdleWatch::call_idle (GstClockTime expected)
{
  bool still;

  GST_PAD_STREAM_LOCK (pad_);
  {
    const std::lock_guard < std::mutex > lock (mutex_);
    still = is_thread () && playing_ && expected_ == expected;
    if (is_thread ())
      locking_ = false;
    if (still)
      expected_ = GST_CLOCK_TIME_NONE;
  }
  if (still)
    idle_ ();
  GST_PAD_STREAM_UNLOCK (pad_);
}

}

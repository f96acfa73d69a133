// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include <gst/gst.h>

namespace percepnet::gst
{

// In a live pipeline, notices by the clock that nothing is coming (a sender that
// is silent, as Opus with DTX): then what is held inside must not wait for the
// next buffer. Has a thread of its own, in live pipelines alone. Any thread may
// call, that one too: from idle, what is downstream may stop the element.
class IdleWatch
{
public:
  // idle: called with the stream lock of the pad held.
  IdleWatch (GstElement * element, GstPad * pad, std::function < void () > idle);
  ~IdleWatch ();

  // READY to PAUSED and back; the pad must be inactive for the latter.
  void start ();
  void stop ();
  void set_playing (bool playing);
  bool live ();
  // What upstream answers to a LATENCY query.
  void learn_latency (bool live, GstClockTime upstream);

  // A buffer of this running time has come now, or a word that it is lost.
  void came (GstClockTime running_time);
  // Whether, by the clock, a buffer with timestamps so far ahead comes after a pause.
  // Else they are a jitter buffer's guess for a packet that is lost.
  bool is_after_pause (GstClockTime running_time, GstClockTimeDiff ahead);
  // Something is held until the buffer of this running time comes; NONE: nothing.
  void expect (GstClockTime running_time);
  // The one that has come continued what was before, but idle had been called.
  void was_wrong ();

private:
  void end_thread ();
  bool is_thread () const;
  GstClockTimeDiff lateness_of (GstClockTime running_time) const;
  void run ();
  GstClockTime deadline () const;
  bool wait_until (GstClockTime deadline, std::unique_lock < std::mutex > &lock);
  void call_idle (GstClockTime expected);

  GstElement *const element_;
  GstPad *const pad_;
  const std::function < void () > idle_;

  std::mutex mutex_;            // guards what follows
  std::condition_variable changed_;
  std::thread thread_;
  bool started_ = false, playing_ = false;
  bool locking_ = false;        // the thread waits for the stream lock
  GstClockTime upstream_ = 0, margin_ = 0;
  // By the clock: the latest buffers of a window and of the one before; the earliest
  // ones; the last stray, if it was one: the next buffer may be as late.
  GstClockTime window_ = 0;     // when it began, in running time
  GstClockTimeDiff late_ = 0, late_before_ = 0, early_ = 0, stray_ = 0;
  int strays_ = 0;              // in a row
  GstClockTime expected_ = GST_CLOCK_TIME_NONE; // running time
  GstClockID waiting_ = nullptr;
};

}

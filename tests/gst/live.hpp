// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "ramp.hpp"

namespace percepnet::test
{

constexpr GstClockTime upstream = 60 * GST_MSECOND;
constexpr GstClockTime margin = 40 * GST_MSECOND;

/* A live pipeline with a clock that stands still until it is told. */
class LiveFixture:public Fixture
{
public:
  explicit LiveFixture (GstClockTime latency = upstream)
      : Fixture (caps_string ("F32LE", 48000, 1))
  {
    gst_harness_set_upstream_latency (harness, latency);
    fail_unless_equals_uint64 (query_latency (), latency + 30 * GST_MSECOND);
    gst_harness_set_time (harness, first_pts);
  }

  /* Lets the time pass until the element looks at the clock; which time it is. */
  GstClockTime next_look ()
  {
    fail_unless (gst_harness_wait_for_clock_id_waits (harness, 1, 10));
    fail_unless (gst_harness_crank_single_clock_wait (harness));
    GstClock *clock = gst_element_get_clock (element);
    const GstClockTime now = gst_clock_get_time (clock);
    gst_object_unref (clock);
    return now;
  }
  /* Lets the time pass until then; meanwhile the element looks when it wants to. */
  void pass_until (GstClockTime time)
  {
    GstTestClock *clock = gst_harness_get_testclock (harness);
    fail_unless (gst_harness_wait_for_clock_id_waits (harness, 1, 10));
    while (gst_test_clock_get_next_entry_time (clock) <= time) {
      fail_unless (gst_harness_crank_single_clock_wait (harness));
      fail_unless (gst_harness_wait_for_clock_id_waits (harness, 1, 10));
    }
    gst_object_unref (clock);
    gst_harness_set_time (harness, time);
  }
  /* Pushed after the clock was looked at, from another thread. */
  void wait_for (std::uint64_t frames)
  {
    GstTestClock *clock = gst_harness_get_testclock (harness);
    for (int i = 0; i < 1000 && frames_out () < frames; i++) {
      collect ();
      /* It may have looked at an older deadline. */
      if (gst_test_clock_peek_id_count (clock) > 0)
        gst_harness_crank_single_clock_wait (harness);
      g_usleep (10000);
    }
    gst_object_unref (clock);
    fail_unless_equals_uint64 (frames_out (), frames);
  }
};

/* Blocks that come in time. */
inline void
push_in_time (LiveFixture & f, std::uint64_t from, std::uint64_t to)
{
  for (std::uint64_t at = from; at < to; at += hop) {
    gst_harness_set_time (f.harness, first_pts + time_of (at) + upstream);
    push_ramp (f, first_pts + time_of (at), at, hop);
  }
}

}

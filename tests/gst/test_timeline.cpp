// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The timeline by itself: long times, without the engine.
#include "fixture.hpp"

#include "timeline.hpp"

using namespace percepnet::test;
using percepnet::gst::Timeline;

/* Ten minutes of blocks of 20 ms by a clock that is off, with jitter. Returns
 * how far the timeline is off at most, after the first seconds. */
static GstClockTimeDiff
run_clock (double ppm, int jitter_ms, std::uint64_t minutes = 10)
{
  GRand *random = g_rand_new_with_seed (5);
  Timeline timeline;
  GstClockTimeDiff worst = 0;

  timeline.start (48000);
  for (std::uint64_t i = 0; i < minutes * 60 * 50; i++) {
    const GstClockTime truth =
        first_pts + GstClockTime (i * 20e6 * (1 + ppm * 1e-6));
    const GstClockTime pts = jitter_ms == 0 ? truth
        : truth + g_rand_int_range (random, -jitter_ms, jitter_ms + 1)
        * GST_MSECOND;
    const Timeline::Verdict verdict = timeline.judge (pts, false, false);
    fail_unless (verdict.seam == Timeline::Seam::smooth);
    timeline.advance (pts, 960);
    const GstClockTime is = timeline.time_of (i * 960);
    if (i > 250)
      worst = MAX (worst, ABS (GST_CLOCK_DIFF (truth, is)));
  }
  g_rand_free (random);
  return worst;
}

START_TEST (no_drift_no_change)
{
  fail_unless_equals_uint64 (run_clock (0, 0), 0);
}
END_TEST

START_TEST (skewed_clocks)
{
  for (double ppm : {-500, -100, -10, 10, 100, 500})
    fail_unless (run_clock (ppm, 0) < 2 * GST_MSECOND);
}
END_TEST

/* Jitter around the truth does not move the timeline at all, but for what the
 * first buffer was off. */
START_TEST (jitter_alone)
{
  const GstClockTimeDiff worst = run_clock (0, 15);
  fail_unless (worst <= 15 * GST_MSECOND, "%.3f ms", worst / 1e6);
}
END_TEST

START_TEST (skew_and_jitter)
{
  for (double ppm : {-100, 100}) {
    const GstClockTimeDiff worst = run_clock (ppm, 10);
    fail_unless (worst < 12 * GST_MSECOND, "%.3f ms", worst / 1e6);
  }
}
END_TEST

START_TEST (a_day_at_odd_rates)
{
  for (int rate : {8000, 11025, 44100, 48000, 192000}) {
    Timeline timeline;
    const std::uint64_t day = 24 * 3600 * std::uint64_t (rate);
    timeline.start (rate);
    timeline.advance (first_pts, day);
    fail_unless_equals_uint64 (timeline.expected (),
        first_pts + 24 * 3600 * GST_SECOND);
  }
}
END_TEST

START_TEST (seams)
{
  Timeline t;
  const GstClockTime end = first_pts + GST_SECOND;
  const auto seam = [&](GstClockTimeDiff by, bool discont, bool reverse) {
    return t.judge (end + by, discont, reverse).seam;
  };
  const GstClockTimeDiff ms = GST_MSECOND;

  t.start (48000);
  fail_unless (t.judge (first_pts, true, false).seam == Timeline::Seam::smooth);
  t.advance (first_pts, 48000);
  fail_unless (seam (0, true, false) == Timeline::Seam::smooth);
  fail_unless (seam (40 * ms, false, false) == Timeline::Seam::smooth);
  fail_unless (seam (-40 * ms, false, false) == Timeline::Seam::smooth);
  fail_unless (seam (1000 * ms, false, false) == Timeline::Seam::smooth);
  fail_unless (seam (-1000 * ms, false, false) == Timeline::Seam::smooth);
  fail_unless (seam (1001 * ms, false, false) == Timeline::Seam::jump);
  fail_unless (seam (5 * ms, true, false) == Timeline::Seam::smooth);
  fail_unless (seam (6 * ms, true, false) == Timeline::Seam::gap);
  fail_unless (seam (-6 * ms, true, false) == Timeline::Seam::step);
  fail_unless (seam (500 * ms, true, false) == Timeline::Seam::gap);
  fail_unless (seam (501 * ms, true, false) == Timeline::Seam::jump);
  fail_unless (seam (-501 * ms, true, false) == Timeline::Seam::jump);
  fail_unless (seam (2 * ms, false, true) == Timeline::Seam::jump);
  fail_unless_equals_uint64 (t.judge (end + 20 * ms, true, false).missing, 960);
  fail_unless (t.judge (GST_CLOCK_TIME_NONE, true, false).seam
      == Timeline::Seam::smooth);
}
END_TEST

START_TEST (no_pause_without_a_time)
{
  Timeline t;

  fail_if (t.is_pause (first_pts));
  t.start (48000);
  for (GstClockTime i = 0; i < 100; i++) {
    const GstClockTime pts = first_pts + i * 20 * GST_MSECOND;
    t.judge (pts, false, false);
    t.advance (pts, 960);
  }
  fail_if (t.is_pause (GST_CLOCK_TIME_NONE));
  fail_unless (t.is_pause (t.expected () + 5 * GST_SECOND));
}
END_TEST

void
percepnet::test::add_timeline_tests (TCase * tcase)
{
  tcase_add_test (tcase, no_drift_no_change);
  tcase_add_test (tcase, skewed_clocks);
  tcase_add_test (tcase, jitter_alone);
  tcase_add_test (tcase, skew_and_jitter);
  tcase_add_test (tcase, a_day_at_odd_rates);
  tcase_add_test (tcase, seams);
  tcase_add_test (tcase, no_pause_without_a_time);
}

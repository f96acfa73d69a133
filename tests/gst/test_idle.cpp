// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// A live sender that is silent: what is held comes out when the clock tells that
// nothing follows, and the time goes on as if it had not been.
#include "live.hpp"

using namespace percepnet::test;

START_TEST (what_is_held_comes_out_in_time)
{
  LiveFixture f;

  push_run (f, 0, 9600);
  f.collect ();
  fail_unless_equals_uint64 (f.frames_out (), 9600 - model_latency);
  const GstClockTime end = first_pts + time_of (9600);
  while (f.next_look () < end + upstream + margin);
  f.wait_for (9600);
  fail_unless (f.out == ramp (0, 9600));
  f.check_contiguous ();
}
END_TEST

/* A buffer that was just late: nothing is lost, and the next one is given more
 * time. */
START_TEST (late_buffers_are_waited_for_longer)
{
  LiveFixture f;

  push_run (f, 0, 9600);
  while (f.next_look () < first_pts + time_of (9600) + upstream + margin);
  f.wait_for (9600);
  push_run (f, 9600, 19200);
  const GstClockTime end = first_pts + time_of (19200);
  while (f.next_look () < end + upstream + 2 * margin) {
    f.collect ();
    fail_unless_equals_uint64 (f.frames_out (), 19200 - model_latency);
  }
  f.wait_for (19200);
  fail_unless (f.out == ramp (0, 19200));
  f.check_contiguous ();
}
END_TEST

/* A jitter buffer tells of a loss when it has given up: that was no pause, and
 * the next one is waited for longer. */
START_TEST (a_loss_told_late_is_no_pause)
{
  LiveFixture f;
  const std::uint64_t lost = 960, back = 9600 + lost;

  push_run (f, 0, 9600);
  while (f.next_look () < first_pts + time_of (9600) + upstream + margin);
  f.wait_for (9600);
  f.event (gst_event_new_gap (first_pts + time_of (9600), 20 * GST_MSECOND));
  push_run (f, back, back + 9600);
  const GstClockTime end = first_pts + time_of (back + 9600);
  while (f.next_look () < end + upstream + 2 * margin) {
    f.collect ();
    fail_unless_equals_uint64 (f.frames_out (), back + 9600 - model_latency);
  }
  f.wait_for (back + 9600);
  Bytes expected = ramp (0, back + 9600);
  std::fill (expected.begin () + 9600 * 4, expected.begin () + back * 4, 0);
  fail_unless (f.out == expected);
  f.check_contiguous ();
  while (GstEvent * event = gst_harness_try_pull_event (f.harness)) {
    fail_if (GST_EVENT_TYPE (event) == GST_EVENT_GAP);
    gst_event_unref (event);
  }
}
END_TEST

/* A packet of a pause with the timestamp of the one before, as Opus decoders give
 * after a loss: nobody waits so long the next time. */
START_TEST (a_stray_buffer_does_not_count)
{
  LiveFixture f;
  const std::uint64_t back = 9600 + 48000;

  push_run (f, 0, 9600);
  while (f.next_look () < first_pts + time_of (9600) + upstream + margin);
  f.wait_for (9600);
  gst_harness_set_time (f.harness,
      first_pts + time_of (9600) + upstream + 400 * GST_MSECOND);
  push_run (f, 9600, 9600 + hop);
  f.next_look ();
  f.wait_for (9600 + hop);
  for (std::uint64_t at = back; at < back + 9600; at += hop) {
    gst_harness_set_time (f.harness, first_pts + time_of (at) + upstream);
    push_ramp (f, first_pts + time_of (at), at, hop, at == back ? discont : 0);
  }
  const GstClockTime end = first_pts + time_of (back + 9600);
  while (f.next_look () < end + upstream + margin);
  f.wait_for (9600 + hop + 9600);
  f.check_monotone ();
}
END_TEST

/* But an offset that stays does. */
START_TEST (buffers_that_stay_late_are_waited_for)
{
  LiveFixture f;
  const GstClockTime late = 300 * GST_MSECOND;

  push_run (f, 0, hop);
  for (std::uint64_t at = hop; at < 48000; at += hop) {
    gst_harness_set_time (f.harness, first_pts + time_of (at) + upstream
        + MIN (late, at * late / 9600));
    push_ramp (f, first_pts + time_of (at), at, hop);
  }
  f.wait_for (48000 - model_latency);
  const GstClockTime end = first_pts + time_of (48000);
  while (f.next_look () < end + upstream + late) {
    f.collect ();
    fail_unless_equals_uint64 (f.frames_out (), 48000 - model_latency);
  }
  f.wait_for (48000);
  fail_unless (f.out == ramp (0, 48000));
}
END_TEST

/* Exact timestamps, of buffers that come together when the last one is whole: they are
 * waited for, and no longer than that. */
START_TEST (bursts_are_waited_for)
{
  static const struct
  {
    std::uint64_t count, block;
  } ways[] = { {5, 960}, {30, 480}, {25, 960}, {50, 480}, {100, 480} };

  for (const auto & way : ways) {
    LiveFixture f;
    const std::uint64_t burst = way.count * way.block;
    const std::uint64_t total = (6 * 48000 / burst + 1) * burst;

    for (std::uint64_t at = 0; at < total; at += burst) {
      const GstClockTime whole = first_pts + time_of (at + burst) + upstream;
      if (at == 0)
        gst_harness_set_time (f.harness, whole);
      else
        f.pass_until (whole);
      for (std::uint64_t i = at; i < at + burst; i += way.block)
        push_ramp (f, first_pts + time_of (i), i, way.block);
      fail_unless_equals_uint64 (f.stat ("resets"), 0);
    }
    const GstClockTime end = first_pts + time_of (total);
    while (f.next_look () < end + upstream + time_of (burst) + margin);
    f.wait_for (total);
    fail_unless (f.out == ramp (0, total));
    f.check_contiguous ();
  }
}
END_TEST

/* What stays late after a stall is one pause, and not one for each buffer. */
START_TEST (a_stall_is_one_pause)
{
  LiveFixture f;
  const std::uint64_t stall = 48000, total = 3 * 48000;

  push_in_time (f, 0, stall);
  while (f.next_look () < first_pts + time_of (stall) + upstream + margin);
  f.wait_for (stall);
  for (std::uint64_t at = stall; at < total; at += hop) {
    const GstClockTime late = first_pts + time_of (at) + upstream + GST_SECOND;
    if (at == stall)
      gst_harness_set_time (f.harness, late);
    else
      f.pass_until (late);
    push_ramp (f, first_pts + time_of (at), at, hop);
  }
  fail_unless_equals_uint64 (f.stat ("resets"), 1);
  f.eos ();
  f.collect ();
  fail_unless (f.out == ramp (0, total));
  f.check_contiguous ();
}
END_TEST

START_TEST (lateness_is_forgotten)
{
  LiveFixture f;
  const std::uint64_t late = 24000, total = late + 6 * 48000;
  GstClockTime now;

  for (std::uint64_t at = 0; at < late; at += hop) {
    gst_harness_set_time (f.harness, first_pts + time_of (at) + upstream
        + 150 * GST_MSECOND);
    push_ramp (f, first_pts + time_of (at), at, hop);
  }
  for (std::uint64_t at = late + 7200; at < total; at += hop) {
    f.pass_until (first_pts + time_of (at) + upstream);
    push_ramp (f, first_pts + time_of (at), at, hop, at == late + 7200 ? discont : 0);
  }
  const GstClockTime wanted = first_pts + time_of (total) + upstream + margin;
  while ((now = f.next_look ()) + GST_MSECOND < wanted);
  fail_unless (now < wanted + GST_MSECOND);
  f.wait_for (total);
}
END_TEST

/* Not live: the clock says nothing. */
START_TEST (files_are_not_watched)
{
  Fixture f (caps_string ("F32LE", 48000, 1));
  GstTestClock *clock = gst_harness_get_testclock (f.harness);

  push_run (f, 0, 9600);
  g_usleep (50000);
  fail_unless_equals_int (gst_test_clock_peek_id_count (clock), 0);
  gst_object_unref (clock);
}
END_TEST

void
percepnet::test::add_idle_tests (TCase * tcase)
{
  tcase_add_test (tcase, what_is_held_comes_out_in_time);
  tcase_add_test (tcase, late_buffers_are_waited_for_longer);
  tcase_add_test (tcase, a_loss_told_late_is_no_pause);
  tcase_add_test (tcase, a_stray_buffer_does_not_count);
  tcase_add_test (tcase, buffers_that_stay_late_are_waited_for);
  tcase_add_test (tcase, bursts_are_waited_for);
  tcase_add_test (tcase, a_stall_is_one_pause);
  tcase_add_test (tcase, lateness_is_forgotten);
  tcase_add_test (tcase, files_are_not_watched);
}

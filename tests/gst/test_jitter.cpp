// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Live audio whose timestamps are those of its arrival: in bursts, with jitter,
// from a clock that is off, with losses. Not a sample too many or too few; the
// time never steps back, and ends up where it belongs.
#include "arrivals.hpp"
#include "ramp.hpp"

#include <algorithm>
#include <cmath>

#include "timeline.hpp"

using namespace percepnet::test;
using percepnet::gst::Timeline;

struct Course
{
  std::uint64_t bridged, seams;
  GstClockTimeDiff final_offset;        // against the sender's clock
  bool monotone;
};

/* The timeline by itself, with an owner that fills its gaps. */
static Course
run_timeline (const Way & way, int seconds)
{
  Timeline timeline;
  Course course = { 0, 0, 0, true };
  std::uint64_t frames = 0;
  GstClockTime before = 0;

  timeline.start (48000);
  for (const Arrival & a : arrivals (way, seconds)) {
    if (a.gap > 0) {
      const std::uint64_t missing = timeline.missing_in (a.pts - a.gap, a.gap);
      timeline.advance (GST_CLOCK_TIME_NONE, missing);
      course.bridged += missing;
      frames += missing;
    }
    const Timeline::Verdict v = timeline.judge (a.pts, a.discont, false);
    course.seams += v.seam != Timeline::Seam::smooth;
    if (v.seam == Timeline::Seam::gap) {
      timeline.advance (GST_CLOCK_TIME_NONE, v.missing);
      course.bridged += v.missing;
      frames += v.missing;
    } else if (v.seam == Timeline::Seam::step) {
      timeline.step (v.time);
    } else if (v.seam == Timeline::Seam::jump) {
      timeline.jump (v.time);
      frames = 0;
    }
    const GstClockTime time = timeline.end ();
    course.monotone &= !GST_CLOCK_TIME_IS_VALID (time) || time >= before;
    timeline.advance (a.pts, 960);
    course.final_offset = GST_CLOCK_DIFF (a.truth, timeline.time_of (frames));
    before = timeline.end ();
    frames += 960;
  }
  return course;
}

START_TEST (every_way)
{
  for (const Way & way : all_ways ()) {
    const int seconds = 170;
    const Course c = run_timeline (way, seconds);
    const std::string name = name_of (way);
    const std::uint64_t sent = seconds * 50, came = arrivals (way, seconds).size ();
    const double off = double (c.bridged) - double ((sent - came) * 960);
    const bool jumps = way.burst == 25 && way.ppm > 0;  // 0.5 s and a little


    fail_unless (c.monotone, "%s", name.c_str ());
    fail_unless (ABS (c.final_offset) < 2 * GST_MSECOND, "%s: %.2f ms",
        name.c_str (), c.final_offset / 1e6);
    if (way.loss == Way::none)
      fail_unless (c.seams == 0 && c.bridged == 0, "%s", name.c_str ());
    /* Of each of five losses no more than jitter can hide is bridged otherwise. */
    else if (!jumps)
      fail_unless (std::abs (off) <= 5 * 48 * (way.jitter_ms > 0 ? 40 : 1),
          "%s: %g", name.c_str (), off);
  }
}
END_TEST

/* The element: the samples are those of the input, bit by bit, and the time runs
 * on without a step. */
static void
check_element (const Way & way)
{
  Fixture f (caps_string ("F32LE", 48000, 1));
  const std::string name = name_of (way);
  std::uint64_t at = 0;

  const std::vector < Arrival > all = arrivals (way, 8);
  for (const Arrival & a : all) {
    push_ramp (f, a.pts, at, 960, at == 0 ? discont : 0);
    at += 960;
  }
  f.eos ();
  f.collect ();
  fail_unless (f.out == ramp (0, at), "%s", name.c_str ());
  f.check_contiguous ();
  const Packet & last = f.packets.back ();
  const GstClockTime truth = all.back ().truth + packet_ms * GST_MSECOND;
  fail_unless (ABS (GST_CLOCK_DIFF (truth, last.pts + last.duration))
      < 2 * GST_MSECOND, "%s", name.c_str ());
  fail_unless_equals_uint64 (f.stat ("gaps-bridged"), 0);
  fail_unless_equals_uint64 (f.stat ("resets"), 1);     // that of EOS
}

START_TEST (bursts_are_jitter)
{
  for (int burst : {2, 3, 5, 10, 25, 50})
    for (double ppm : {0.0, 200.0})
      check_element ({burst, 0, ppm, Way::none});
}
END_TEST

START_TEST (lateness_is_jitter)
{
  for (int ms : {20, 40, 80, 150, 300, 900})
    for (double ppm : {0.0, 200.0})
      check_element ({1, ms, ppm, Way::none});
}
END_TEST

/* A network that stands still for 0.9 s and makes up for it. */
START_TEST (a_stall_is_jitter)
{
  Fixture f (caps_string ("F32LE", 48000, 1));

  for (std::uint64_t at = 0; at < 192000; at += 960)
    push_ramp (f, first_pts + time_of (at > 96000 && at < 96000 + 43200
            ? 96000 + 43200 : at), at, 960);
  f.eos ();
  f.collect ();
  f.check_contiguous ();
  fail_unless (f.out == ramp (0, 192000));
  const Packet & last = f.packets.back ();
  fail_unless_equals_uint64 (last.pts + last.duration,
      first_pts + time_of (192000));
}
END_TEST

/* Later for good, and nobody said so: after the second in which it might have
 * been jitter, the samples that are missing are filled in. */
START_TEST (a_jump_that_stays_is_bridged)
{
  for (int ms : {41, 100, 500}) {
    Fixture f (caps_string ("F32LE", 48000, 1));

    push_run (f, 0, 96000);
    for (std::uint64_t at = 96000; at < 240000; at += hop)
      push_ramp (f, first_pts + time_of (at) + ms * GST_MSECOND, at, hop);
    f.eos ();
    f.collect ();
    f.check_contiguous ();
    fail_unless_equals_uint64 (f.frames_out (), 240000 + ms * 48);
    fail_unless_equals_uint64 (f.stat ("gap-samples"), ms * 48);
    fail_unless_equals_uint64 (f.stat ("gaps-bridged"), 1);
  }
}
END_TEST

/* Longer ones, and earlier ones, move the time; never backwards. */
START_TEST (a_jump_that_stays_moves_the_time)
{
  for (int ms : {-600, -100, 600}) {
    Fixture f (caps_string ("F32LE", 48000, 1));
    const GstClockTimeDiff by = ms * GstClockTimeDiff (GST_MSECOND);

    push_run (f, 0, 96000);
    for (std::uint64_t at = 96000; at < 240000; at += hop)
      push_ramp (f, first_pts + time_of (at) + by, at, hop);
    f.eos ();
    f.collect ();
    fail_unless (f.out == ramp (0, 240000));
    f.check_monotone ();
    fail_unless_equals_uint64 (f.end (), first_pts + time_of (240000) + by);
    const int jumps = ms > 500 || ms < -500;
    fail_unless_equals_int (std::count_if (f.packets.begin () + 1,
            f.packets.end (), [](const Packet & p) { return p.discont; }), jumps);
    fail_unless_equals_uint64 (f.stat ("resets"), 1 + jumps);
  }
}
END_TEST

/* As seen behind webrtcbin: the packets of its set-up come all at once, then its
 * jitter buffer finds out that their timestamps were too late, within a second. */
START_TEST (a_jitter_buffer_that_learns)
{
  Fixture f (caps_string ("F32LE", 48000, 1));
  const std::uint64_t count = 480000;
  const auto truth = [&](std::uint64_t at) {
    const double back = 0.44 / (1 + std::exp ((0.55 - at / 48000.0) / 0.07));
    return first_pts + time_of (at) - GstClockTime (back * GST_SECOND);
  };

  for (std::uint64_t at = 0; at < count; at += 960)
    push_ramp (f, truth (at), at, 960);
  f.eos ();
  f.collect ();
  fail_unless (f.out == ramp (0, count));
  f.check_contiguous ();
  std::uint64_t at = 0;
  for (const Packet & packet : f.packets) {
    const GstClockTimeDiff off = GST_CLOCK_DIFF (truth (at), packet.pts);
    if (at >= 5 * 48000)
      fail_unless (ABS (off) < 2 * GST_MSECOND, "%.2f ms at %.2f s", off / 1e6,
          at / 48e3);
    at += packet.frames;
  }
}
END_TEST

/* As that of an Opus decoder: its first buffer is short, and all the others are
 * 6.5 ms later than it would have them. */
START_TEST (a_first_buffer_alone_is_no_measure)
{
  Fixture f (caps_string ("F32LE", 48000, 1));

  push_ramp (f, first_pts, 0, 168);
  for (std::uint64_t at = 168; at < 100000; at += hop)
    push_ramp (f, first_pts + time_of (at + 312), at, hop);
  f.eos ();
  f.collect ();
  f.check_contiguous ();
  std::uint64_t at = 0;
  for (const Packet & packet : f.packets) {
    if (at >= 84000)            // after 1.75 s
      fail_unless_equals_uint64 (packet.pts, first_pts + time_of (at + 312));
    at += packet.frames;
  }
}
END_TEST

/* Of minutes, it cannot be jitter. */
START_TEST (a_far_jump_is_taken_at_once)
{
  Fixture f (caps_string ("F32LE", 48000, 1));

  push_run (f, 0, 4800);
  push_ramp (f, first_pts + 60 * GST_SECOND, 4800, hop);
  f.collect ();
  fail_unless (f.out == ramp (0, 4800));
  f.eos ();
  f.collect ();
  fail_unless_equals_uint64 (f.packets.back ().pts,
      first_pts + 60 * GST_SECOND);
}
END_TEST

START_TEST (the_tolerance_is_a_property)
{
  Fixture f (caps_string ("F32LE", 48000, 1), "percepnet output=bypass "
      "alignment-threshold=10000000 discont-wait=200000000");

  push_run (f, 0, 96000);
  for (std::uint64_t at = 96000; at < 96000 + 28800; at += hop)
    push_ramp (f, first_pts + time_of (at) + 20 * GST_MSECOND, at, hop);
  fail_unless_equals_uint64 (f.stat ("gap-samples"), 960);
}
END_TEST

void
percepnet::test::add_jitter_tests (TCase * tcase)
{
  tcase_add_test (tcase, every_way);
  tcase_add_test (tcase, bursts_are_jitter);
  tcase_add_test (tcase, lateness_is_jitter);
  tcase_add_test (tcase, a_stall_is_jitter);
  tcase_add_test (tcase, a_jump_that_stays_is_bridged);
  tcase_add_test (tcase, a_jump_that_stays_moves_the_time);
  tcase_add_test (tcase, a_jitter_buffer_that_learns);
  tcase_add_test (tcase, a_first_buffer_alone_is_no_measure);
  tcase_add_test (tcase, a_far_jump_is_taken_at_once);
  tcase_add_test (tcase, the_tolerance_is_a_property);
}

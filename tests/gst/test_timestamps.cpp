// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Timestamps: jitter, drift, jumps, none at all.
#include "ramp.hpp"

using namespace percepnet::test;

START_TEST (jitter_is_ignored)
{
  Fixture f (caps_string ("F32LE", 48000, 1));
  GRand *random = g_rand_new_with_seed (3);

  push_ramp (f, first_pts, 0, hop);
  for (std::uint64_t at = hop; at < 96000; at += hop)
    push_ramp (f, first_pts + time_of (at)
        + g_rand_int_range (random, -20, 20) * GST_MSECOND, at, hop);
  g_rand_free (random);
  f.eos ();
  f.collect ();
  f.check_contiguous ();
  fail_unless (f.out == ramp (0, 96000));
  fail_unless_equals_uint64 (f.packets[0].pts, first_pts);
}
END_TEST

/* A sender whose clock is 500 ppm off: after half a minute, still in time. */
START_TEST (drift_is_followed)
{
  Fixture f (caps_string ("F32LE", 8000, 1));
  GstClockTimeDiff worst = 0;
  const std::uint64_t blocks = 30 * 50;

  for (std::uint64_t i = 0; i < blocks; i++) {
    f.next = first_pts + i * (20 * GST_MSECOND + 10 * GST_USECOND);
    f.push_zeros (160);
    while (GstBuffer * buffer = gst_harness_try_pull (f.harness)) {
      const std::uint64_t frame = GST_BUFFER_OFFSET (buffer);
      const GstClockTime truth = first_pts + time_of (frame, 8000)
          + frame * 10 * GST_USECOND / 160;
      worst = MAX (worst, ABS (GST_CLOCK_DIFF (truth, GST_BUFFER_PTS (buffer))));
      gst_buffer_unref (buffer);
    }
  }
  fail_unless (worst < 2 * GST_MSECOND, "%.3f ms", worst / 1e6);
  fail_unless_equals_uint64 (f.stat ("samples-in"), blocks * 160);
  fail_unless_equals_uint64 (f.stat ("gaps-bridged"), 0);
  fail_unless_equals_uint64 (f.stat ("resets"), 0);
}
END_TEST

/* Off by less than a gap, for good (a decoder that conceals in steps of its
 * own): followed after a second. */
START_TEST (a_lasting_offset_is_followed)
{
  Fixture f (caps_string ("F32LE", 48000, 1));

  push_run (f, 0, 4800);
  for (std::uint64_t at = 4800; at < 144000; at += hop)
    push_ramp (f, first_pts + time_of (at) + 4 * GST_MSECOND, at, hop);
  f.eos ();
  f.collect ();
  fail_unless (f.out == ramp (0, 144000));
  const Packet & last = f.packets.back ();
  fail_unless_equals_uint64 (last.pts + last.duration,
      first_pts + time_of (144000) + 4 * GST_MSECOND);
}
END_TEST

static void
check_jump (GstClockTimeDiff by)
{
  Fixture f (caps_string ("F32LE", 48000, 1));
  const std::uint64_t before = 9700, after = 5000;
  const GstClockTime there = first_pts + time_of (before) + by;
  std::size_t i = 0;

  for (std::uint64_t at = 0; at < before; at += 100)
    push_ramp (f, first_pts + time_of (at), at, 100);
  f.collect ();
  push_ramp (f, there, before, 100, discont);
  f.collect ();
  /* The tail of what was before has come, all of it. */
  fail_unless_equals_uint64 (f.frames_out (), before);
  for (std::uint64_t at = 100; at < after; at += 100)
    push_ramp (f, there + time_of (at), before + at, 100);
  f.eos ();
  f.collect ();
  fail_unless (f.out == ramp (0, before + after));
  while (i < f.packets.size () && (i == 0 || !f.packets[i].discont))
    i++;
  fail_unless (i < f.packets.size ());
  /* Never back: the time waits. */
  fail_unless_equals_uint64 (f.packets[i].pts,
      MAX (there, first_pts + time_of (before)));
  f.check_monotone ();
  f.check_contiguous (0, i);
  f.check_contiguous (i);
}

START_TEST (a_jump_drains_and_starts_afresh)
{
  check_jump (2 * GST_SECOND);
  check_jump (600 * GST_MSECOND);
  check_jump (-1 * GstClockTimeDiff (GST_SECOND));
}
END_TEST

START_TEST (no_timestamps_at_all)
{
  Fixture f (caps_string ("F32LE", 48000, 1));
  const Bytes data = ramp (0, 5000);

  f.next = GST_CLOCK_TIME_NONE;
  f.push (data.data (), 2000);
  f.push (data.data () + 8000, 3000);
  f.eos ();
  f.collect ();
  fail_unless (f.out == data);
  for (const Packet & packet : f.packets)
    fail_if (GST_CLOCK_TIME_IS_VALID (packet.pts));
}
END_TEST

START_TEST (timestamps_that_begin_late)
{
  Fixture f (caps_string ("F32LE", 48000, 1));
  const Bytes data = ramp (0, 4800);

  f.next = GST_CLOCK_TIME_NONE;
  f.push (data.data (), 1000);
  f.push_at (first_pts + time_of (1000), data.data () + 4000, 1000);
  f.next = GST_CLOCK_TIME_NONE;
  f.push (data.data () + 8000, 2800);
  f.eos ();
  f.collect ();
  fail_unless (f.out == data);
  fail_unless_equals_uint64 (f.packets[0].pts, first_pts);
  f.check_contiguous ();
}
END_TEST

START_TEST (empty_buffers)
{
  Fixture f (caps_string ("F32LE", 48000, 1));

  f.push_zeros (0);
  push_run (f, 0, 4800);
  f.push_zeros (0);
  push_run (f, 4800, 9600);
  f.eos ();
  f.collect ();
  fail_unless (f.out == ramp (0, 9600));
  fail_unless_equals_uint64 (f.query_latency (), 30 * GST_MSECOND);
}
END_TEST

void
percepnet::test::add_timestamps_tests (TCase * tcase)
{
  tcase_add_test (tcase, jitter_is_ignored);
  tcase_add_test (tcase, drift_is_followed);
  tcase_add_test (tcase, a_lasting_offset_is_followed);
  tcase_add_test (tcase, a_jump_drains_and_starts_afresh);
  tcase_add_test (tcase, no_timestamps_at_all);
  tcase_add_test (tcase, timestamps_that_begin_late);
  tcase_add_test (tcase, empty_buffers);
}

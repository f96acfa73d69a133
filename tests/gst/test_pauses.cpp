// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Pauses of a live sender that nobody tells of, and what looks like one.
#include "live.hpp"

using namespace percepnet::test;

/* Then the voice comes back: the pause is filled as if nothing had been. */
static void
check_pause (guint flags)
{
  LiveFixture f;
  const std::uint64_t back = 9600 + 19200;      // after 400 ms

  push_in_time (f, 0, 9600);
  while (f.next_look () < first_pts + time_of (9600) + upstream + margin);
  f.wait_for (9600);
  gst_harness_set_time (f.harness, first_pts + time_of (back) + upstream);
  push_ramp (f, first_pts + time_of (back), back, hop, flags);
  push_run (f, back + hop, back + 9600);
  f.eos ();
  f.collect ();
  Bytes expected = ramp (0, back + 9600);
  std::fill (expected.begin () + 9600 * 4, expected.begin () + back * 4, 0);
  fail_unless (f.out == expected);
  f.check_contiguous ();
}

START_TEST (no_step_after_a_pause)
{
  check_pause (discont);
}
END_TEST

/* A decoder of Opus with DTX does not say that anything is missing. */
START_TEST (no_step_after_a_pause_without_flag)
{
  check_pause (0);
}
END_TEST

/* Nor does one that conceals losses in steps of its own, so that now and then a
 * timestamp is off. */
START_TEST (no_step_after_a_pause_with_losses)
{
  LiveFixture f;
  const std::uint64_t pause = 96000, back = pause + 19200;

  for (std::uint64_t at = 0; at < pause; at += hop) {
    gst_harness_set_time (f.harness, first_pts + time_of (at) + upstream);
    push_ramp (f, first_pts + time_of (at)
        + (at / hop % 5 == 2 ? 7500 * GST_USECOND : 0), at, hop);
  }
  while (f.next_look () < first_pts + time_of (pause) + upstream + margin);
  f.wait_for (pause);
  push_in_time (f, back, back + 9600);
  f.eos ();
  f.collect ();
  /* Up to 7.5 ms of it are jitter; it begins where the voice ended. */
  const std::uint64_t filled = f.stat ("gap-samples");
  fail_unless (filled >= 19200 - 360 && filled <= 19200);
  Bytes expected = ramp (0, pause);
  expected.resize (expected.size () + filled * 4);
  const Bytes rest = ramp (back, 9600);
  expected.insert (expected.end (), rest.begin (), rest.end ());
  fail_unless (f.out == expected);
  f.check_contiguous ();
}
END_TEST

/* Jitter buffers guess the time of a packet that is lost, and decoders put it on
 * what they conceal it with: after a pause it is far ahead. That is no other pause.
 * waits: until then, and as long as for any packet; what was sent meanwhile comes
 * at once. */
static void
check_guesses (bool waits)
{
  LiveFixture f;
  const std::uint64_t talk = 24000, pause = 19200;
  const GstClockTime network = waits ? 0 : upstream;
  std::uint64_t sent = 0, at = 0;
  GstClockTime now = first_pts;
  Bytes expected;

  for (int ms : {60, 100, 200, 310, 460}) {
    const GstClockTime ahead = ms * GST_MSECOND;
    const GstClockTime guessed = waits ? ahead + upstream : ahead / 2;
    expected.resize (at * 4);
    for (std::uint64_t i = 0; i < talk; i += 960, sent += 960, at += 960) {
      const bool lost = i == 12 * 960;
      now = MAX (now, first_pts + time_of (at) + network + (lost ? guessed : 0));
      gst_harness_set_time (f.harness, now);
      push_ramp (f, first_pts + time_of (at) + (lost ? ahead : 0), sent, 960);
    }
    const Bytes said = ramp (sent - talk, talk);
    expected.insert (expected.end (), said.begin (), said.end ());
    at += pause;
  }
  f.eos ();
  f.collect ();
  fail_unless_equals_uint64 (f.stat ("gap-samples"), 4 * pause);
  fail_unless (f.out == expected);
  f.check_contiguous ();
}

START_TEST (a_guess_before_its_time_is_no_pause)
{
  check_guesses (false);
}
END_TEST

START_TEST (a_guess_that_was_waited_for_is_no_pause)
{
  check_guesses (true);
}
END_TEST

/* Packets that take so long, and the first one after a pause longer. */
static void
check_arrival (GstClockTime latency, GstClockTime usual, GstClockTime late)
{
  LiveFixture f (latency);
  GstClockTime now = 0;
  const std::uint64_t talk = 24000, back = talk + 19200;
  Bytes expected = ramp (0, back + 9600);

  for (std::uint64_t at = 0; at < back + 9600; at += 960) {
    if (at >= talk && at < back)
      continue;
    now = MAX (now, first_pts + time_of (at) + (at == back ? late : usual));
    gst_harness_set_time (f.harness, now);
    push_ramp (f, first_pts + time_of (at), at, 960);
  }
  f.eos ();
  f.collect ();
  std::fill (expected.begin () + talk * 4, expected.begin () + back * 4, 0);
  fail_unless (f.out == expected);
  f.check_contiguous ();
}

/* The network's delay, which is less than what the jitter buffer waits for. */
START_TEST (a_late_packet_after_a_pause_is_no_guess)
{
  check_arrival (upstream, 0, 40 * GST_MSECOND);
  check_arrival (upstream, 35 * GST_MSECOND, 60 * GST_MSECOND);
}
END_TEST

/* Then each packet is as late as can be. */
START_TEST (without_latency_there_are_no_guesses)
{
  check_arrival (0, 0, 0);
  check_arrival (20 * GST_MSECOND, 5 * GST_MSECOND, 20 * GST_MSECOND);
}
END_TEST

/* A packet of the pause is lost, which only the next one tells: its guess is late, and
 * its time is right. Taken for a wrong one, the next would be too far away. */
START_TEST (a_late_guess_within_a_pause_is_believed)
{
  LiveFixture f;
  const std::uint64_t talk = 24000, pause = 19200;
  const std::uint64_t lost = talk + pause, back = lost + pause;
  Bytes expected = ramp (0, back + 960);

  for (std::uint64_t at = 0; at < talk; at += 960) {
    gst_harness_set_time (f.harness, first_pts + time_of (at));
    push_ramp (f, first_pts + time_of (at), at, 960);
  }
  gst_harness_set_time (f.harness, first_pts + time_of (back));
  push_ramp (f, first_pts + time_of (lost), lost, 960);
  push_ramp (f, first_pts + time_of (back), back, 960);
  f.eos ();
  f.collect ();
  std::fill (expected.begin () + talk * 4, expected.begin () + lost * 4, 0);
  std::fill (expected.begin () + (lost + 960) * 4, expected.begin () + back * 4, 0);
  fail_unless (f.out == expected);
  f.check_contiguous ();
}
END_TEST

/* All of them are ahead: then it is the clock that was wrong. */
START_TEST (many_guesses_are_a_pause)
{
  LiveFixture f;

  push_in_time (f, 0, 9600);
  for (std::uint64_t at = 9600; at < 19200; at += hop)
    push_ramp (f, first_pts + time_of (19200 + at), at, hop);
  f.eos ();
  f.collect ();
  fail_unless_equals_uint64 (f.stat ("gap-samples"), 19200);
  f.check_contiguous ();
}
END_TEST

/* Timestamps of arrival scatter: here the same may be a network that stood still,
 * and what is missing comes at once. */
START_TEST (a_stall_is_no_pause)
{
  LiveFixture f;
  GRand *random = g_rand_new_with_seed (2);

  for (std::uint64_t at = 0; at < 96000; at += 960)
    push_ramp (f, first_pts + time_of (at)
        + g_rand_int_range (random, 0, 20) * GST_MSECOND * (at > 0), at, 960);
  g_rand_free (random);
  while (f.next_look () < first_pts + time_of (96000) + upstream + margin);
  f.wait_for (96000);
  for (std::uint64_t at = 96000; at < 96000 + 19200; at += 960)
    push_ramp (f, first_pts + time_of (96000 + 19200), at, 960);
  f.eos ();
  f.collect ();
  f.check_contiguous ();
  fail_unless (f.out == ramp (0, 96000 + 19200));
}
END_TEST

void
percepnet::test::add_pauses_tests (TCase * tcase)
{
  tcase_add_test (tcase, no_step_after_a_pause);
  tcase_add_test (tcase, no_step_after_a_pause_without_flag);
  tcase_add_test (tcase, no_step_after_a_pause_with_losses);
  tcase_add_test (tcase, a_guess_before_its_time_is_no_pause);
  tcase_add_test (tcase, a_guess_that_was_waited_for_is_no_pause);
  tcase_add_test (tcase, a_late_guess_within_a_pause_is_believed);
  tcase_add_test (tcase, a_late_packet_after_a_pause_is_no_guess);
  tcase_add_test (tcase, without_latency_there_are_no_guesses);
  tcase_add_test (tcase, many_guesses_are_a_pause);
  tcase_add_test (tcase, a_stall_is_no_pause);
}

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// What is missing: lost packets, GAP buffers and events.
#include "ramp.hpp"

using namespace percepnet::test;

START_TEST (a_lost_packet_is_bridged)
{
  for (std::uint64_t lost : {hop, 2 * hop, std::uint64_t (333),
          std::uint64_t (23000)}) {
    Fixture f (caps_string ("F32LE", 48000, 1));

    push_run (f, 0, 9600);
    push_ramp (f, first_pts + time_of (9600 + lost), 9600, hop, discont);
    f.next = first_pts + time_of (9600 + lost + hop);
    f.eos ();
    f.collect ();
    f.check_contiguous ();
    Bytes expected = ramp (0, 9600);
    expected.resize (expected.size () + lost * 4);
    const Bytes rest = ramp (9600, hop);
    expected.insert (expected.end (), rest.begin (), rest.end ());
    fail_unless (f.out == expected);
    fail_unless_equals_uint64 (f.stat ("gaps-bridged"), 1);
    fail_unless_equals_uint64 (f.stat ("gap-samples"), lost);
  }
}
END_TEST

START_TEST (discont_without_gap_changes_nothing)
{
  Fixture f (caps_string ("F32LE", 48000, 1));

  for (std::uint64_t at = 0; at < 9600; at += hop)
    push_ramp (f, first_pts + time_of (at), at, hop, discont);
  f.eos ();
  f.collect ();
  f.check_contiguous ();
  fail_unless (f.out == ramp (0, 9600));
}
END_TEST

/* Timestamps that step back (a jitter buffer that learns): all samples go on, and
 * the time waits for them at half its speed. */
START_TEST (an_overlap_holds_the_time)
{
  for (int ms : {6, 20, 100, 500}) {
    Fixture f (caps_string ("F32LE", 48000, 1));
    const GstClockTime there = first_pts + time_of (4800) - ms * GST_MSECOND;
    const std::uint64_t again = 2 * ms * 48;    // from here on it is as told

    push_run (f, 0, 4800);
    push_ramp (f, there, 4800, hop, discont);
    for (std::uint64_t at = hop; at < 57600; at += hop)
      push_ramp (f, there + time_of (at), 4800 + at, hop);
    f.eos ();
    f.collect ();
    fail_unless (f.out == ramp (0, 4800 + 57600));
    f.check_contiguous ();
    std::uint64_t at = 0;
    for (const Packet & packet : f.packets) {
      if (at <= 4800 || at >= 4800 + again)
        fail_unless_equals_uint64 (packet.pts, at <= 4800
            ? first_pts + time_of (at) : there + time_of (at - 4800));
      at += packet.frames;
    }
    fail_unless_equals_uint64 (f.stat ("resets"), 1);   // that of EOS
  }
}
END_TEST

/* Not even behind a pause that was told. */
START_TEST (no_time_twice_behind_a_long_gap)
{
  Fixture f (caps_string ("F32LE", 48000, 1));

  push_run (f, 0, 4800);
  f.event (gst_event_new_gap (first_pts + time_of (4800), 3 * GST_SECOND));
  push_ramp (f, first_pts, 4800, 4800);
  f.eos ();
  f.collect ();
  fail_unless (f.out == ramp (0, 9600));
  f.check_monotone ();
}
END_TEST

START_TEST (gap_buffers_are_silence)
{
  Fixture f (caps_string ("F32LE", 48000, 1));
  bool seen = false;

  push_run (f, 0, 4800);
  push_ramp (f, first_pts + time_of (4800), 0, 4800, GST_BUFFER_FLAG_GAP);
  push_run (f, 9600, 14400);
  f.eos ();
  f.collect ();
  f.check_contiguous ();
  Bytes expected = ramp (0, 14400);
  std::fill (expected.begin () + 4800 * 4, expected.begin () + 9600 * 4, 0);
  fail_unless (f.out == expected);
  for (const Packet & packet : f.packets) {
    const bool inside = packet.pts >= first_pts + time_of (4800)
        && packet.pts + packet.duration <= first_pts + time_of (9600);
    fail_unless_equals_int (packet.gap, inside);
    seen |= packet.gap;
  }
  fail_unless (seen);
}
END_TEST

START_TEST (short_gap_events_are_bridged)
{
  Fixture f (caps_string ("F32LE", 48000, 1));

  push_run (f, 0, 4800);
  for (int i = 0; i < 5; i++)
    f.event (gst_event_new_gap (first_pts + time_of (4800 + i * 960),
            20 * GST_MSECOND));
  push_ramp (f, first_pts + time_of (9600), 9600, hop, discont);
  f.eos ();
  f.collect ();
  f.check_contiguous ();
  fail_unless_equals_uint64 (f.frames_out (), 10080);
  fail_unless_equals_uint64 (f.stat ("gap-samples"), 4800);
  fail_unless_equals_uint64 (f.stat ("gaps-bridged"), 5);
  /* They were taken in: what follows is silence in buffers, and EOS. */
  while (GstEvent * event = gst_harness_try_pull_event (f.harness)) {
    fail_if (GST_EVENT_TYPE (event) == GST_EVENT_GAP);
    gst_event_unref (event);
  }
}
END_TEST

static bool
pull_gap_event (Fixture & f, GstClockTime pts)
{
  bool found = false;

  while (GstEvent * event = gst_harness_try_pull_event (f.harness)) {
    GstClockTime time;
    if (GST_EVENT_TYPE (event) == GST_EVENT_GAP) {
      gst_event_parse_gap (event, &time, nullptr);
      found |= time == pts;
    }
    gst_event_unref (event);
  }
  return found;
}

START_TEST (long_gap_events_drain_and_pass)
{
  Fixture f (caps_string ("F32LE", 48000, 1));
  const GstClockTime gap = first_pts + time_of (4800);

  push_run (f, 0, 4800);
  f.event (gst_event_new_gap (gap, 3 * GST_SECOND));
  f.collect ();
  fail_unless_equals_uint64 (f.frames_out (), 4800);
  fail_unless (pull_gap_event (f, gap));
  push_ramp (f, gap + 3 * GST_SECOND, 4800, hop);
  f.eos ();
  f.collect ();
  fail_unless (f.out == ramp (0, 5280));
  fail_unless_equals_uint64 (f.packets.back ().pts, gap + 3 * GST_SECOND);
  fail_unless (f.packets.back ().discont);
}
END_TEST

/* A pause told in small pieces is a long one as well. */
START_TEST (many_short_gap_events_are_a_long_one)
{
  Fixture f (caps_string ("F32LE", 48000, 1));

  push_run (f, 0, 4800);
  for (int i = 0; i < 100; i++)
    f.event (gst_event_new_gap (first_pts + time_of (4800 + i * 960),
            20 * GST_MSECOND));
  f.collect ();
  fail_unless_equals_uint64 (f.frames_out (), 4800 + 25 * 960);
  fail_unless (pull_gap_event (f, first_pts + time_of (4800 + 99 * 960)));
}
END_TEST

START_TEST (gap_before_any_data_passes)
{
  Fixture f (caps_string ("F32LE", 48000, 1));

  f.event (gst_event_new_gap (first_pts, 20 * GST_MSECOND));
  f.collect ();
  fail_unless (f.packets.empty ());
  fail_unless (pull_gap_event (f, first_pts));
}
END_TEST

void
percepnet::test::add_gaps_tests (TCase * tcase)
{
  tcase_add_test (tcase, a_lost_packet_is_bridged);
  tcase_add_test (tcase, discont_without_gap_changes_nothing);
  tcase_add_test (tcase, an_overlap_holds_the_time);
  tcase_add_test (tcase, no_time_twice_behind_a_long_gap);
  tcase_add_test (tcase, gap_buffers_are_silence);
  tcase_add_test (tcase, short_gap_events_are_bridged);
  tcase_add_test (tcase, long_gap_events_drain_and_pass);
  tcase_add_test (tcase, many_short_gap_events_are_a_long_one);
  tcase_add_test (tcase, gap_before_any_data_passes);
}

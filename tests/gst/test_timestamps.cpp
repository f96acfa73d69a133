// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Timestamps, gaps, jumps, flushes, segments.
#include "fixture.hpp"

using namespace percepnet::test;

static const guint discont = GST_BUFFER_FLAG_DISCONT;

/* Samples that tell their own number: exact in floats up to 2^24. */
static Bytes
ramp (std::uint64_t from, std::uint64_t count)
{
  std::vector < float >samples (count);
  for (std::uint64_t i = 0; i < count; i++)
    samples[i] = float (from + i + 1) / (1 << 24);
  return to_bytes (samples);
}

static void
push_ramp (Fixture & f, GstClockTime pts, std::uint64_t from,
    std::uint64_t count, guint flags = 0)
{
  const Bytes data = ramp (from, count);
  fail_unless_equals_int (f.push_at (pts, data.data (), count, flags),
      GST_FLOW_OK);
}

/* Blocks of 10 ms from content time from to to. */
static void
push_run (Fixture & f, std::uint64_t from, std::uint64_t to)
{
  for (std::uint64_t at = from; at < to; at += hop)
    push_ramp (f, first_pts + time_of (at), at, hop);
}

static void
new_segment (Fixture & f, gdouble rate, GstClockTime start, GstClockTime base)
{
  GstSegment segment;
  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.rate = rate;
  segment.start = start;
  segment.time = start;
  segment.base = base;
  segment.position = start;
  f.event (gst_event_new_segment (&segment));
}

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

/* Without the flag, up to 40 ms are jitter and more is a gap. */
START_TEST (a_gap_without_flag)
{
  Fixture f (caps_string ("F32LE", 48000, 1));

  push_run (f, 0, 9600);
  push_ramp (f, first_pts + time_of (9600) + 39 * GST_MSECOND, 9600, hop);
  fail_unless_equals_uint64 (f.stat ("gaps-bridged"), 0);
  push_ramp (f, first_pts + time_of (10080) + 41 * GST_MSECOND, 10080, hop);
  f.eos ();
  f.collect ();
  f.check_contiguous ();
  fail_unless_equals_uint64 (f.frames_out (), 10560 + 41 * 48);
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
  fail_unless_equals_uint64 (f.packets[i].pts, there);
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

/* Timestamps that step back a little (a jitter buffer that learns): the samples
 * go on, the times of what comes from there on are the new ones. */
START_TEST (an_overlap_steps_back)
{
  for (int ms : {6, 20, 100, 500}) {
    Fixture f (caps_string ("F32LE", 48000, 1));
    const GstClockTime there =
        first_pts + time_of (4800) - ms * GST_MSECOND;
    std::size_t i = 0;

    push_run (f, 0, 4800);
    push_ramp (f, there, 4800, hop, discont);
    for (std::uint64_t at = hop; at < 4800; at += hop)
      push_ramp (f, there + time_of (at), 4800 + at, hop);
    f.eos ();
    f.collect ();
    fail_unless (f.out == ramp (0, 9600));
    while (i < f.packets.size () && (i == 0 || !f.packets[i].discont))
      i++;
    fail_unless (i < f.packets.size ());
    fail_unless_equals_uint64 (f.packets[i].pts, there);
    f.check_contiguous (0, i);
    f.check_contiguous (i);
    fail_unless_equals_uint64 (f.stat ("resets"), 1);   // that of EOS
  }
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

START_TEST (a_flush_drops_what_is_inside)
{
  Fixture f (caps_string ("F32LE", 48000, 1));

  push_run (f, 0, 4800);
  f.collect ();
  const std::uint64_t before = f.frames_out ();
  f.event (gst_event_new_flush_start ());
  f.event (gst_event_new_flush_stop (TRUE));
  new_segment (f, 1.0, 0, 0);
  f.collect ();
  fail_unless_equals_uint64 (f.frames_out (), before);
  f.out.clear ();
  f.packets.clear ();
  push_ramp (f, 5 * GST_SECOND, 0, 2000);
  f.eos ();
  f.collect ();
  fail_unless (f.out == ramp (0, 2000));
  fail_unless_equals_uint64 (f.packets[0].pts, 5 * GST_SECOND);
  fail_unless (f.packets[0].discont);
}
END_TEST

/* Segments by rate or offset: what came before is pushed before. */
START_TEST (a_new_segment_drains)
{
  for (gdouble rate : {1.0, 2.0}) {
    Fixture f (caps_string ("F32LE", 48000, 1));

    push_run (f, 0, 4800);
    new_segment (f, rate, 7 * GST_SECOND, GST_SECOND);
    f.collect ();
    fail_unless (f.out == ramp (0, 4800));
    push_ramp (f, 7 * GST_SECOND, 4800, 1000);
    f.eos ();
    f.collect ();
    fail_unless (f.out == ramp (0, 5800));
    fail_unless_equals_uint64 (f.packets.back ().pts, 7 * GST_SECOND);
    fail_unless (f.packets.back ().discont);
  }
}
END_TEST

START_TEST (the_same_segment_again_changes_nothing)
{
  Fixture f (caps_string ("F32LE", 48000, 1));

  push_run (f, 0, 4800);
  const GstSegment *now = &GST_BASE_TRANSFORM (f.element)->segment;
  GstSegment again = *now;
  f.event (gst_event_new_segment (&again));
  push_run (f, 4800, 9600);
  f.eos ();
  f.collect ();
  f.check_contiguous ();
  fail_unless (f.out == ramp (0, 9600));
  fail_unless_equals_uint64 (f.stat ("resets"), 1);
}
END_TEST

/* Backwards: each buffer stands alone and keeps its time. */
START_TEST (reverse_playback)
{
  Fixture f (caps_string ("F32LE", 48000, 1));

  new_segment (f, -1.0, 0, 0);
  for (int i = 9; i >= 0; i--)
    push_ramp (f, first_pts + time_of (i * 960), i * 960, 960, discont);
  f.eos ();
  f.collect ();
  fail_unless_equals_uint64 (f.frames_out (), 9600);
  for (int i = 0; i < 10; i++) {
    const Bytes expected = ramp ((9 - i) * 960, 960);
    fail_unless (std::equal (expected.begin (), expected.end (),
            f.out.begin () + i * expected.size ()));
    fail_unless_equals_uint64 (f.packets[i].pts,
        first_pts + time_of ((9 - i) * 960));
  }
}
END_TEST

START_TEST (segment_done_drains)
{
  Fixture f (caps_string ("F32LE", 48000, 1));

  push_run (f, 0, 4800);
  f.event (gst_event_new_segment_done (GST_FORMAT_TIME, GST_SECOND));
  f.collect ();
  fail_unless (f.out == ramp (0, 4800));
}
END_TEST

START_TEST (stream_start_drains)
{
  Fixture f (caps_string ("F32LE", 48000, 1));

  push_run (f, 0, 4800);
  f.event (gst_event_new_stream_start ("another"));
  f.collect ();
  fail_unless (f.out == ramp (0, 4800));
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

int
main (int argc, char **argv)
{
  Suite *suite = suite_create ("timestamps");
  TCase *tcase = tcase_create ("timestamps");

  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 120);
  tcase_add_test (tcase, jitter_is_ignored);
  tcase_add_test (tcase, drift_is_followed);
  tcase_add_test (tcase, a_lasting_offset_is_followed);
  tcase_add_test (tcase, a_lost_packet_is_bridged);
  tcase_add_test (tcase, a_gap_without_flag);
  tcase_add_test (tcase, discont_without_gap_changes_nothing);
  tcase_add_test (tcase, a_jump_drains_and_starts_afresh);
  tcase_add_test (tcase, an_overlap_steps_back);
  tcase_add_test (tcase, gap_buffers_are_silence);
  tcase_add_test (tcase, short_gap_events_are_bridged);
  tcase_add_test (tcase, long_gap_events_drain_and_pass);
  tcase_add_test (tcase, many_short_gap_events_are_a_long_one);
  tcase_add_test (tcase, gap_before_any_data_passes);
  tcase_add_test (tcase, a_flush_drops_what_is_inside);
  tcase_add_test (tcase, a_new_segment_drains);
  tcase_add_test (tcase, the_same_segment_again_changes_nothing);
  tcase_add_test (tcase, reverse_playback);
  tcase_add_test (tcase, segment_done_drains);
  tcase_add_test (tcase, stream_start_drains);
  tcase_add_test (tcase, no_timestamps_at_all);
  tcase_add_test (tcase, timestamps_that_begin_late);
  tcase_add_test (tcase, empty_buffers);
  return run (suite, argc, argv, "timestamps");
}

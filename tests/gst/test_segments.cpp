// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Flushes, segments, the ends of streams.
#include "ramp.hpp"

using namespace percepnet::test;

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

/* The only ways back in time: a new segment, a flush, another stream. */
START_TEST (the_time_starts_anew)
{
  for (int way : {0, 1, 2}) {
    Fixture f (caps_string ("F32LE", 48000, 1));

    push_run (f, 0, 4800);
    if (way == 1) {
      f.event (gst_event_new_flush_start ());
      f.event (gst_event_new_flush_stop (TRUE));
      new_segment (f, 1.0, 0, 0);
    } else if (way == 2) {
      f.event (gst_event_new_stream_start ("another"));
      f.set_caps (caps_string ("F32LE", 48000, 1));
      new_segment (f, 1.0, 0, 0);
    } else {
      new_segment (f, 1.0, 0, GST_SECOND);
    }
    push_ramp (f, GST_SECOND, 0, 4800);
    f.eos ();
    f.collect ();
    fail_unless_equals_uint64 (f.end (), GST_SECOND + time_of (4800));
  }
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

/* Raw files have segments of bytes, appsrc those of what it was told. A critical
 * warning would fail the test. */
START_TEST (segments_that_are_not_of_time)
{
  for (GstFormat format : {GST_FORMAT_BYTES, GST_FORMAT_DEFAULT}) {
    Fixture f (caps_string ("F32LE", 48000, 1), "percepnet output=bypass "
        "voice-activity-messages=true voice-activity-threshold=0");
    GstSegment segment;
    gst_segment_init (&segment, format);
    f.event (gst_event_new_segment (&segment));
    f.next = GST_CLOCK_TIME_NONE;
    const Bytes data = ramp (0, 9600);
    for (std::size_t at = 0; at < 9600; at += 1000)
      f.push (data.data () + 4 * at, MIN (1000, 9600 - at));
    f.eos ();
    f.collect ();
    fail_unless (f.out == data);
  }
}
END_TEST

void
percepnet::test::add_segments_tests (TCase * tcase)
{
  tcase_add_test (tcase, a_flush_drops_what_is_inside);
  tcase_add_test (tcase, the_time_starts_anew);
  tcase_add_test (tcase, a_new_segment_drains);
  tcase_add_test (tcase, the_same_segment_again_changes_nothing);
  tcase_add_test (tcase, reverse_playback);
  tcase_add_test (tcase, segment_done_drains);
  tcase_add_test (tcase, stream_start_drains);
  tcase_add_test (tcase, segments_that_are_not_of_time);
}

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

// ---- Stopped from a callback in its own thread --------------------------------

struct Stopper
{
  GstElement *element;
  bool again;                   // and started
  gboolean voice;               // the message that does it
  gint done;
};

static void
stop_at_once (Stopper & stopper)
{
  if (g_atomic_int_get (&stopper.done))
    return;
  fail_unless (gst_element_set_state (stopper.element, GST_STATE_NULL)
      == GST_STATE_CHANGE_SUCCESS);
  if (stopper.again)
    gst_element_set_state (stopper.element, GST_STATE_PLAYING);
  g_atomic_int_set (&stopper.done, TRUE);
}

static GstPadProbeReturn
stop_by_probe (GstPad *, GstPadProbeInfo *, gpointer data)
{
  stop_at_once (*static_cast < Stopper * >(data));
  return GST_PAD_PROBE_REMOVE;
}

static GstBusSyncReply
stop_by_message (GstBus *, GstMessage * message, gpointer data)
{
  Stopper & stopper = *static_cast < Stopper * >(data);
  gboolean voice;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT
      && gst_structure_get (gst_message_get_structure (message),
          "stream-has-voice", G_TYPE_BOOLEAN, &voice, nullptr)
      && voice == stopper.voice)
    stop_at_once (stopper);
  gst_message_unref (message);
  return GST_BUS_DROP;
}

static void
wait_until_done (LiveFixture & f, const gint & done)
{
  GstTestClock *clock = gst_harness_get_testclock (f.harness);

  for (int i = 0; i < 1000 && !g_atomic_int_get (&done); i++) {
    if (gst_test_clock_peek_id_count (clock) > 0)
      gst_harness_crank_single_clock_wait (f.harness);
    g_usleep (10000);
  }
  gst_object_unref (clock);
  fail_unless (g_atomic_int_get (&done));
}

static void
add_buffer_probe (GstElement * element, GstPadProbeCallback probe, gpointer data)
{
  GstPad *pad = gst_element_get_static_pad (element, "src");

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, probe, data, nullptr);
  gst_object_unref (pad);
}

/* It may be played again, and has then forgotten everything. */
static void
check_it_plays (LiveFixture & f)
{
  fail_unless (gst_element_set_state (f.element, GST_STATE_PLAYING)
      == GST_STATE_CHANGE_SUCCESS);
  f.collect ();
  f.packets.clear ();
  f.out.clear ();
  f.set_caps (caps_string ("F32LE", 48000, 1));
  f.query_latency ();
  const GstClockTime now = first_pts + 10 * GST_SECOND;
  gst_harness_set_time (f.harness, now + upstream);
  for (std::uint64_t at = 0; at < 9600; at += hop)
    push_ramp (f, now + time_of (at), at, hop);
  f.wait_for (9600);
  fail_unless (f.out == ramp (0, 9600));
  f.check_contiguous ();
}

START_TEST (stopped_by_a_probe)
{
  for (bool again : {false, true}) {
    LiveFixture f;
    Stopper stopper = { f.element, again, FALSE, FALSE };

    push_run (f, 0, 9600);
    add_buffer_probe (f.element, stop_by_probe, &stopper);
    wait_until_done (f, stopper.done);
    check_it_plays (f);
  }
}
END_TEST

/* Of a voice that begins, the engine being at work, and of one that ends. */
START_TEST (stopped_by_a_handler_of_messages)
{
  for (int i = 0; i < 4; i++) {
    LiveFixture f;
    GstBus *bus = gst_bus_new ();
    Stopper stopper = { f.element, i / 2 > 0, i % 2, FALSE };

    g_object_set (f.element, "voice-activity-threshold", 0.0,
        "voice-activity-messages", !stopper.voice, nullptr);
    gst_element_set_bus (f.element, bus);
    gst_bus_set_sync_handler (bus, stop_by_message, &stopper, nullptr);
    push_run (f, 0, 9600);
    g_object_set (f.element, "voice-activity-messages", TRUE, nullptr);
    wait_until_done (f, stopper.done);
    check_it_plays (f);
    gst_element_set_bus (f.element, nullptr);
    gst_object_unref (bus);
  }
}
END_TEST

static GstPadProbeReturn
remove_by_probe (GstPad * pad, GstPadProbeInfo *, gpointer)
{
  GstElement *element = gst_pad_get_parent_element (pad);
  GstObject *bin = gst_object_get_parent (GST_OBJECT (element));

  gst_element_set_state (element, GST_STATE_NULL);
  gst_bin_remove (GST_BIN (bin), element);
  gst_object_unref (bin);
  gst_object_unref (element);
  return GST_PAD_PROBE_REMOVE;
}

static void
note_end (gpointer done, GObject *)
{
  g_atomic_int_set (static_cast < gint * >(done), TRUE);
}

/* The bin's reference is the last one. */
START_TEST (removed_by_a_probe)
{
  LiveFixture f;
  gint done = FALSE;

  push_run (f, 0, 9600);
  add_buffer_probe (f.element, remove_by_probe, nullptr);
  g_object_weak_ref (G_OBJECT (f.element), note_end, &done);
  gst_object_unref (f.element);
  f.element = GST_ELEMENT (gst_object_ref (f.harness->element));
  wait_until_done (f, done);
}
END_TEST

START_TEST (a_pause_ends_and_stops_cleanly)
{
  for (int i = 0; i < 20; i++) {
    LiveFixture f;
    push_run (f, 0, 4800);
    if (i % 2)
      fail_unless (gst_harness_wait_for_clock_id_waits (f.harness, 1, 10));
    gst_element_set_state (f.element, GST_STATE_PAUSED);
    gst_element_set_state (f.element, i % 3 ? GST_STATE_PLAYING
        : GST_STATE_READY);
  }
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
  tcase_add_test (tcase, stopped_by_a_probe);
  tcase_add_test (tcase, stopped_by_a_handler_of_messages);
  tcase_add_test (tcase, removed_by_a_probe);
  tcase_add_test (tcase, a_pause_ends_and_stops_cleanly);
  tcase_add_test (tcase, files_are_not_watched);
}

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// A live element is stopped while it waits for more, and from a callback in the thread
// that pushes what was held.
#include <utility>

#include "live.hpp"

using namespace percepnet::test;

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

struct Stopper
{
  GstElement *element;
  bool again;                   // and started
  gboolean voice;               // the message that does it
  gint done;
  bool begun = false;
};

static void
stop_at_once (Stopper & stopper)
{
  if (std::exchange (stopper.begun, true))
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

/* The element, being fed, tells something of its own. */
static GstBusSyncReply
stop_by_type (GstBus *, GstMessage * message, gpointer data)
{
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_LATENCY
      || GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING)
    stop_at_once (*static_cast < Stopper * >(data));
  gst_message_unref (message);
  return GST_BUS_DROP;
}

static void
feed_until_it_tells (GstBusSyncHandler handler,
    void (*feed) (Fixture & f))
{
  for (bool again : {false, true}) {
    Fixture f (caps_string ("F32LE", 48000, 1),
        "percepnet output=bypass voice-activity-threshold=0 "
        "voice-activity-messages=true");
    GstBus *bus = gst_bus_new ();
    Stopper stopper = { f.element, again, FALSE, FALSE };

    push_run (f, 0, 9600);
    gst_element_set_bus (f.element, bus);
    gst_bus_set_sync_handler (bus, handler, &stopper, nullptr);
    feed (f);
    fail_unless (stopper.done);
    gst_element_set_bus (f.element, nullptr);
    gst_object_unref (bus);
  }
}

/* The second buffer of another size raises the latency. */
START_TEST (stopped_by_the_message_of_a_new_latency)
{
  feed_until_it_tells (stop_by_type, [](Fixture & f) {
    f.push_zeros (100);
    fail_unless_equals_int (f.push_zeros (100), GST_FLOW_FLUSHING);
  });
}
END_TEST

START_TEST (stopped_by_the_warning_of_a_cut_sample)
{
  feed_until_it_tells (stop_by_type, [](Fixture & f) {
    fail_unless_equals_int (gst_harness_push (f.harness,
            gst_buffer_new_allocate (nullptr, 2, nullptr)), GST_FLOW_OK);
    fail_unless_equals_int (f.push_zeros (hop, discont), GST_FLOW_FLUSHING);
  });
}
END_TEST

/* While silence is filled in. */
START_TEST (stopped_within_a_gap)
{
  feed_until_it_tells (stop_by_message, [](Fixture & f) {
    g_object_set (f.element, "voice-activity-messages", FALSE, nullptr);
    f.next += 20 * GST_MSECOND;
    fail_unless_equals_int (f.push_zeros (hop, discont), GST_FLOW_FLUSHING);
  });
}
END_TEST

/* At the end of what is drained for the new mode. */
START_TEST (stopped_at_a_change_of_channel_mode)
{
  feed_until_it_tells (stop_by_message, [](Fixture & f) {
    gst_util_set_object_arg (G_OBJECT (f.element), "channel-mode",
        "independent");
    fail_unless_equals_int (f.push_zeros (hop), GST_FLOW_FLUSHING);
  });
}
END_TEST

/* The new format is not for an element that is stopped. */
START_TEST (stopped_at_a_change_of_format)
{
  feed_until_it_tells (stop_by_message, [](Fixture & f) {
    GstCaps *caps =
        gst_caps_from_string (caps_string ("F32LE", 44100, 1).c_str ());
    gst_harness_push_event (f.harness, gst_event_new_caps (caps));
    gst_caps_unref (caps);
    if (GST_STATE (f.element) > GST_STATE_NULL)
      return;                   // it is started again, with the new format
    guint64 latency;
    gst_element_set_state (f.element, GST_STATE_PAUSED);
    g_object_get (f.element, "latency", &latency, nullptr);
    fail_unless_equals_uint64 (latency, 30 * GST_MSECOND);
  });
}
END_TEST

/* The time of what it waits for comes while a buffer is pushed. */
static GstPadProbeReturn
stop_when_it_waits (GstPad *, GstPadProbeInfo *, gpointer data)
{
  LiveFixture & f = *static_cast < LiveFixture * >(data);

  while (f.next_look () < first_pts + time_of (9600) + upstream + margin);
  g_usleep (100000);            // until it has woken up
  fail_unless (gst_element_set_state (f.element, GST_STATE_NULL)
      == GST_STATE_CHANGE_SUCCESS);
  return GST_PAD_PROBE_REMOVE;
}

START_TEST (stopped_while_its_thread_waits_for_the_stream)
{
  LiveFixture f;
  const Bytes data = ramp (9600, hop);

  push_run (f, 0, 9600);
  add_buffer_probe (f.element, stop_when_it_waits, &f);
  fail_unless_equals_int (f.push_at (first_pts + time_of (9600), data.data (),
          hop), GST_FLOW_FLUSHING);
  check_it_plays (f);
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

/* Nor does one that could not start keep a thread, whoever asks for the latency. */
START_TEST (a_start_that_fails_leaves_nothing)
{
  gint done = FALSE;
  {
    LiveFixture f;
    g_object_weak_ref (G_OBJECT (f.element), note_end, &done);
    gst_element_set_state (f.element, GST_STATE_NULL);
    g_object_set (f.element, "model", "/none", nullptr);
    fail_unless (gst_element_set_state (f.element, GST_STATE_PLAYING)
        == GST_STATE_CHANGE_FAILURE);
    f.query_latency ();
  }
  fail_unless (done);
}
END_TEST

void
percepnet::test::add_stops_tests (TCase * tcase)
{
  tcase_add_test (tcase, a_pause_ends_and_stops_cleanly);
  tcase_add_test (tcase, stopped_by_a_probe);
  tcase_add_test (tcase, stopped_by_a_handler_of_messages);
  tcase_add_test (tcase, stopped_by_the_message_of_a_new_latency);
  tcase_add_test (tcase, stopped_by_the_warning_of_a_cut_sample);
  tcase_add_test (tcase, stopped_within_a_gap);
  tcase_add_test (tcase, stopped_at_a_change_of_channel_mode);
  tcase_add_test (tcase, stopped_at_a_change_of_format);
  tcase_add_test (tcase, stopped_while_its_thread_waits_for_the_stream);
  tcase_add_test (tcase, removed_by_a_probe);
  tcase_add_test (tcase, a_start_that_fails_leaves_nothing);
}

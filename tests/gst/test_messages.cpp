// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Messages: begins and ends of voices alternate, and every begin has an end.
#include "ramp.hpp"

using namespace percepnet::test;

/* With a threshold of 0, everything is a voice. */
static const char *always = "percepnet output=bypass "
    "voice-activity-messages=true voice-activity-threshold=0";

/* The fixture with a bus that is read. */
class Listener:public Fixture
{
public:
  explicit Listener (const char *launch = always)
      : Fixture (caps_string ("F32LE", 48000, 1), launch), bus_ (gst_bus_new ())
  {
    gst_element_set_bus (element, bus_);
  }
  ~Listener ()
  {
    gst_element_set_bus (element, nullptr);
    gst_object_unref (bus_);
  }

  /* As "+-+-": begins and ends since the last call. */
  std::string changes ()
  {
    std::string text;
    while (GstMessage * message =
        gst_bus_pop_filtered (bus_, GST_MESSAGE_ELEMENT)) {
      const GstStructure *s = gst_message_get_structure (message);
      gboolean voice;
      fail_unless (gst_structure_has_name (s, "voice-activity"));
      fail_unless (gst_structure_get (s, "stream-has-voice", G_TYPE_BOOLEAN,
              &voice, "timestamp", G_TYPE_UINT64, &time, nullptr));
      text += voice ? '+' : '-';
      gst_message_unref (message);
    }
    return text;
  }
  guint warnings ()
  {
    guint count = 0;
    while (GstMessage * message =
        gst_bus_pop_filtered (bus_, GST_MESSAGE_WARNING)) {
      count++;
      gst_message_unref (message);
    }
    return count;
  }
  float voice_probability () const
  {
    gfloat value;
    g_object_get (element, "voice-probability", &value, nullptr);
    return value;
  }

  guint64 time = 0;             // of the last change

private:
  GstBus *const bus_;
};

static void
expect_changes (Listener & f, const char *wanted)
{
  const std::string changes = f.changes ();
  fail_unless_equals_string (changes.c_str (), wanted);
}

START_TEST (the_end_of_the_stream_ends_a_voice)
{
  Listener f;

  push_run (f, 0, 9600);
  expect_changes (f, "+");
  fail_unless_equals_uint64 (f.time, first_pts);
  f.eos ();
  expect_changes (f, "-");
  fail_unless_equals_uint64 (f.time, first_pts + time_of (9600));
  fail_unless (f.voice_probability () == 0);
}
END_TEST

START_TEST (a_jump_ends_a_voice)
{
  Listener f;

  push_run (f, 0, 9600);
  push_ramp (f, first_pts + 60 * GST_SECOND, 0, hop, discont);
  expect_changes (f, "+-");
  for (std::uint64_t at = hop; at < 4800; at += hop)
    push_ramp (f, first_pts + 60 * GST_SECOND + time_of (at), at, hop);
  expect_changes (f, "+");
  f.eos ();
  expect_changes (f, "-");
}
END_TEST

START_TEST (a_flush_ends_a_voice)
{
  Listener f;

  push_run (f, 0, 9600);
  f.event (gst_event_new_flush_start ());
  f.event (gst_event_new_flush_stop (TRUE));
  expect_changes (f, "+-");
  fail_unless (f.time <= first_pts + time_of (9600));
  fail_unless (f.voice_probability () == 0);
}
END_TEST

START_TEST (a_long_gap_ends_a_voice)
{
  Listener f;

  push_run (f, 0, 9600);
  f.event (gst_event_new_gap (first_pts + time_of (9600), 3 * GST_SECOND));
  expect_changes (f, "+-");
  fail_unless_equals_uint64 (f.time, first_pts + time_of (9600));
  fail_unless (f.voice_probability () == 0);
}
END_TEST

START_TEST (a_stop_ends_a_voice)
{
  Listener f;

  push_run (f, 0, 9600);
  gst_element_set_state (f.element, GST_STATE_READY);
  expect_changes (f, "+-");
}
END_TEST

/* Asked for in mid-voice, and no longer. */
START_TEST (the_property_begins_and_ends_them)
{
  Listener f;

  g_object_set (f.element, "voice-activity-messages", FALSE, nullptr);
  push_run (f, 0, 9600);
  expect_changes (f, "");
  g_object_set (f.element, "voice-activity-messages", TRUE, nullptr);
  push_run (f, 9600, 14400);
  expect_changes (f, "+");
  g_object_set (f.element, "voice-activity-messages", FALSE, nullptr);
  push_run (f, 14400, 19200);
  expect_changes (f, "-");
  f.eos ();
  expect_changes (f, "");
}
END_TEST

/* Silence is no voice; with the threshold at 0 it is one. */
START_TEST (the_threshold_decides)
{
  Listener f ("percepnet voice-activity-messages=true");

  for (int i = 0; i < 100; i++)
    f.push_zeros (480);
  expect_changes (f, "");
  g_object_set (f.element, "voice-activity-threshold", 0.0, nullptr);
  f.push_zeros (480);
  expect_changes (f, "+");
  g_object_set (f.element, "voice-activity-threshold", 1.0, nullptr);
  for (int i = 0; i < 30; i++)
    f.push_zeros (480);
  expect_changes (f, "-");
}
END_TEST

/* ---- Samples that a buffer's end cuts -------------------------------------*/

static GstFlowReturn
push_bytes (Fixture & f, const Bytes & all, std::size_t at, std::size_t count,
    guint flags = 0)
{
  GstBuffer *buffer = gst_buffer_new_memdup (all.data () + at, count);
  GST_BUFFER_FLAG_SET (buffer, flags);
  return gst_harness_push (f.harness, buffer);
}

START_TEST (cut_samples_go_on_in_the_next_buffer)
{
  for (std::size_t block : {4096, 4097, 5, 1}) {
    Listener f ("percepnet output=bypass");
    f.set_caps ("audio/x-raw, format=S16LE, rate=48000, channels=3, "
        "layout=interleaved, channel-mask=(bitmask)0");
    const Bytes in = random_bytes (6 * (block < 10 ? 700 : 20000));
    for (std::size_t at = 0; at < in.size (); at += block)
      fail_unless_equals_int (push_bytes (f, in, at,
              MIN (block, in.size () - at)), GST_FLOW_OK);
    f.eos ();
    f.collect ();
    fail_unless (f.out == in);
    fail_unless_equals_int (f.warnings (), 0);
  }
}
END_TEST

START_TEST (times_of_cut_samples)
{
  Listener f ("percepnet output=bypass");
  const Bytes in = ramp (0, 9600);

  for (std::size_t at = 0; at < in.size (); at += 1001) {
    const std::size_t count = MIN (1001, in.size () - at);
    GstBuffer *buffer = gst_buffer_new_memdup (in.data () + at, count);
    GST_BUFFER_PTS (buffer) = first_pts + time_of (at, 4 * 48000);
    gst_harness_push (f.harness, buffer);
  }
  f.eos ();
  f.collect ();
  f.check_contiguous ();
  fail_unless (f.out == in);
  fail_unless_equals_uint64 (f.packets[0].pts, first_pts);
}
END_TEST

START_TEST (what_cannot_be_kept_is_said_once)
{
  Listener f ("percepnet output=bypass");
  const Bytes in = ramp (0, 4800);

  push_bytes (f, in, 0, 9602);
  push_bytes (f, in, 9604, 3841, GST_BUFFER_FLAG_DISCONT);
  fail_unless_equals_int (f.warnings (), 1);
  f.eos ();
  f.collect ();
  fail_unless_equals_int (f.warnings (), 0);
  fail_unless_equals_uint64 (f.frames_out (), 2400 + 960);
  fail_unless (std::equal (f.out.begin () + 9600, f.out.end (),
          in.begin () + 9604));
}
END_TEST

START_TEST (a_cut_end_is_said)
{
  Listener f ("percepnet output=bypass");

  push_bytes (f, ramp (0, 4800), 0, 9603);
  f.eos ();
  f.collect ();
  fail_unless_equals_uint64 (f.frames_out (), 2400);
  fail_unless_equals_int (f.warnings (), 1);
}
END_TEST

void
percepnet::test::add_messages_tests (TCase * tcase)
{
  tcase_add_test (tcase, the_end_of_the_stream_ends_a_voice);
  tcase_add_test (tcase, a_jump_ends_a_voice);
  tcase_add_test (tcase, a_flush_ends_a_voice);
  tcase_add_test (tcase, a_long_gap_ends_a_voice);
  tcase_add_test (tcase, a_stop_ends_a_voice);
  tcase_add_test (tcase, the_property_begins_and_ends_them);
  tcase_add_test (tcase, the_threshold_decides);
  tcase_add_test (tcase, cut_samples_go_on_in_the_next_buffer);
  tcase_add_test (tcase, times_of_cut_samples);
  tcase_add_test (tcase, what_cannot_be_kept_is_said_once);
  tcase_add_test (tcase, a_cut_end_is_said);
}

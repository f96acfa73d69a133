// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Formats, layouts, rates, channels, and changes of them in mid-stream.
#include "fixture.hpp"

using namespace percepnet::test;

/* Planar data in the order of the harness's output. */
static Bytes
interleave (const Bytes & planar, const Fixture & f, std::uint64_t block)
{
  const std::size_t bytes = GST_AUDIO_INFO_WIDTH (&f.info) / 8;
  const int channels = GST_AUDIO_INFO_CHANNELS (&f.info);
  const std::uint64_t frames = planar.size () / f.frame_bytes ();
  Bytes result;

  for (std::uint64_t at = 0; at < frames; at += block) {
    const std::uint64_t count = MIN (block, frames - at);
    const guint8 *data = planar.data () + at * f.frame_bytes ();
    for (std::uint64_t i = 0; i < count; i++)
      for (int c = 0; c < channels; c++) {
        const guint8 *sample = data + (c * count + i) * bytes;
        result.insert (result.end (), sample, sample + bytes);
      }
  }
  return result;
}

static void
check_exact (const char *format, int channels, bool planar)
{
  Fixture f (caps_string (format, 48000, channels, planar));
  const std::uint64_t frames = 3000, block = 777;
  Bytes in = random_bytes (frames * f.frame_bytes ());

  if (GST_AUDIO_INFO_IS_FLOAT (&f.info) || !std::strncmp (format, "S24_32", 6)) {
    in.clear ();
    for (float sample : noise (frames, channels)) {
      const gint32 integer = gint32 (sample * (1 << 23));
      const gdouble wide = sample;
      const guint8 *from = GST_AUDIO_INFO_IS_INTEGER (&f.info)
          ? (const guint8 *) &integer : GST_AUDIO_INFO_WIDTH (&f.info) == 64
          ? (const guint8 *) &wide : (const guint8 *) &sample;
      in.insert (in.end (), from, from + GST_AUDIO_INFO_WIDTH (&f.info) / 8);
    }
  }
  f.push_all (in, block);
  f.eos ();
  f.collect ();
  fail_unless_equals_uint64 (f.frames_out (), frames);
  fail_unless (f.out == (planar ? interleave (in, f, block) : in),
      "%s, %d channels, %s", format, channels, planar ? "planar" : "interleaved");
}

/* Formats of up to 24 bits, and floats that hold floats, come back bit by bit. */
START_TEST (formats_are_exact)
{
  const char *formats[] = { "F32LE", "S16LE", "S24LE", "S24_32LE", "F64LE",
      "S16BE", "S24BE", "S8", "U8" };

  for (const char *format : formats)
    for (int channels : {1, 2, 6, 64})
      for (bool planar : {false, true})
        check_exact (format, channels, planar);
}
END_TEST

/* 32-bit integers pass through 32-bit floats: 24 bits are kept. */
START_TEST (s32_keeps_24_bits)
{
  for (bool planar : {false, true}) {
    Fixture f (caps_string ("S32LE", 48000, 1, planar));
    const Bytes in = random_bytes (3000 * 4);
    f.push_all (in, 480);
    f.eos ();
    f.collect ();
    fail_unless_equals_uint64 (f.frames_out (), 3000);
    for (std::size_t i = 0; i < in.size (); i += 4) {
      gint32 a, b;
      std::memcpy (&a, &in[i], 4);
      std::memcpy (&b, &f.out[i], 4);
      fail_unless (ABS (gint64 (a) - b) <= 128);
    }
  }
}
END_TEST

START_TEST (every_format_at_every_rate)
{
  for (const char *format : {"F32LE", "S16LE", "S24LE", "S24_32LE", "S32LE",
          "F64LE"})
    for (int rate : {8000, 44100, 48000, 192000})
      for (int channels : {1, 2, 8})
        for (bool planar : {false, true}) {
          Fixture f (caps_string (format, rate, channels, planar));
          f.push_all (Bytes (2000 * f.frame_bytes ()), 333);
          f.eos ();
          f.collect ();
          fail_unless_equals_uint64 (f.frames_out (), 2000);
          f.check_contiguous ();
        }
}
END_TEST

START_TEST (caps_are_the_same_on_both_pads)
{
  const std::string texts[] = {
    caps_string ("S16LE", 44100, 6, true), caps_string ("S24LE", 8000, 3),
    "audio/x-raw, format=F32LE, rate=48000, channels=4, layout=interleaved, "
        "channel-mask=(bitmask)0x0",
    "audio/x-raw, format=F32LE, rate=96000, channels=2, layout=interleaved, "
        "channel-mask=(bitmask)0xc0"
  };

  for (const std::string & text : texts) {
    Fixture f (text);
    f.push_zeros (4800);
    GstPad *pad = gst_element_get_static_pad (f.element, "src");
    GstCaps *is = gst_pad_get_current_caps (pad);
    GstCaps *wanted = gst_caps_from_string (text.c_str ());
    fail_unless (gst_caps_is_equal (is, wanted));
    gst_caps_unref (wanted);
    gst_caps_unref (is);
    gst_object_unref (pad);
  }
}
END_TEST

START_TEST (change_in_mid_stream_drains_and_goes_on)
{
  Fixture f (caps_string ("S16LE", 48000, 2));
  std::uint64_t expected = 0;
  const struct
  {
    const char *format;
    int rate, channels;
    bool planar;
  } changes[] = {
    {"S16LE", 48000, 2, false}, {"F32LE", 48000, 1, false},
    {"S16LE", 44100, 2, false}, {"S24LE", 8000, 6, true},
    {"S16LE", 48000, 2, false}
  };

  for (const auto & change : changes) {
    f.collect ();
    f.set_caps (caps_string (change.format, change.rate, change.channels,
            change.planar));
    /* What the change drained had the former format. */
    while (GstBuffer * buffer = gst_harness_try_pull (f.harness)) {
      expected += GST_BUFFER_OFFSET_END (buffer) - GST_BUFFER_OFFSET (buffer);
      gst_buffer_unref (buffer);
    }
    const std::uint64_t before = f.frames_out () + expected;
    fail_unless_equals_uint64 (before % 10007, 0);
    for (int i = 0; i < 10007; i += 1001)
      f.push_zeros (MIN (1001, 10007 - i));
  }
  f.eos ();
  f.collect ();
  fail_unless_equals_uint64 (f.frames_out () + expected,
      G_N_ELEMENTS (changes) * 10007);
}
END_TEST

START_TEST (same_caps_again_change_nothing)
{
  Fixture f (caps_string ("F32LE", 48000, 1));
  const Bytes in = to_bytes (noise (4000));

  f.push (in.data (), 2000);
  f.set_caps (caps_string ("F32LE", 48000, 1));
  f.push (in.data () + 8000, 2000);
  f.eos ();
  f.collect ();
  fail_unless (f.out == in);
  f.check_contiguous ();
  fail_unless_equals_uint64 (f.stat ("resets"), 1);
}
END_TEST

START_TEST (what_is_no_audio_for_us_is_refused)
{
  const char *refused[] = {
    "audio/x-raw, format=F32LE, rate=4000, channels=1, layout=interleaved",
    "audio/x-raw, format=F32LE, rate=384000, channels=1, layout=interleaved",
    ("audio/x-raw, format=F32LE, rate=48000, channels=65, layout=interleaved, "
        "channel-mask=(bitmask)0x0"),
    "audio/x-opus, channel-mapping-family=0", "video/x-raw"
  };
  GstElement *element = gst_element_factory_make ("percepnet", nullptr);
  GstPad *pad = gst_element_get_static_pad (element, "sink");

  for (const char *text : refused) {
    GstCaps *caps = gst_caps_from_string (text);
    fail_if (gst_pad_query_accept_caps (pad, caps), "%s", text);
    gst_caps_unref (caps);
  }
  gst_object_unref (pad);
  gst_object_unref (element);
}
END_TEST

/* The element posts an error with this word. */
static void
check_sentence (GstElement * element, void (*provoke) (GstHarness * harness),
    const char *word)
{
  GstHarness *h = gst_harness_new_with_element (element, "sink", "src");
  GstBus *bus = gst_bus_new ();
  GError *error;

  gst_element_set_bus (element, bus);
  provoke (h);
  GstMessage *message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message != nullptr);
  gst_message_parse_error (message, &error, nullptr);
  fail_unless (error->domain == GST_CORE_ERROR);
  fail_unless (std::strstr (error->message, word) != nullptr, "%s", error->message);
  g_error_free (error);
  gst_message_unref (message);
  gst_element_set_bus (element, nullptr);
  gst_object_unref (bus);
  gst_harness_teardown (h);
  gst_object_unref (element);
}

START_TEST (incomplete_caps_give_a_sentence)
{
  check_sentence (gst_element_factory_make ("percepnet", nullptr),
      [](GstHarness * h) {
    gst_harness_set_src_caps_str (h, "audio/x-raw, format=F32LE, rate=48000, "
        "channels=6, layout=interleaved");
  }, "channel-mask");
}
END_TEST

/* A raw file, of which nobody said what it is. */
START_TEST (no_caps_give_a_sentence)
{
  check_sentence (gst_element_factory_make ("percepnet", nullptr),
      [](GstHarness * h) {
    GstSegment segment;
    gst_segment_init (&segment, GST_FORMAT_BYTES);
    gst_harness_push_event (h, gst_event_new_stream_start ("raw"));
    gst_harness_push_event (h, gst_event_new_segment (&segment));
    fail_unless_equals_int (gst_harness_push (h,
            gst_buffer_new_allocate (nullptr, 4096, nullptr)),
        GST_FLOW_NOT_NEGOTIATED);
  }, "audio/x-raw");
}
END_TEST

void
percepnet::test::add_caps_tests (TCase * tcase)
{
  tcase_add_test (tcase, formats_are_exact);
  tcase_add_test (tcase, s32_keeps_24_bits);
  tcase_add_test (tcase, every_format_at_every_rate);
  tcase_add_test (tcase, caps_are_the_same_on_both_pads);
  tcase_add_test (tcase, change_in_mid_stream_drains_and_goes_on);
  tcase_add_test (tcase, same_caps_again_change_nothing);
  tcase_add_test (tcase, what_is_no_audio_for_us_is_refused);
  tcase_add_test (tcase, incomplete_caps_give_a_sentence);
  tcase_add_test (tcase, no_caps_give_a_sentence);
}

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Sample count out = sample count in, with no lag, for any size and rate.
#include "fixture.hpp"

using namespace percepnet::test;

static const std::uint64_t lengths[] = { 0, 1, 100, 479, 480, 481, 96137 };

static void
check_length (const std::string & caps, const char *launch,
    std::uint64_t length, std::uint64_t block)
{
  Fixture f (caps, launch);
  const Bytes in = to_bytes (noise (length, GST_AUDIO_INFO_CHANNELS (&f.info)));

  f.push_all (in, block);
  f.eos ();
  f.collect ();

  fail_unless_equals_uint64 (f.frames_out (), length);
  f.check_contiguous ();
  if (length > 0) {
    const Packet & last = f.packets.back ();
    fail_unless_equals_uint64 (f.packets[0].pts, first_pts);
    fail_unless (f.packets[0].discont);
    fail_unless_equals_uint64 (last.pts + last.duration,
        first_pts + time_of (length, f.rate ()));
  }
  if (std::strstr (launch, "bypass") && f.rate () == 48000)
    fail_unless (f.out == in, "length %u, block %u: content differs",
        unsigned (length), unsigned (block));
}

START_TEST (every_length_in_every_block_size)
{
  const std::uint64_t blocks[] = { 1, 7, 240, 441, 479, 480, 481, 960, 1024,
      9600, 48000, 96137 };

  for (std::uint64_t length : lengths)
    for (std::uint64_t block : blocks)
      if (length / block < 20000)
        check_length (caps_string ("F32LE", 48000, 1), "percepnet output=bypass",
            length, block);
}
END_TEST

START_TEST (every_length_enhanced)
{
  for (std::uint64_t length : lengths)
    check_length (caps_string ("F32LE", 48000, 1), "percepnet", length, 1024);
}
END_TEST

START_TEST (every_length_at_every_rate)
{
  const int rates[] = { 8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100,
      88200, 96000, 176400, 192000 };

  for (int rate : rates)
    for (std::uint64_t length : lengths)
      for (std::uint64_t block : {std::uint64_t (rate / 50), std::uint64_t (777)})
        check_length (caps_string ("F32LE", rate, 1), "percepnet output=bypass",
            length, block);
}
END_TEST

START_TEST (irregular_blocks)
{
  Fixture f (caps_string ("F32LE", 48000, 2));
  const Bytes in = to_bytes (noise (96137, 2));
  GRand *random = g_rand_new_with_seed (7);
  std::uint64_t at = 0;

  while (at < 96137) {
    const std::uint64_t count = MIN (guint64 (g_rand_int_range (random, 0, 3000)),
        96137 - at);
    f.push_at (first_pts + time_of (at), in.data () + at * 8, count);
    at += count;
  }
  g_rand_free (random);
  f.eos ();
  f.collect ();
  fail_unless (f.out == in);
  f.check_contiguous ();
}
END_TEST

/* The resampled signal stands where it stood: an in-band sine comes back at
 * its place, 60 dB or more above the error. */
START_TEST (no_lag_at_other_rates)
{
  for (int rate : {8000, 11025, 16000, 22050, 32000, 44100, 88200, 96000, 192000}) {
    Fixture f (caps_string ("F32LE", rate, 1));
    std::vector < float >in (rate);
    for (int i = 0; i < rate; i++)
      in[i] = float (0.5 * std::sin (2 * G_PI * 1000.0 * i / rate));
    f.push_all (to_bytes (in), 1000);
    f.eos ();
    f.collect ();
    const std::vector < float >out = f.floats ();
    fail_unless_equals_uint64 (out.size (), in.size ());
    double signal = 0, error = 0;
    for (int i = rate / 10; i < rate * 9 / 10; i++) {
      signal += in[i] * in[i];
      error += (in[i] - out[i]) * (in[i] - out[i]);
    }
    fail_unless (10 * std::log10 (signal / error) > 60,
        "%d Hz: %.1f dB", rate, 10 * std::log10 (signal / error));
  }
}
END_TEST

START_TEST (eos_without_data)
{
  Fixture f (caps_string ("F32LE", 48000, 1));
  f.eos ();
  f.collect ();
  fail_unless (f.packets.empty ());
}
END_TEST

START_TEST (again_after_eos_and_flush)
{
  Fixture f (caps_string ("F32LE", 48000, 1));
  const Bytes in = to_bytes (noise (5000));

  for (int round = 0; round < 3; round++) {
    f.push_all (in, 480);
    f.eos ();
    f.collect ();
    fail_unless (f.out == in);
    f.out.clear ();
    f.packets.clear ();
    f.event (gst_event_new_flush_start ());
    f.event (gst_event_new_flush_stop (TRUE));
    GstSegment segment;
    gst_segment_init (&segment, GST_FORMAT_TIME);
    f.event (gst_event_new_segment (&segment));
  }
}
END_TEST

void
percepnet::test::add_length_tests (TCase * tcase)
{
  tcase_add_test (tcase, every_length_in_every_block_size);
  tcase_add_test (tcase, every_length_enhanced);
  tcase_add_test (tcase, every_length_at_every_rate);
  tcase_add_test (tcase, irregular_blocks);
  tcase_add_test (tcase, no_lag_at_other_rates);
  tcase_add_test (tcase, eos_without_data);
  tcase_add_test (tcase, again_after_eos_and_flush);
}

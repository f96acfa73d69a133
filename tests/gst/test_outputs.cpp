// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// What comes out by the properties, and how it changes while playing: no click, at the
// time of the content.
#include "fixture.hpp"

#include <algorithm>

#include <dlfcn.h>
#include <gst/controller/gstdirectcontrolbinding.h>
#include <gst/controller/gstinterpolationcontrolsource.h>
#include <percepnet.h>

using namespace percepnet::test;

/* The input, delayed, comes out of every way of asking for it. */
START_TEST (dry_outputs_are_exact)
{
  const Bytes in = to_bytes (noise (20000));

  for (const char *launch : {"percepnet output=bypass", "percepnet mix=0",
          "percepnet attenuation-limit=0"}) {
    Fixture f (caps_string ("F32LE", 48000, 1), launch);
    f.push_all (in, 1000);
    f.eos ();
    f.collect ();
    fail_unless (f.out == in, "%s", launch);
  }
}
END_TEST

/* Enhanced and residual add up to the input. */
START_TEST (residual_is_what_is_missing)
{
  const std::vector < float >in = noise (20000);
  std::vector < float >sum (in.size ());

  for (const char *launch : {"percepnet", "percepnet output=residual"}) {
    Fixture f (caps_string ("F32LE", 48000, 1), launch);
    f.push_all (to_bytes (in), 1000);
    f.eos ();
    f.collect ();
    const std::vector < float >out = f.floats ();
    for (std::size_t i = 0; i < in.size (); i++)
      sum[i] += out[i];
  }
  for (std::size_t i = 0; i < in.size (); i++)
    fail_unless (std::fabs (sum[i] - in[i]) < 1e-5);
}
END_TEST

static float
largest_step (const std::vector < float >&signal)
{
  float step = 0;
  for (std::size_t i = 1; i < signal.size (); i++)
    step = MAX (step, std::fabs (signal[i] - signal[i - 1]));
  return step;
}

/* From all to nothing and back, every few hops: a fade each time, no edge. */
START_TEST (switching_makes_no_click)
{
  Fixture f (caps_string ("F32LE", 48000, 1),
      "percepnet output=bypass mix=0");
  std::vector < float >in (96000);

  for (std::size_t i = 0; i < in.size (); i++)
    in[i] = float (0.5 * std::sin (2 * G_PI * 100 * double (i) / 48000));
  for (std::size_t at = 0; at < in.size (); at += 960) {
    /* With mix=0 the residual is silence. */
    gst_util_set_object_arg (G_OBJECT (f.element), "output",
        at / 4800 % 2 ? "residual" : "bypass");
    f.push (in.data () + at, 960);
  }
  f.eos ();
  f.collect ();
  const std::vector < float >out = f.floats ();
  fail_unless (largest_step (out) < 1.2 * largest_step (in) + 0.5 / 480);
  fail_unless (*std::min_element (out.begin (), out.end ()) < -0.4);
  /* It was silent at times. */
  fail_unless (std::search_n (out.begin (), out.end (), 1000, 0.0f)
      != out.end ());
  fail_unless_equals_uint64 (out.size (), in.size ());
}
END_TEST

/* A controlled property acts on the content of its time. */
START_TEST (control_acts_at_the_time_of_the_content)
{
  Fixture f (caps_string ("F32LE", 48000, 1), "percepnet mix=0");
  GstControlSource *source = gst_interpolation_control_source_new ();
  GstTimedValueControlSource *values = GST_TIMED_VALUE_CONTROL_SOURCE (source);
  const std::uint64_t on = 24000;

  g_object_set (source, "mode", GST_INTERPOLATION_MODE_NONE, nullptr);
  fail_unless (gst_object_add_control_binding (GST_OBJECT (f.element),
          gst_direct_control_binding_new (GST_OBJECT (f.element), "output",
              source)));
  /* Bypass, then residual, of [0, 1]. With mix=0 the latter is silence. */
  gst_timed_value_control_source_set (values, 0, 1.0);
  gst_timed_value_control_source_set (values, first_pts + time_of (on), 0.5);
  gst_object_unref (source);

  const std::vector < float >in (48000, 0.25f);
  f.push_all (to_bytes (in), 960);
  f.eos ();
  f.collect ();
  const std::vector < float >out = f.floats ();
  fail_unless_equals_uint64 (out.size (), in.size ());
  for (std::uint64_t i = 0; i < out.size (); i++) {
    if (i < on)
      fail_unless (out[i] == 0.25f, "sample %u", unsigned (i));
    else if (i < on + hop)
      fail_unless (out[i] <= out[i - 1]);
    else
      fail_unless (out[i] == 0.0f, "sample %u", unsigned (i));
  }
}
END_TEST

START_TEST (channel_mode_changes_while_playing)
{
  Fixture f (caps_string ("F32LE", 48000, 2));
  const Bytes in = to_bytes (noise (48000, 2));

  for (std::uint64_t at = 0; at < 48000; at += 1000) {
    gst_util_set_object_arg (G_OBJECT (f.element), "channel-mode",
        at / 10000 % 2 ? "independent" : "linked");
    f.push_at (first_pts + time_of (at), in.data () + at * 8, 1000);
  }
  f.eos ();
  f.collect ();
  fail_unless (f.out == in);
  for (std::size_t i = 1; i < f.packets.size (); i++) {
    fail_unless (ABS (GST_CLOCK_DIFF (f.packets[i - 1].pts
                + f.packets[i - 1].duration, f.packets[i].pts)) <= 1);
    fail_if (f.packets[i].discont);
  }
}
END_TEST

static int creations_that_succeed = -1; // then one fails; -1: none does

/* In the place of the library's: the plug-in calls this one. */
extern "C" percepnet_stream *
percepnet_create (const percepnet_params * params, percepnet_error * error)
{
  using Create = decltype (&percepnet_create);
  static const auto real = reinterpret_cast < Create > (dlsym (dlopen
          ("libpercepnet.so.0", RTLD_NOW), "percepnet_create"));

  if (creations_that_succeed >= 0 && creations_that_succeed-- == 0) {
    error->status = PERCEPNET_ERROR_MEMORY;
    g_strlcpy (error->message, "out of memory", sizeof error->message);
    return nullptr;
  }
  return real (params, error);
}

/* What came before comes out, and no more. */
START_TEST (channel_mode_that_cannot_change)
{
  creations_that_succeed = 1;
  Fixture f (caps_string ("F32LE", 48000, 2));
  const Bytes in = to_bytes (noise (1000, 2));

  fail_unless_equals_int (f.push (in.data (), 1000), GST_FLOW_OK);
  if (creations_that_succeed > 0)
    return;                     // linked in, and out of reach
  gst_util_set_object_arg (G_OBJECT (f.element), "channel-mode", "independent");
  fail_unless_equals_int (f.push (in.data (), 1000), GST_FLOW_ERROR);
  fail_unless_equals_int (f.push (in.data (), 1000), GST_FLOW_NOT_NEGOTIATED);
  f.eos ();
  f.collect ();
  fail_unless_equals_uint64 (f.frames_out (), 1000);
}
END_TEST

void
percepnet::test::add_outputs_tests (TCase * tcase)
{
  tcase_add_test (tcase, dry_outputs_are_exact);
  tcase_add_test (tcase, residual_is_what_is_missing);
  tcase_add_test (tcase, switching_makes_no_click);
  tcase_add_test (tcase, control_acts_at_the_time_of_the_content);
  tcase_add_test (tcase, channel_mode_changes_while_playing);
  tcase_add_test (tcase, channel_mode_that_cannot_change);
}

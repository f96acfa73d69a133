// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// What the lateness of buffers tells, without a timeline.
#include "fixture.hpp"

#include "lateness.hpp"

using percepnet::gst::Lateness;

/* Buffers up to 98 ms late, but the earliest of each second exact: few seconds
 * tell the clock, and where it changes its speed the line soon does. */
START_TEST (exact_least_ones_tell_a_clock_that_changes)
{
  constexpr int changed = 20, seen = 32;
  constexpr double second = 1e9, slope = 200e-6;  // then twice that
  const auto drift_at =[](double seconds) {
    return (seconds + MAX (0, seconds - changed)) * slope * second;
  };
  Lateness lateness;
  Lateness::Report report = { 0, 0, 0 };

  for (int i = 0; i < seen; i++) {
    for (int k = 0; k < 50; k++) {
      const double place = (i + k / 50.0) * second;
      lateness.add (place, drift_at (place / second) + k * 2e6);
    }
    report = lateness.close_window ((i + 1) * second, report.target, 40e6);
    fail_unless (report.lasting == 0);
  }
  const double off = report.target - drift_at (seen);
  fail_unless (ABS (report.slope - 2 * slope) < 1e-9, "%g", report.slope);
  fail_unless (ABS (off) < 1e5, "%g", off);
}
END_TEST

/* Where the owner is off by more than the threshold against all buffers of a
 * window, it jumps; where only against some, it waits. */
START_TEST (an_owner_that_is_off_jumps)
{
  const struct
  {
    double height, position, lasting;
  } cases[] = {
    {0, 560e6, -60e6},
    {0, 440e6, 60e6},
    {0, 530e6, 0},
    {200e6, 560e6, 0},
  };

  for (const auto & c : cases) {
    Lateness lateness;
    lateness.add (0, 500e6);
    for (int k = 1; k < 50; k++)
      lateness.add (k * 20e6, 500e6 + (k % 2 ? 0.5 : -0.5) * c.height);
    const Lateness::Report report =
        lateness.close_window (1e9, c.position, 40e6);
    fail_unless (ABS (report.lasting - c.lasting) < 1e3, "%g: %g",
        c.position, report.lasting);
  }
}
END_TEST

void
percepnet::test::add_lateness_tests (TCase * tcase)
{
  tcase_add_test (tcase, exact_least_ones_tell_a_clock_that_changes);
  tcase_add_test (tcase, an_owner_that_is_off_jumps);
}

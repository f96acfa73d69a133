// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "fixture.hpp"

namespace percepnet::test
{

/* What happens to the 20 ms buffers of a live sender on their way. */
struct Way
{
  int burst = 1;                // so many arrive at once
  int jitter_ms = 0;            // each is late by up to this
  double ppm = 0;               // the sender's clock is slow by
  enum Loss
  { none, flagged, told, silent } loss = none;
};

struct Arrival
{
  GstClockTime truth, pts;      // by the sender's clock; by that of arrival
  bool discont;
  GstClockTime gap;             // told by an event before it, or 0
};

constexpr std::uint64_t packet_ms = 20;

/* The first one comes at its time. In the first 100 s, some packets are lost each
 * 20 s, of whole bursts; flagged: by DISCONT, told: by a GAP event, silent: not at all. */
inline std::vector < Arrival >
arrivals (const Way & way, int seconds)
{
  GRand *random = g_rand_new_with_seed (7);
  std::vector < Arrival > result;
  const double step = packet_ms * 1e6 * (1 + way.ppm * 1e-6);
  const int lost = way.burst * ((5 + way.burst - 1) / way.burst);
  const int every = 1000 / way.burst * way.burst;
  GstClockTime burst = 0;
  bool after_loss = false;

  for (int i = 0; i < seconds * 50; i++) {
    const GstClockTime truth = first_pts + GstClockTime (i * step);
    if (way.loss != Way::none && i % every >= every - lost
        && i < 5000) {
      after_loss = true;
      continue;
    }
    if (i % way.burst == 0)
      burst = truth;
    const GstClockTime late = way.jitter_ms && i > 0
        ? g_rand_int_range (random, 0, way.jitter_ms * 1000) * GST_USECOND : 0;
    result.push_back ({ truth, burst + late,
          after_loss && way.loss == Way::flagged, after_loss
          && way.loss == Way::told ? lost * packet_ms * GST_MSECOND : 0 });
    after_loss = false;
  }
  g_rand_free (random);
  return result;
}

inline std::string
name_of (const Way & way)
{
  static const char *losses[] = { "no loss", "DISCONT", "GAP", "silent loss" };
  gchar *text = g_strdup_printf ("bursts of %d, jitter of %d ms, %g ppm, %s",
      way.burst, way.jitter_ms, way.ppm, losses[way.loss]);
  const std::string result = text;
  g_free (text);
  return result;
}

/* All that the issue of jitter is about. */
inline std::vector < Way >
all_ways (void)
{
  std::vector < Way > ways;
  for (double ppm : {0.0, 200.0, -200.0})
    for (auto loss : {Way::none, Way::flagged, Way::told, Way::silent}) {
      for (int burst : {1, 2, 3, 5, 25})
        ways.push_back ({burst, 0, ppm, loss});
      for (int ms : {20, 40, 80, 150, 300})
        ways.push_back ({1, ms, ppm, loss});
    }
  return ways;
}

}

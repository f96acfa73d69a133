// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The tests of one file of this folder, by its name: gst-tests caps. GST_CHECKS
// chooses among them.
#include "fixture.hpp"

using namespace percepnet::test;

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*add_tests) (TCase * tcase);
    int timeout;                // s
  } files[] = {
    {"caps", add_caps_tests, 120},
    {"gaps", add_gaps_tests, 120},
    {"idle", add_idle_tests, 120},
    {"jitter", add_jitter_tests, 120},
    {"latency", add_latency_tests, 120},
    {"lateness", add_lateness_tests, 120},
    {"length", add_length_tests, 120},
    {"messages", add_messages_tests, 120},
    {"metas", add_metas_tests, 120},
    {"outputs", add_outputs_tests, 120},
    {"pauses", add_pauses_tests, 120},
    {"pipelines", add_pipelines_tests, 120},
    {"playlists", add_playlists_tests, 120},
    {"properties", add_properties_tests, 120},
    {"readings", add_readings_tests, 120},
    {"segments", add_segments_tests, 120},
    {"stops", add_stops_tests, 120},
    {"stress", add_stress_tests, 600},
    {"timeline", add_timeline_tests, 120},
    {"timestamps", add_timestamps_tests, 120},
  };

  gst_check_init (&argc, &argv);
  for (const auto & file : files) {
    if (argc != 2 || std::strcmp (argv[1], file.name) != 0)
      continue;
    Suite *suite = suite_create (file.name);
    TCase *tcase = tcase_create (file.name);
    suite_add_tcase (suite, tcase);
    tcase_set_timeout (tcase, file.timeout);
    file.add_tests (tcase);
    return gst_check_run_suite (suite, file.name, file.name);
  }
  g_printerr ("usage: %s NAME, of:", argv[0]);
  for (const auto & file : files)
    g_printerr (" %s", file.name);
  g_printerr ("\n");
  return 2;
}

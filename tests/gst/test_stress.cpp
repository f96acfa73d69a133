// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Threads that do everything at once, and elements that come and go. The
// environment variable PERCEPNET_STRESS multiplies the rounds (for valgrind and
// the sanitizers).
#include "fixture.hpp"

#include <atomic>
#include <thread>

using namespace percepnet::test;

static int
rounds (int normal)
{
  const gchar *factor = g_getenv ("PERCEPNET_STRESS");
  return factor ? MAX (1, int (normal * g_ascii_strtod (factor, nullptr)))
      : normal;
}

static void
set_at_random (GstElement * e, GRand * random)
{
  switch (g_rand_int_range (random, 0, 8)) {
    case 0:
      g_object_set (e, "attenuation-limit",
          g_rand_double_range (random, 0, 100), nullptr);
      break;
    case 1:
      g_object_set (e, "mix", g_rand_double (random), nullptr);
      break;
    case 2:
      g_object_set (e, "post-filter", g_rand_double (random), nullptr);
      break;
    case 3:
      g_object_set (e, "output", g_rand_int_range (random, 0, 3), nullptr);
      break;
    case 4:
      g_object_set (e, "channel-mode", g_rand_int_range (random, 0, 2), nullptr);
      break;
    case 5:
      g_object_set (e, "voice-activity-messages", g_rand_boolean (random),
          "audio-level-meta", g_rand_boolean (random), nullptr);
      break;
    default:
    {
      GstStructure *stats;
      gfloat probability, snr;
      guint64 latency;
      g_object_get (e, "stats", &stats, "voice-probability", &probability,
          "snr", &snr, "latency", &latency, nullptr);
      gst_structure_free (stats);
      break;
    }
  }
}

static void
property_storm (GstElement * e, std::atomic < bool > *stop, unsigned seed)
{
  GRand *random = g_rand_new_with_seed (seed);
  while (!*stop) {
    set_at_random (e, random);
    g_usleep (200);
  }
  g_rand_free (random);
}

struct Pipeline
{
  explicit Pipeline (const char *launch)
  {
    GError *error = nullptr;
    bin = gst_parse_launch (launch, &error);
    fail_unless (error == nullptr, "%s", error ? error->message : "");
    element = gst_bin_get_by_name (GST_BIN (bin), "e");
    bus = gst_element_get_bus (bin);
  }
  ~Pipeline ()
  {
    gst_element_set_state (bin, GST_STATE_NULL);
    gst_bus_set_flushing (bus, TRUE);
    gst_object_unref (bus);
    if (element)
      gst_object_unref (element);
    gst_object_unref (bin);
  }
  void check_no_error ()
  {
    GstMessage *message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
    fail_unless (message == nullptr);
  }
  void play_to_the_end ()
  {
    gst_element_set_state (bin, GST_STATE_PLAYING);
    GstMessage *message = gst_bus_timed_pop_filtered (bus, 60 * GST_SECOND,
        GstMessageType (GST_MESSAGE_EOS | GST_MESSAGE_ERROR));
    fail_unless (message != nullptr);
    fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_EOS);
    gst_message_unref (message);
  }

  GstElement *bin, *element;
  GstBus *bus;
};

static const char endless[] = "audiotestsrc wave=pink-noise ! "
    "audio/x-raw,format=S16LE,rate=44100,channels=2 ! percepnet name=e ! "
    "fakesink sync=false";

START_TEST (properties_and_seeks_while_playing)
{
  Pipeline p (endless);
  std::atomic < bool > stop (false);
  std::thread a (property_storm, p.element, &stop, 1);
  std::thread b (property_storm, p.element, &stop, 2);

  gst_element_set_state (p.bin, GST_STATE_PLAYING);
  for (int i = 0; i < rounds (60); i++) {
    /* A seek without flush waits for the source, and a source in preroll waits
     * for the state change that the seek holds up. */
    fail_unless_equals_int (gst_element_get_state (p.bin, nullptr, nullptr,
            20 * GST_SECOND), GST_STATE_CHANGE_SUCCESS);
    g_usleep (5000);
    gst_element_seek_simple (p.bin, GST_FORMAT_TIME,
        GstSeekFlags (i % 2 ? GST_SEEK_FLAG_FLUSH : GST_SEEK_FLAG_NONE),
        i * 100 * GST_MSECOND);
    GstQuery *query = gst_query_new_latency ();
    gst_element_query (p.bin, query);
    gst_query_unref (query);
  }
  stop = true;
  a.join ();
  b.join ();
  p.check_no_error ();
}
END_TEST

START_TEST (states_while_properties_change)
{
  Pipeline p (endless);
  std::atomic < bool > stop (false);
  std::thread storm (property_storm, p.element, &stop, 3);
  const GstState states[] = { GST_STATE_PLAYING, GST_STATE_PAUSED,
      GST_STATE_PLAYING, GST_STATE_READY, GST_STATE_PAUSED, GST_STATE_NULL };

  for (int i = 0; i < rounds (10); i++)
    for (GstState state : states) {
      gst_element_set_state (p.bin, state);
      g_usleep (3000);
    }
  stop = true;
  storm.join ();
  p.check_no_error ();
}
END_TEST

/* Buffers, events and queries from different threads at the bare element. */
START_TEST (harness_storm)
{
  Fixture f (caps_string ("F32LE", 48000, 2), "percepnet name=e");
  std::atomic < bool > stop (false);
  std::thread storm (property_storm, f.element, &stop, 4);
  std::thread queries ([&] {
    while (!stop) {
      f.query_latency ();
      g_usleep (100);
    }
  });
  GRand *random = g_rand_new_with_seed (5);

  for (int i = 0; i < rounds (600); i++) {
    if (i % 50 == 49)
      f.set_caps (caps_string (i % 100 < 50 ? "F32LE" : "S16LE",
              i % 150 < 75 ? 48000 : 16000, 1 + i % 3, i % 7 == 0));
    if (i % 40 == 39)
      f.event (gst_event_new_gap (f.next, 20 * GST_MSECOND));
    if (i % 30 == 29)
      f.next += g_rand_int_range (random, 0, 1000) * GST_MSECOND;
    f.push_zeros (g_rand_int_range (random, 0, 3000),
        i % 11 ? 0 : GST_BUFFER_FLAG_DISCONT);
    while (GstBuffer * buffer = gst_harness_try_pull (f.harness))
      gst_buffer_unref (buffer);
  }
  f.eos ();
  stop = true;
  storm.join ();
  queries.join ();
  g_rand_free (random);
}
END_TEST

START_TEST (elements_come_and_go)
{
  for (int i = 0; i < rounds (200); i++) {
    GstElement *e = gst_element_factory_make ("percepnet", nullptr);
    GstHarness *h = gst_harness_new_with_element (e, "sink", "src");
    gst_harness_set_src_caps_str (h, caps_string (i % 2 ? "F32LE" : "S16LE",
            i % 3 ? 48000 : 8000, 1 + i % 4).c_str ());
    if (i % 5) {
      GstBuffer *buffer = gst_buffer_new_allocate (nullptr, 4 * 4 * 1000, nullptr);
      gst_buffer_memset (buffer, 0, 0, 4 * 4 * 1000);
      GST_BUFFER_PTS (buffer) = 0;
      gst_harness_push (h, buffer);
    }
    if (i % 7 == 0)
      gst_harness_push_event (h, gst_event_new_eos ());
    gst_object_unref (e);
    gst_harness_teardown (h);
  }
}
END_TEST

/* A server: streams of different formats, a thread each, one model. */
START_TEST (many_elements_in_one_pipeline)
{
  std::string launch;

  for (int i = 0; i < 16; i++) {
    gchar *line = g_strdup_printf ("audiotestsrc num-buffers=40 "
        "samplesperbuffer=480 ! audio/x-raw,rate=%d,channels=%d ! queue ! "
        "percepnet ! fakesink sync=false ", i % 3 ? 48000 : 16000, 1 + i % 2);
    launch += line;
    g_free (line);
  }
  Pipeline p (launch.c_str ());
  p.play_to_the_end ();
}
END_TEST

/* An error downstream comes back to the source, and nothing hangs. */
START_TEST (downstream_goes_away)
{
  Pipeline p ("audiotestsrc num-buffers=100 ! percepnet name=e ! "
      "identity eos-after=5 ! fakesink sync=false");
  p.play_to_the_end ();
}
END_TEST

void
percepnet::test::add_stress_tests (TCase * tcase)
{
  tcase_add_test (tcase, properties_and_seeks_while_playing);
  tcase_add_test (tcase, states_while_properties_change);
  tcase_add_test (tcase, harness_storm);
  tcase_add_test (tcase, elements_come_and_go);
  tcase_add_test (tcase, many_elements_in_one_pipeline);
  tcase_add_test (tcase, downstream_goes_away);
}

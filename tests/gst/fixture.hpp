// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <string>
#include <vector>

#include <gst/audio/audio.h>
#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>

namespace percepnet::test
{

constexpr std::uint64_t hop = 480;
constexpr std::uint64_t model_latency = 1440;   // of the built-in model
/* Not zero, and not a whole number of hops. */
constexpr GstClockTime first_pts = 3600 * GST_SECOND + 7777777;

/* Of the files of these names; main.cpp runs them. */
void add_caps_tests (TCase * tcase);
void add_gaps_tests (TCase * tcase);
void add_idle_tests (TCase * tcase);
void add_jitter_tests (TCase * tcase);
void add_latency_tests (TCase * tcase);
void add_lateness_tests (TCase * tcase);
void add_length_tests (TCase * tcase);
void add_messages_tests (TCase * tcase);
void add_metas_tests (TCase * tcase);
void add_outputs_tests (TCase * tcase);
void add_pauses_tests (TCase * tcase);
void add_pipelines_tests (TCase * tcase);
void add_playlists_tests (TCase * tcase);
void add_properties_tests (TCase * tcase);
void add_readings_tests (TCase * tcase);
void add_segments_tests (TCase * tcase);
void add_stops_tests (TCase * tcase);
void add_stress_tests (TCase * tcase);
void add_timeline_tests (TCase * tcase);
void add_timestamps_tests (TCase * tcase);

using Bytes = std::vector < guint8 >;

inline std::string
caps_string (const char *format, int rate, int channels,
    bool planar = false)
{
  gchar *mask = channels > 2
      ? g_strdup_printf (", channel-mask=(bitmask)0x%" G_GINT64_MODIFIER "x",
      channels <= 26 ? gst_audio_channel_get_fallback_mask (channels) : 0)
      : g_strdup ("");
  gchar *text = g_strdup_printf ("audio/x-raw, format=%s, rate=%d, "
      "channels=%d, layout=%s%s", format, rate, channels,
      planar ? "non-interleaved" : "interleaved", mask);
  const std::string result = text;
  g_free (text);
  g_free (mask);
  return result;
}

inline GstClockTime
time_of (std::uint64_t frames, int rate = 48000)
{
  return gst_util_uint64_scale_round (frames, GST_SECOND, rate);
}

/* Bytes of no structure: noise in every integer format. */
inline Bytes
random_bytes (std::size_t count, unsigned seed = 1)
{
  GRand *random = g_rand_new_with_seed (seed);
  Bytes bytes (count);
  for (auto & byte : bytes)
    byte = guint8 (g_rand_int (random));
  g_rand_free (random);
  return bytes;
}

/* Noise at -12 dBFS peak, interleaved. */
inline std::vector < float >
noise (std::size_t frames, int channels = 1, unsigned seed = 1)
{
  GRand *random = g_rand_new_with_seed (seed);
  std::vector < float >samples (frames * channels);
  for (auto & sample : samples)
    sample = float (g_rand_double_range (random, -0.25, 0.25));
  g_rand_free (random);
  return samples;
}

/* A count of the element's statistics. */
inline guint64
stat_of (GstElement * element, const char *name)
{
  GstStructure *stats;
  guint64 value = 0;

  g_object_get (element, "stats", &stats, nullptr);
  fail_unless (gst_structure_get_uint64 (stats, name, &value));
  gst_structure_free (stats);
  return value;
}

struct Packet
{
  GstClockTime pts, duration;
  std::uint64_t frames;
  bool discont, gap;
};

/* A harness around the element that pushes frames and collects what comes. */
class Fixture
{
public:
  explicit Fixture (const std::string & caps,
      const char *launch = "percepnet name=e output=bypass")
  {
    harness = gst_harness_new_parse (launch);
    element = gst_harness_find_element (harness, "percepnet");
    set_caps (caps);
  }
  ~Fixture ()
  {
    gst_object_unref (element);
    gst_harness_teardown (harness);
  }
  Fixture (const Fixture &) = delete;
  Fixture & operator = (const Fixture &) = delete;

  void set_caps (const std::string & caps)
  {
    GstCaps *parsed = gst_caps_from_string (caps.c_str ());
    fail_unless (gst_audio_info_from_caps (&info, parsed));
    gst_caps_unref (parsed);
    gst_harness_set_src_caps_str (harness, caps.c_str ());
  }

  int rate () const { return GST_AUDIO_INFO_RATE (&info); }
  std::size_t frame_bytes () const { return GST_AUDIO_INFO_BPF (&info); }

  GstBuffer *make_buffer (const void *data, std::uint64_t frames) const
  {
    const std::size_t size = frames * frame_bytes ();
    GstBuffer *buffer = gst_buffer_new_allocate (nullptr, size, nullptr);
    if (info.layout == GST_AUDIO_LAYOUT_NON_INTERLEAVED)
      gst_buffer_add_audio_meta (buffer, &info, frames, nullptr);
    gst_buffer_fill (buffer, 0, data, size);
    return buffer;
  }

  /* Pushes frames at next, or at a given time, and moves next on. */
  GstFlowReturn push (const void *data, std::uint64_t frames, guint flags = 0)
  {
    GstBuffer *buffer = make_buffer (data, frames);
    GST_BUFFER_PTS (buffer) = next;
    GST_BUFFER_FLAG_SET (buffer, flags);
    if (GST_CLOCK_TIME_IS_VALID (next))
      next += time_of (frames, rate ());
    return gst_harness_push (harness, buffer);
  }
  GstFlowReturn push_at (GstClockTime pts, const void *data,
      std::uint64_t frames, guint flags = 0)
  {
    next = pts;
    return push (data, frames, flags);
  }
  GstFlowReturn push_zeros (std::uint64_t frames, guint flags = 0)
  {
    const Bytes zeros (frames * frame_bytes ());
    return push (zeros.data (), frames, flags);
  }
  /* Timestamps without rounding errors that add up. */
  void push_all (const Bytes & data, std::uint64_t block)
  {
    const std::uint64_t frames = data.size () / frame_bytes ();
    for (std::uint64_t at = 0; at < frames; at += block) {
      const std::uint64_t count = MIN (block, frames - at);
      fail_unless_equals_int (push_at (first_pts + time_of (at, rate ()),
              data.data () + at * frame_bytes (), count), GST_FLOW_OK);
    }
  }

  void event (GstEvent * event)
  {
    fail_unless (gst_harness_push_event (harness, event));
  }
  void eos ()
  {
    event (gst_event_new_eos ());
  }

  /* Takes all buffers that came out. */
  void collect ()
  {
    while (GstBuffer * buffer = gst_harness_try_pull (harness)) {
      const std::uint64_t frames = gst_buffer_get_size (buffer)
          / frame_bytes ();
      packets.push_back ({GST_BUFFER_PTS (buffer), GST_BUFFER_DURATION (buffer),
              frames, !!GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT),
              !!GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_GAP)});
      append (buffer, frames);
      gst_buffer_unref (buffer);
    }
  }

  std::uint64_t frames_out () const
  {
    return std::accumulate (packets.begin (), packets.end (), std::uint64_t (0),
        [](std::uint64_t sum, const Packet & p) { return sum + p.frames; });
  }

  std::vector < float >floats () const
  {
    const auto *data = reinterpret_cast < const float *>(out.data ());
    return std::vector < float >(data, data + out.size () / sizeof (float));
  }

  /* Every packet starts where the last one ended. */
  void check_contiguous (std::size_t from = 0, std::size_t to = SIZE_MAX) const
  {
    for (std::size_t i = from + 1; i < MIN (to, packets.size ()); i++) {
      fail_unless_equals_uint64 (packets[i].pts,
          packets[i - 1].pts + packets[i - 1].duration);
      fail_if (packets[i].discont);
    }
  }

  /* No packet starts before the last one ended. */
  void check_monotone () const
  {
    for (std::size_t i = 1; i < packets.size (); i++)
      fail_unless (packets[i].pts >= packets[i - 1].pts
          + packets[i - 1].duration, "packet %zu", i);
  }

  GstClockTime end () const
  {
    return packets.back ().pts + packets.back ().duration;
  }

  GstClockTime query_latency () const
  {
    return gst_harness_query_latency (harness);
  }
  guint64 stat (const char *name) const
  {
    return stat_of (element, name);
  }

  GstHarness *harness;
  GstElement *element;
  GstAudioInfo info;
  GstClockTime next = first_pts;
  std::vector < Packet > packets;
  Bytes out;                    // interleaved, whatever the layout

private:
  void append (GstBuffer * buffer, std::uint64_t frames)
  {
    const std::size_t bytes = GST_AUDIO_INFO_WIDTH (&info) / 8;
    const int channels = GST_AUDIO_INFO_CHANNELS (&info);
    GstAudioBuffer audio;
    fail_unless (gst_audio_buffer_map (&audio, &info, buffer, GST_MAP_READ));
    fail_unless_equals_uint64 (GST_AUDIO_BUFFER_N_SAMPLES (&audio), frames);
    if (info.layout == GST_AUDIO_LAYOUT_INTERLEAVED) {
      const auto *data = static_cast < const guint8 *>(audio.planes[0]);
      out.insert (out.end (), data, data + frames * frame_bytes ());
    } else {
      for (std::uint64_t i = 0; i < frames; i++)
        for (int c = 0; c < channels; c++) {
          const auto *data = static_cast < const guint8 *>(audio.planes[c]);
          out.insert (out.end (), data + i * bytes, data + (i + 1) * bytes);
        }
    }
    gst_audio_buffer_unmap (&audio);
  }
};

inline Bytes
to_bytes (const std::vector < float >&samples)
{
  const auto *data = reinterpret_cast < const guint8 *>(samples.data ());
  return Bytes (data, data + samples.size () * sizeof (float));
}

}

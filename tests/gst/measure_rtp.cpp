// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Measures the element in a live RTP pipeline on the loopback address. The
// jitter buffer takes its timestamps from the packets alone (mode=none) unless
// told otherwise, so that the load of the machine is not in them. Behind the decoder the stream is
// split: one branch goes straight to a sink, the other through percepnet
// output=bypass. Both note when which sample arrives.
//   gst-measure-rtp [seconds] [part of a stream's name] [mode of the jitter buffer]
// Columns: how much later the same content arrives behind the element (median,
// most) and what the element reports; the lag of the content against its
// timestamps, by cross-correlation; samples of both branches; what was bridged;
// CPU time of the element by its own stats, per second of audio.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <vector>

#include <gst/app/gstappsink.h>
#include <gst/audio/audio.h>

namespace
{

struct Case
{
  const char *name, *caps, *encode, *rtp_caps, *decode;
  double loss;
  const char *source = "wave=pink-noise";
};

struct Arrival
{
  GstClockTime pts, duration, time;     // time: running time of the arrival
};

struct Track
{
  std::mutex mutex;
  std::vector < Arrival > arrivals;
  std::vector < float >samples; // of channel 0, at the place of their timestamp
  std::uint64_t count = 0;
  GstClockTime origin = GST_CLOCK_TIME_NONE;
  int rate = 0;
};

float
sample_of (const guint8 * data, const GstAudioInfo & info)
{
  if (GST_AUDIO_INFO_IS_FLOAT (&info)) {
    float value;
    std::memcpy (&value, data, sizeof value);
    return value;
  }
  const gint16 value = GST_AUDIO_INFO_ENDIANNESS (&info) == G_BIG_ENDIAN
      ? gint16 (GST_READ_UINT16_BE (data)) : gint16 (GST_READ_UINT16_LE (data));
  return value / 32768.0f;
}

GstFlowReturn
on_sample (GstAppSink * sink, gpointer data)
{
  Track & track = *static_cast < Track * >(data);
  GstSample *sample = gst_app_sink_pull_sample (sink);
  GstBuffer *buffer = gst_sample_get_buffer (sample);
  GstAudioInfo info;
  GstMapInfo map;

  const GstClockTime now = gst_element_get_current_running_time
      (GST_ELEMENT (sink));
  gst_audio_info_from_caps (&info, gst_sample_get_caps (sample));
  gst_buffer_map (buffer, &map, GST_MAP_READ);
  const std::lock_guard < std::mutex > lock (track.mutex);
  const std::size_t frames = map.size / GST_AUDIO_INFO_BPF (&info);
  const GstClockTime pts = GST_BUFFER_PTS (buffer);
  track.rate = GST_AUDIO_INFO_RATE (&info);
  if (!GST_CLOCK_TIME_IS_VALID (track.origin))
    track.origin = pts;
  // What fills a pause is no content that came late.
  if (!GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_GAP))
    track.arrivals.push_back ({ pts, gst_util_uint64_scale_int (frames,
                GST_SECOND, track.rate), now });
  track.count += frames;
  if (pts >= track.origin) {
    const std::size_t at = gst_util_uint64_scale_round (pts - track.origin,
        track.rate, GST_SECOND);
    if (track.samples.size () < at + frames)
      track.samples.resize (at + frames);
    for (std::size_t i = 0; i < frames; i++)
      track.samples[at + i] =
          sample_of (map.data + i * GST_AUDIO_INFO_BPF (&info), info);
  }
  gst_buffer_unmap (buffer, &map);
  gst_sample_unref (sample);
  return GST_FLOW_OK;
}

GstElement *
launch (const std::string & text)
{
  GError *error = nullptr;
  GstElement *pipeline = gst_parse_launch (text.c_str (), &error);
  if (!pipeline || error) {
    std::fprintf (stderr, "%s\n", error->message);
    std::exit (1);
  }
  return pipeline;
}

void
watch (GstElement * pipeline, const char *name, Track & track)
{
  GstElement *sink = gst_bin_get_by_name (GST_BIN (pipeline), name);
  GstAppSinkCallbacks callbacks = { };
  callbacks.new_sample = on_sample;
  gst_app_sink_set_callbacks (GST_APP_SINK (sink), &callbacks, &track, nullptr);
  gst_object_unref (sink);
}

// For each buffer behind the element: when its first sample was there before
// it. The buffers of both branches begin at other samples, so the time that a
// live source of the dry blocks takes is part of both.
std::vector < double >
delays_ms (const Track & dry, const Track & wet)
{
  std::vector < double >result;
  std::size_t d = 0;

  for (const Arrival & w : wet.arrivals) {
    while (d + 1 < dry.arrivals.size () && dry.arrivals[d + 1].pts <= w.pts)
      d++;
    const Arrival & a = dry.arrivals[d];
    if (w.pts >= a.pts && w.pts < a.pts + a.duration)
      result.push_back ((double (w.time) - double (a.time)
              - (double (w.pts) - double (a.pts))) / 1e6);
  }
  std::sort (result.begin (), result.end ());
  return result;
}

// Of wet against dry, both at the place of their timestamps.
int
content_lag (const Track & dry, const Track & wet)
{
  const int shift = int (std::llround ((double (wet.origin)
              - double (dry.origin)) * dry.rate / 1e9));
  const int reach = dry.rate / 20;
  const int begin = dry.rate, end = std::min < int > ({ 3 * dry.rate,
        int (dry.samples.size ()) - reach,
        int (wet.samples.size ()) + shift - reach });
  double best = -1.0;
  int lag = G_MAXINT;

  for (int l = -reach; l <= reach; l++) {
    double sum = 0.0;
    for (int i = begin; i < end; i++)
      sum += double (dry.samples[i]) * wet.samples[i - shift + l];
    if (sum > best) {
      best = sum;
      lag = l;
    }
  }
  return lag;
}

guint64
stat (const GstStructure * stats, const char *name)
{
  guint64 value = 0;
  gst_structure_get_uint64 (stats, name, &value);
  return value;
}

void
measure (const Case & c, int seconds, const std::string & mode, int port)
{
  const std::string number = std::to_string (port);
  GstElement *receiver = launch ("udpsrc address=127.0.0.1 port=" + number
      + " caps=\"" + c.rtp_caps + "\" ! rtpjitterbuffer mode=" + mode
      + " latency=60 do-lost=true ! " + c.decode + " ! tee name=t"
      " t. ! queue ! appsink name=dry sync=false"
      " t. ! queue ! percepnet name=e output=bypass ! appsink name=wet sync=false");
  GstElement *sender = launch (std::string ("audiotestsrc is-live=true ") + c.source
      + " samplesperbuffer=480 num-buffers=" + std::to_string (seconds * 100)
      + " ! audio/x-raw,rate=48000 ! audioconvert ! audioresample ! " + c.caps
      + " ! " + c.encode + " ! netsim drop-probability="
      + std::to_string (c.loss) + " ! udpsink host=127.0.0.1 port=" + number);
  Track dry, wet;
  GstStructure *stats;
  GstElement *element = gst_bin_get_by_name (GST_BIN (receiver), "e");

  watch (receiver, "dry", dry);
  watch (receiver, "wet", wet);
  gst_element_set_state (receiver, GST_STATE_PLAYING);
  g_usleep (200000);
  gst_element_set_state (sender, GST_STATE_PLAYING);
  GstBus *bus = gst_element_get_bus (sender);
  gst_message_unref (gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
          GstMessageType (GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
  gst_object_unref (bus);
  g_usleep (300000);
  g_object_get (element, "stats", &stats, nullptr);
  gst_element_set_state (sender, GST_STATE_NULL);
  gst_element_set_state (receiver, GST_STATE_NULL);

  const std::vector < double >delays = delays_ms (dry, wet);
  const double seconds_out = double (wet.count) / wet.rate;
  std::printf ("| %s | %g %% | %.1f | %.1f | %.2f | %d | %llu | %llu | %llu | "
      "%llu | %.2f %% |\n", c.name, c.loss * 100,
      delays.empty () ? 0.0 : delays[delays.size () / 2],
      delays.empty () ? 0.0 : delays[delays.size () * 99 / 100],
      stat (stats, "latency") / 1e6, content_lag (dry, wet),
      (unsigned long long) dry.count, (unsigned long long) wet.count,
      (unsigned long long) stat (stats, "gap-samples"),
      (unsigned long long) stat (stats, "resets"),
      stat (stats, "cpu-time") / 1e7 / seconds_out);
  std::fflush (stdout);
  gst_structure_free (stats);
  gst_object_unref (element);
  gst_object_unref (sender);
  gst_object_unref (receiver);
}

}

#define RTP "application/x-rtp,media=audio,"
#define OPUS_CAPS "audio/x-raw,rate=48000,channels=1"
#define OPUS_RTP RTP "clock-rate=48000,encoding-name=OPUS,payload=96"

int
main (int argc, char **argv)
{
  static const Case codecs[] = {
    {"Opus 10 ms", OPUS_CAPS, "opusenc frame-size=10 ! rtpopuspay pt=96",
        OPUS_RTP, "rtpopusdepay ! opusdec plc=true", 0},
    {"Opus 20 ms", OPUS_CAPS, "opusenc frame-size=20 ! rtpopuspay pt=96",
        OPUS_RTP, "rtpopusdepay ! opusdec plc=true", 0},
    {"Opus 60 ms", OPUS_CAPS, "opusenc frame-size=60 ! rtpopuspay pt=96",
        OPUS_RTP, "rtpopusdepay ! opusdec plc=true", 0},
    {"PCMU 8 kHz 20 ms", "audio/x-raw,rate=8000,channels=1",
        "mulawenc ! rtppcmupay min-ptime=20000000 max-ptime=20000000",
        RTP "clock-rate=8000,encoding-name=PCMU,payload=0",
        "rtppcmudepay ! mulawdec", 0},
    {"L16 stereo 5 ms", "audio/x-raw,rate=48000,channels=2",
        "audioconvert ! rtpL16pay pt=97 min-ptime=5000000 max-ptime=5000000",
        RTP "clock-rate=48000,encoding-name=L16,channels=2,payload=97",
        "rtpL16depay", 0},
    // A tone of 0.45 s every 2 s: in between, next to no packets.
    {"Opus 20 ms, DTX", OPUS_CAPS,
        "opusenc frame-size=20 dtx=true ! rtpopuspay pt=96 dtx=true",
        OPUS_RTP, "rtpopusdepay ! opusdec plc=true", 0,
        "wave=ticks tick-interval=2000000000 sine-periods-per-tick=200"},
  };
  gst_init (&argc, &argv);
  const int seconds = argc > 1 ? std::max (4, std::atoi (argv[1])) : 10;
  const std::string mode = argc > 3 ? argv[3] : "none";
  int port = 5100;

  std::printf ("| stream | loss | added, median ms | 99 %% ms | reported ms | "
      "content lag, samples | samples before | behind | of them bridged | "
      "resets | CPU |\n|---|---|---|---|---|---|---|---|---|---|---|\n");
  for (const Case & codec : codecs)
    if (argc < 3 || std::strstr (codec.name, argv[2]))
      for (double loss : {0.0, 0.01, 0.05, 0.2}) {
      Case c = codec;
      c.loss = loss;
      measure (c, seconds, mode, port);
      port += 2;
    }
  return 0;
}

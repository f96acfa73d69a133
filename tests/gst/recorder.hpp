// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <algorithm>

#include "fixture.hpp"

namespace percepnet::test
{

/* What comes into a sink of a pipeline: read it when the pipeline has stopped. */
class Recorder
{
public:
  struct Block
  {
    GstClockTime time, duration;        // time: running time
    int rate;
    GstAudioFormat format;
    std::vector < double >samples;      // of channel 0
  };

  Recorder (GstElement * pipeline, const std::string & sink)
  {
    GstElement *element = gst_bin_get_by_name (GST_BIN (pipeline), sink.c_str ());
    attach (element);
    gst_object_unref (element);
  }
  explicit Recorder (GstElement * sink) { attach (sink); }
  ~Recorder ()
  {
    gst_pad_remove_probe (pad_, probe_);
    gst_object_unref (pad_);
  }
  Recorder (const Recorder &) = delete;
  Recorder & operator = (const Recorder &) = delete;

  /* While nothing comes. */
  void forget () { blocks.clear (); }

  std::uint64_t frames () const
  {
    return std::accumulate (blocks.begin (), blocks.end (), std::uint64_t (0),
        [](std::uint64_t sum, const Block & b) { return sum + b.samples.size (); });
  }
  bool has (GstAudioFormat format) const
  {
    return std::any_of (blocks.begin (), blocks.end (),
        [=](const Block & b) { return b.format == format; });
  }

  /* Of live sources it is not 0. */
  GstClockTime start () const
  {
    fail_if (blocks.empty ());
    return blocks.front ().time;
  }

  void check_contiguous (GstClockTime from = 0, GstClockTime jitter = 0) const
  {
    GstClockTime end = from;
    for (const Block & b : blocks) {
      const GstClockTimeDiff step = GST_CLOCK_DIFF (end, b.time);
      fail_unless (GstClockTime (ABS (step)) <= jitter,
          "%" GST_TIME_FORMAT ": a step of %d us", GST_TIME_ARGS (end),
          int (step / 1000));
      end = b.time + b.duration;
    }
  }
  /* audiotestsrc's sine of volume 1, each sample at the place that its timestamp
   * tells. from, to: running time of what is looked at; the tone began at from. */
  void check_tone (double hz, double tolerance, GstClockTime from = 0,
      GstClockTime to = GST_CLOCK_TIME_NONE) const
  {
    for (const Block & b : blocks) {
      const double first = double (b.time) - double (from);
      for (std::size_t i = 0; i < b.samples.size (); i++) {
        const double place = std::round (first * b.rate / 1e9) + double (i);
        if (place < 0 || place >= std::round (double (to - from) * b.rate / 1e9))
          continue;
        const double expected = std::sin (2 * G_PI * hz / b.rate * (place + 1));
        fail_unless (std::abs (b.samples[i] - expected) <= tolerance,
            "%g Hz, %g: %g instead of %g", hz, place, b.samples[i], expected);
      }
    }
  }

  std::vector < Block > blocks;

private:
  void attach (GstElement * sink)
  {
    pad_ = gst_element_get_static_pad (sink, "sink");
    probe_ = gst_pad_add_probe (pad_, GST_PAD_PROBE_TYPE_BUFFER, take, this, nullptr);
  }

  static GstPadProbeReturn take (GstPad * pad, GstPadProbeInfo * info, gpointer data)
  {
    GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
    GstEvent *event = gst_pad_get_sticky_event (pad, GST_EVENT_SEGMENT, 0);
    GstCaps *caps = gst_pad_get_current_caps (pad);
    const GstSegment *segment;
    GstAudioInfo audio;

    gst_event_parse_segment (event, &segment);
    fail_unless (gst_audio_info_from_caps (&audio, caps));
    static_cast < Recorder * >(data)->blocks.push_back ({
          gst_segment_to_running_time (segment, GST_FORMAT_TIME, GST_BUFFER_PTS (buffer)),
          GST_BUFFER_DURATION (buffer), audio.rate, audio.finfo->format,
          unpack (buffer, audio)});
    gst_event_unref (event);
    gst_caps_unref (caps);
    return GST_PAD_PROBE_OK;
  }

  /* All formats unpack into 32-bit integers or doubles. */
  static std::vector < double >unpack (GstBuffer * buffer, const GstAudioInfo & audio)
  {
    GstMapInfo map;
    fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
    const std::size_t values = map.size / audio.bpf * audio.channels;
    std::vector < double >unpacked (values), first;
    audio.finfo->unpack_func (audio.finfo, GstAudioPackFlags (0), unpacked.data (),
        map.data, int (values));
    gst_buffer_unmap (buffer, &map);

    const auto *integers = reinterpret_cast < const gint32 *>(unpacked.data ());
    for (std::size_t i = 0; i < values; i += audio.channels)
      first.push_back (audio.finfo->unpack_format == GST_AUDIO_FORMAT_S32
          ? integers[i] / 2147483648.0 : unpacked[i]);
    return first;
  }

  GstPad *pad_;
  gulong probe_;
};

#define MONO "audio/x-raw,rate=48000,format=F32LE,channels=1"

constexpr double exact = 1e-6;

/* A source that check_tone() knows. */
inline std::string
tone (int buffers, int hz, int block = 480)
{
  return "audiotestsrc volume=1 num-buffers=" + std::to_string (buffers)
      + " samplesperbuffer=" + std::to_string (block)
      + " freq=" + std::to_string (hz) + " ";
}

/* A pipeline of a line of gst-launch-1.0. */
inline GstElement *
launch (const std::string & line)
{
  GError *error = nullptr;
  GstElement *pipeline = gst_parse_launch (line.c_str (), &error);
  fail_unless (pipeline != nullptr && error == nullptr, "%s",
      error ? error->message : line.c_str ());
  return pipeline;
}

/* Errors fail. */
inline void
wait_for_eos (GstElement * pipeline)
{
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message = gst_bus_timed_pop_filtered (bus, 30 * GST_SECOND,
      GstMessageType (GST_MESSAGE_EOS | GST_MESSAGE_ERROR));
  fail_unless (message != nullptr
      && GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS);
  gst_message_unref (message);
  gst_object_unref (bus);
}

inline void
finish (GstElement * pipeline)
{
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}

}

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <percepnet.h>

#include "cutter.hpp"
#include "framing.hpp"
#include "gaps.hpp"
#include "gstpercepnet.h"
#include "idle_watch.hpp"
#include "metas.hpp"
#include "model_cache.hpp"
#include "processor.hpp"
#include "timeline.hpp"
#include "voice_messages.hpp"

GST_DEBUG_CATEGORY_EXTERN (percepnet_debug);
#define GST_CAT_DEFAULT percepnet_debug

namespace percepnet::gst
{

// The properties that can be written.
struct Settings
{
  Settings ()
  {
    percepnet_params_init (&engine);
  }

  std::string model;            // empty: built in
  percepnet_params engine;      // the controls; the rest is unused
  bool voice_activity_messages = false;
  float voice_activity_threshold = VoiceActivity::default_threshold;
  bool audio_level_meta = false;
  Timeline::Tolerance tolerance;
};

// The properties that are only read.
struct Readings
{
  percepnet_readout readout = { 0.0f, 0.0f, 0.0f };
  GstClockTime latency = 0;
  std::uint64_t hops = 0, frames_in = 0, frames_out = 0;
  std::uint64_t gaps_bridged = 0, gap_frames = 0, resets = 0;
  GstClockTime cpu_time = 0, audio_time = 0;
};

// What the element does with buffers. Everything is called under the stream
// lock, but for what says otherwise.
class Stream final : public Processor::Listener
{
public:
  explicit Stream (GstPercepnet * element);

  // Any thread: the copies that are guarded by the object lock. It is never
  // held while samples are processed.
  Settings settings () const;
  Readings readings () const;
  template < typename Function > void change_settings (Function change)
  {
    GST_OBJECT_LOCK (self_);
    change (settings_);
    GST_OBJECT_UNLOCK (self_);
  }

  // Any thread.
  IdleWatch & idle_watch () { return idle_watch_; }

  // READY to PAUSED and back. False: an error was posted.
  bool start ();
  void stop ();
  // New caps. False: an error was posted, or it is stopped.
  bool set_format (const GstAudioInfo & info);
  bool has_format (const GstAudioInfo & info) const;
  bool running () const { return processor_ != nullptr; }

  // Takes a buffer of samples; pushes what is ready.
  GstFlowReturn consume (GstBuffer * buffer);
  // Fills a hole up to the end of a GAP event. False: it is too long for that.
  bool bridge_gap (GstClockTime time, GstClockTime duration);
  // Pushes the tail of all that came in; the engine is then as new.
  GstFlowReturn drain ();
  // Drains, and expects other timestamps.
  void end_run ();
  // The same; they may be earlier than the last ones.
  void begin_anew ();
  // The same; drops what is inside.
  void flush ();

  void before_hop (std::int64_t position) override;
  void after_hop (std::int64_t position) override;

private:
  // Who runs it has it as well: a handler of its messages may stop the element.
  using ProcessorPtr = std::shared_ptr < Processor >;

  int rate () const { return GST_AUDIO_INFO_RATE (&processor_->info ()); }
  const GstSegment & segment () const;
  bool make_processor (const GstAudioInfo & info);
  void forget_inside ();
  void reset ();
  void publish ();

  void update_latency ();

  GstFlowReturn handle_seam (const Timeline::Verdict & verdict);
  GstFlowReturn follow_channel_mode ();
  void drop_cut_frame ();
  // Timestamps ahead of the samples: of a sender that paused, or a jitter buffer's
  // guess for a packet that is lost.
  enum class Ahead
  { no, pause, guess };
  Ahead look_ahead (GstClockTime pts);
  void watch_for_more ();
  void be_idle ();
  GstFlowReturn take (GstBuffer * buffer);
  void bridge (std::uint64_t frames);
  void push_silence (GstClockTime pts, std::uint64_t frames);
  bool push_samples (GstBuffer * buffer);

  std::uint64_t frame_of_engine_sample (std::int64_t position) const;
  GstClockTime time_of_engine_sample (std::int64_t position) const;
  percepnet_readout read_channels () const;

  void add_level_meta (GstBuffer * buffer, double power);
  GstBuffer *make_output (std::size_t frames);
  GstFlowReturn push_available ();

  GstPercepnet *const self_;

  // Under the object lock.
  Settings settings_;
  Readings readings_;

  // Under the stream lock.
  ModelPtr model_;
  ProcessorPtr processor_;
  percepnet_channel_mode channel_mode_ = PERCEPNET_CHANNELS_LINKED;
  Timeline timeline_;
  Gaps gaps_;
  std::uint64_t gap_run_ = 0;   // frames bridged since the last buffer
  Cutter cutter_;
  bool warned_ = false;         // of a frame that was cut
  Metas metas_;
  VoiceMessages voice_;
  int guesses_ = 0;             // of a jitter buffer, in a row
  bool idle_ = false;           // the clock told that nothing was coming
  bool discont_ = true;         // the next output buffer starts afresh
  Framing framing_;
  Readings tally_;              // copied to readings_ after each buffer
  IdleWatch idle_watch_;        // last: its thread ends before the rest
};

// properties.cpp
void install_properties (GObjectClass * klass);
void set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec);
void get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec);

// gstpercepnet.cpp
Stream & stream_of (GstPercepnet * self);

}

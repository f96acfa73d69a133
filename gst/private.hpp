// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include <percepnet.h>

#include "gstpercepnet.h"
#include "model_cache.hpp"
#include "processor.hpp"
#include "timeline.hpp"
#include "voice_activity.hpp"

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
  bool audio_level_meta = false;
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

// A run of silence in the input: frames of the present run of samples.
struct Gap
{
  std::uint64_t begin, end;
};

// The C++ members of the element. GObject clears memory and runs no
// constructors, so they live behind a pointer.
struct Private final : Processor::Listener
{
  explicit Private (GstPercepnet * element)
      : self (element)
  {
  }

  void before_hop (std::int64_t position) override;
  void after_hop (std::int64_t position) override;
  GstClockTime time_of_engine_sample (std::int64_t position) const;

  GstPercepnet *const self;

  // Under the object lock, which is never held while samples are processed.
  Settings settings;
  Readings readings;

  // Under the stream lock.
  ModelPtr model;
  std::unique_ptr < Processor > processor;
  percepnet_channel_mode channel_mode = PERCEPNET_CHANNELS_LINKED;
  Timeline timeline;
  std::deque < Gap > gaps;
  std::uint64_t gap_run = 0;    // frames bridged since the last buffer
  VoiceActivity voice;
  bool discont = true;          // the next output buffer starts afresh
  std::uint64_t block = 0;      // divides the position of every buffer; 0: none yet
  GstClockTime framing = 0;
  Readings tally;               // copied to readings after each buffer
};

// properties.cpp
void install_properties (GObjectClass * klass);
void set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec);
void get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec);

Private & private_of (GstPercepnet * self);

}

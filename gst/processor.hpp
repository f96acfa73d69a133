// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <gst/audio/audio.h>
#include <percepnet.h>

#include "converter.hpp"
#include "frame_queue.hpp"

namespace percepnet::gst
{

// Samples in, as many enhanced samples out, in the stream's format and rate:
// converter, engine, converter. Knows no timestamps. What it is fed comes out
// later by latency_time() plus framing_time(), without any lag: output frame i
// is input frame i, enhanced.
class Processor
{
public:
  // Told of each hop, in the streaming thread. position: the first input
  // sample, at 48 kHz, that leaves the engine with it; before the first one
  // of the stream it is negative.
  class Listener
  {
  public:
    virtual ~Listener () = default;
    virtual void before_hop (std::int64_t position) = 0;
    virtual void after_hop (std::int64_t position) = 0;
  };

  // NULL on failure; error says why.
  static std::unique_ptr < Processor > create (const GstAudioInfo & info,
      const percepnet_params & params, Listener & listener,
      percepnet_error * error);

  void push (gpointer const *planes, std::size_t frames);
  void push_silence (std::size_t frames);
  // Makes everything that was pushed available. Then comes reset().
  void finish ();
  void reset ();

  // Frames that are ready to be popped, and of all popped so far.
  std::size_t available () const noexcept { return out_.size (); }
  std::uint64_t pushed () const noexcept { return pushed_; }
  std::uint64_t popped () const noexcept { return popped_; }
  bool front_is_zero (std::size_t frames) const noexcept
  {
    return out_.front_is_zero (frames);
  }
  void pop (gpointer const *planes, std::size_t frames);

  percepnet_stream *stream () const noexcept { return stream_.get (); }
  const GstAudioInfo & info () const noexcept { return info_; }

  // Mean square of the hops since the last call, or of the last ones.
  double take_power () noexcept;

  // Engine and resamplers.
  GstClockTime latency_time () const noexcept { return latency_time_; }
  // Waiting for a whole hop, when input comes in multiples of block frames:
  // none for multiples of 10 ms.
  static GstClockTime framing_time (std::uint64_t block, int rate);

private:
  struct Destroy
  {
    void operator () (percepnet_stream * stream) const
    {
      percepnet_destroy (stream);
    }
  };

  Processor (const GstAudioInfo & info, percepnet_stream * stream,
      std::unique_ptr < Converter > to_engine,
      std::unique_ptr < Converter > from_engine, Listener & listener);

  bool interleaved () const noexcept
  {
    return info_.layout == GST_AUDIO_LAYOUT_INTERLEAVED;
  }
  void feed (gpointer const *planes, std::size_t frames);
  void feed_silence (std::size_t frames);
  void run_hops ();
  void measure (gpointer const *planes, std::size_t frames) noexcept;
  void restart ();

  const GstAudioInfo info_;
  std::unique_ptr < percepnet_stream, Destroy > stream_;
  std::unique_ptr < Converter > to_engine_, from_engine_;
  Listener & listener_;
  // Silence ahead of the stream, so that hops end where input blocks of whole
  // hops end although the resampler holds frames back.
  std::size_t lead_;
  GstClockTime latency_time_;

  FrameQueue raw_, in_, enhanced_, out_;
  std::vector < guint8 > silence_;      // silence_frames_ of the stream's format
  std::vector < gpointer > silence_planes_, block_;
  std::size_t silence_frames_;

  std::size_t skip_ = 0;        // of enhanced_: the lead and the engine's delay
  std::int64_t position_ = 0;   // of the next sample that leaves the engine
  std::uint64_t pushed_ = 0, popped_ = 0;
  double energy_ = 0.0, power_ = 0.0;
  std::uint64_t energy_samples_ = 0;
};

}

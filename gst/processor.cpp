// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "processor.hpp"

#include <algorithm>
#include <cstdio>
#include <numeric>

namespace percepnet::gst
{
namespace
{

constexpr int engine_rate = PERCEPNET_SAMPLE_RATE;
constexpr std::size_t hop = PERCEPNET_HOP_SIZE;
constexpr std::uint64_t hops_per_second = engine_rate / PERCEPNET_HOP_SIZE;
// Bounds the memory for large buffers.
constexpr std::size_t largest_block = 8192;

// Rounded up: a latency must never be too small.
GstClockTime
samples_to_time (std::uint64_t samples, int rate)
{
  return gst_util_uint64_scale_int_ceil (samples, GST_SECOND, rate);
}

}

std::unique_ptr < Processor >
Processor::create (const GstAudioInfo & info, const percepnet_params & given,
    Listener & listener, percepnet_error * error)
{
  const int channels = GST_AUDIO_INFO_CHANNELS (&info);
  const SampleFormat outer = { GST_AUDIO_INFO_FORMAT (&info),
      GST_AUDIO_INFO_RATE (&info) };
  const SampleFormat inner = { GST_AUDIO_FORMAT_F32, engine_rate };
  auto to_engine = Converter::create (outer, inner, channels);
  auto from_engine = Converter::create (inner, outer, channels);
  if (!to_engine || !from_engine) {
    error->status = PERCEPNET_ERROR_ARGUMENT;
    std::snprintf (error->message, sizeof error->message,
        "this audio format cannot be converted to 32-bit float; put "
        "audioconvert before percepnet");
    return nullptr;
  }

  percepnet_params params = given;
  params.channels = channels;
  params.block_size = PERCEPNET_HOP_SIZE;
  percepnet_stream *stream = percepnet_create (&params, error);
  if (!stream)
    return nullptr;
  return std::unique_ptr < Processor > (new Processor (info, stream,
          std::move (to_engine), std::move (from_engine), listener));
}

Processor::Processor (const GstAudioInfo & info, percepnet_stream * stream,
    std::unique_ptr < Converter > to_engine,
    std::unique_ptr < Converter > from_engine, Listener & listener)
    : info_ (info), stream_ (stream), to_engine_ (std::move (to_engine)),
    from_engine_ (std::move (from_engine)), listener_ (listener),
    raw_ (GST_AUDIO_INFO_CHANNELS (&info), GST_AUDIO_INFO_WIDTH (&info) / 8),
    in_ (GST_AUDIO_INFO_CHANNELS (&info), sizeof (float)),
    enhanced_ (GST_AUDIO_INFO_CHANNELS (&info), sizeof (float)),
    out_ (GST_AUDIO_INFO_CHANNELS (&info), GST_AUDIO_INFO_WIDTH (&info) / 8)
{
  const int rate = GST_AUDIO_INFO_RATE (&info);
  lead_ = gst_util_uint64_scale_int_ceil (to_engine_->lookahead (), engine_rate,
      rate);
  latency_time_ = samples_to_time (lead_ + percepnet_latency (stream)
      + from_engine_->lookahead (), engine_rate);

  silence_frames_ = std::max (rate / int (hops_per_second), 1);
  silence_.resize (silence_frames_ * GST_AUDIO_INFO_BPF (&info));
  gst_audio_format_info_fill_silence (info.finfo, silence_.data (),
      silence_.size ());
  silence_planes_.assign (GST_AUDIO_INFO_CHANNELS (&info), silence_.data ());
  block_.resize (GST_AUDIO_INFO_CHANNELS (&info));
  restart ();
}

void
Processor::push (gpointer const *planes, std::size_t frames)
{
  pushed_ += frames;
  feed (planes, frames);
}

void
Processor::push_silence (std::size_t frames)
{
  pushed_ += frames;
  feed_silence (frames);
}

void
Processor::finish ()
{
  const std::size_t owed = pushed_ - popped_;
  while (out_.size () < owed)
    feed_silence (silence_frames_);
  out_.truncate (out_.size () - owed);
}

void
Processor::reset ()
{
  percepnet_reset (stream_.get ());
  to_engine_->reset ();
  from_engine_->reset ();
  in_.clear ();
  enhanced_.clear ();
  out_.clear ();
  restart ();
}

void
Processor::restart ()
{
  gpointer *planes = in_.append (lead_);
  for (int c = 0; c < GST_AUDIO_INFO_CHANNELS (&info_); c++)
    std::fill_n (static_cast < float *>(planes[c]), lead_, 0.0f);
  skip_ = lead_ + std::size_t (percepnet_latency (stream_.get ()));
  position_ = -std::int64_t (skip_);
  pushed_ = popped_ = 0;
  energy_ = power_ = 0.0;
  energy_samples_ = 0;
}

void
Processor::pop (gpointer const *planes, std::size_t frames)
{
  if (interleaved ())
    out_.copy_interleaved (planes[0], frames);
  else
    out_.copy_planar (planes, frames);
  out_.drop (frames);
  popped_ += frames;
}

void
Processor::feed_silence (std::size_t frames)
{
  while (frames > 0) {
    const std::size_t count = std::min (frames, silence_frames_);
    feed (silence_planes_.data (), count);
    frames -= count;
  }
}

void
Processor::feed (gpointer const *planes, std::size_t frames)
{
  const std::size_t channels = GST_AUDIO_INFO_CHANNELS (&info_);
  const std::size_t sample_bytes = GST_AUDIO_INFO_WIDTH (&info_) / 8;

  for (std::size_t done = 0; done < frames;) {
    const std::size_t count = std::min (frames - done, largest_block);
    if (interleaved ()) {
      raw_.clear ();
      raw_.append_interleaved (static_cast < const guint8 *>(planes[0])
          + done * sample_bytes * channels, count);
      to_engine_->convert (raw_.front (), count, in_);
    } else {
      for (std::size_t c = 0; c < channels; c++)
        block_[c] = static_cast < guint8 * >(planes[c]) + done * sample_bytes;
      to_engine_->convert (block_.data (), count, in_);
    }
    run_hops ();
    done += count;
  }
}

void
Processor::run_hops ()
{
  while (in_.size () >= hop) {
    listener_.before_hop (position_);
    gpointer *from = in_.front ();
    gpointer *to = enhanced_.append (hop);
    percepnet_process (stream_.get (),
        reinterpret_cast < const float *const *>(from),
        reinterpret_cast < float *const *>(to), hop);
    measure (to, hop);
    in_.drop (hop);
    listener_.after_hop (position_);
    position_ += hop;
  }
  const std::size_t skipped = std::min (skip_, enhanced_.size ());
  enhanced_.drop (skipped);
  skip_ -= skipped;
  from_engine_->convert (enhanced_.front (), enhanced_.size (), out_);
  enhanced_.clear ();
}

void
Processor::measure (gpointer const *planes, std::size_t frames) noexcept
{
  for (int c = 0; c < GST_AUDIO_INFO_CHANNELS (&info_); c++) {
    const float *x = static_cast < const float *>(planes[c]);
    energy_ += std::inner_product (x, x + frames, x, 0.0);
  }
  energy_samples_ += frames * std::uint64_t (GST_AUDIO_INFO_CHANNELS (&info_));
}

double
Processor::take_power () noexcept
{
  if (energy_samples_ > 0)
    power_ = energy_ / double (energy_samples_);
  energy_ = 0.0;
  energy_samples_ = 0;
  return power_;
}

GstClockTime
Processor::framing_time (std::uint64_t block, int rate)
{
  // A hop is rate / 100 frames: what it shares with the blocks is never waited
  // for. In hundredths of a frame, since rate / 100 need not be whole.
  const std::uint64_t shared =
      std::gcd (block * hops_per_second, std::uint64_t (rate));
  return gst_util_uint64_scale_ceil (rate - shared,
      GST_SECOND / hops_per_second, rate);
}

}

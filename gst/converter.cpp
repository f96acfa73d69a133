// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "converter.hpp"

#include <algorithm>

namespace percepnet::gst
{
namespace
{

// Of 0..10: images and aliases below -85 dB.
constexpr guint resampler_quality = GST_AUDIO_RESAMPLER_QUALITY_DEFAULT;
constexpr int largest_group = 32;

// Filters that GStreamer interpolates from a table lag by a fraction of a
// sample; full ones do not.
GstStructure *
converter_config (int in_rate, int out_rate)
{
  const auto method = GST_AUDIO_RESAMPLER_METHOD_KAISER;
  GstStructure *config = gst_structure_new ("GstAudioConverter",
      GST_AUDIO_CONVERTER_OPT_RESAMPLER_METHOD,
      GST_TYPE_AUDIO_RESAMPLER_METHOD, method,
      GST_AUDIO_CONVERTER_OPT_DITHER_METHOD,
      GST_TYPE_AUDIO_DITHER_METHOD, GST_AUDIO_DITHER_NONE, nullptr);

  gst_audio_resampler_options_set_quality (method, resampler_quality, in_rate,
      out_rate, config);
  gst_structure_set (config, GST_AUDIO_RESAMPLER_OPT_FILTER_INTERPOLATION,
      GST_TYPE_AUDIO_RESAMPLER_FILTER_INTERPOLATION,
      GST_AUDIO_RESAMPLER_FILTER_INTERPOLATION_NONE,
      GST_AUDIO_RESAMPLER_OPT_FILTER_MODE, GST_TYPE_AUDIO_RESAMPLER_FILTER_MODE,
      GST_AUDIO_RESAMPLER_FILTER_MODE_FULL, nullptr);
  return config;
}

// Channels without a place: nothing is mixed.
GstAudioInfo
planar_info (SampleFormat format, int channels)
{
  GstAudioChannelPosition positions[64];
  GstAudioInfo info;

  std::fill_n (positions, channels, GST_AUDIO_CHANNEL_POSITION_NONE);
  gst_audio_info_set_format (&info, format.format, format.rate, channels,
      positions);
  info.layout = GST_AUDIO_LAYOUT_NON_INTERLEAVED;
  return info;
}

}

std::unique_ptr < Converter >
Converter::create (SampleFormat from, SampleFormat to, int channels)
{
  std::unique_ptr < Converter > converter (new Converter (from, to, channels));

  converter->reset ();
  for (const auto & group : converter->groups_)
    if (!group)
      return nullptr;
  // The resampler's half filter, and the frame that it is centred on.
  const gsize half =
      gst_audio_converter_get_max_latency (converter->groups_[0].get ());
  converter->lookahead_ = half > 0 ? half + 1 : 0;
  return converter;
}

Converter::Converter (SampleFormat from, SampleFormat to, int channels)
    : from_ (from), to_ (to), channels_ (channels)
{
}

void
Converter::convert (gpointer const *planes, std::size_t frames, FrameQueue & to)
{
  if (frames == 0)
    return;
  const gsize count =
      gst_audio_converter_get_out_frames (groups_[0].get (), frames);
  gpointer *out = to.append (count);
  gpointer *in = const_cast < gpointer * >(planes);

  for (const auto & group : groups_) {
    gst_audio_converter_samples (group.get (), GST_AUDIO_CONVERTER_FLAG_NONE,
        in, frames, out, count);
    in += largest_group;
    out += largest_group;
  }
}

// New ones: gst_audio_converter_reset() keeps the phase of the resampler.
void
Converter::reset ()
{
  groups_.clear ();
  for (int first = 0; first < channels_; first += largest_group) {
    const int count = std::min (channels_ - first, largest_group);
    GstAudioInfo in = planar_info (from_, count);
    GstAudioInfo out = planar_info (to_, count);
    groups_.emplace_back (gst_audio_converter_new
        (GST_AUDIO_CONVERTER_FLAG_NONE, &in, &out,
            converter_config (from_.rate, to_.rate)));
  }
}

}

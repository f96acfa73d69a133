// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "converter.hpp"

namespace percepnet::gst
{
namespace
{

// Of 0..10: flat to 0.46 of the lower rate, images and aliases below -85 dB.
constexpr guint resampler_quality = GST_AUDIO_RESAMPLER_QUALITY_DEFAULT;

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
  return config;
}

}

std::unique_ptr < Converter >
Converter::create (const GstAudioInfo & from, const GstAudioInfo & to)
{
  GstAudioInfo in = from, out = to;
  GstAudioConverter *converter =
      gst_audio_converter_new (GST_AUDIO_CONVERTER_FLAG_NONE, &in, &out,
      converter_config (GST_AUDIO_INFO_RATE (&in), GST_AUDIO_INFO_RATE (&out)));

  if (!converter)
    return nullptr;
  return std::unique_ptr < Converter > (new Converter (converter));
}

Converter::Converter (GstAudioConverter * converter)
    : converter_ (converter)
{
  // The resampler's half filter, and the frame that it is centred on.
  const gsize half = gst_audio_converter_get_max_latency (converter);
  lookahead_ = half > 0 ? half + 1 : 0;
}

void
Converter::convert (gpointer const *planes, std::size_t frames, FrameQueue & to)
{
  if (frames == 0)
    return;
  const gsize count =
      gst_audio_converter_get_out_frames (converter_.get (), frames);
  gst_audio_converter_samples (converter_.get (), GST_AUDIO_CONVERTER_FLAG_NONE,
      const_cast < gpointer * >(planes), frames, to.append (count), count);
}

void
Converter::reset ()
{
  gst_audio_converter_reset (converter_.get ());
}

}

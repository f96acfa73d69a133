// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <functional>

#include "libav.hpp"
#include "media_format.hpp"
#include "sound.hpp"

namespace percepnet::tools {

/** Interleaved samples to packets of a codec, at a rate that the codec takes. */
class MediaEncoder {
public:
    using Taker = std::function<void(AVPacket &packet)>;

    /** The codec of like where the container holds it, or that of format. @throws Error */
    MediaEncoder(const std::string &path, const MediaFormat &format, const AVOutputFormat &muxer,
                 SoundReader &like);

    const AVCodecContext *codec() const { return codec_.get(); }

    /** @param start time of the very first sample, in the units of AV_TIME_BASE */
    void encode(const double *samples, std::size_t frames, std::int64_t start, const Taker &taker);
    /** What is left. */
    void finish(std::int64_t start, const Taker &taker);

private:
    bool open(const AVCodec *codec, SoundReader &like, const AVOutputFormat &muxer);
    void convert(const double *samples, int frames);
    void send(int frames, std::int64_t start, const Taker &taker);
    void drain(const Taker &taker);
    void check(int result, const char *doing) const;

    std::string path_;
    Libav<AVCodecContext> codec_;
    Libav<SwrContext> converter_;
    Libav<AVAudioFifo> fifo_;
    Libav<AVFrame> converted_{av_frame_alloc()};
    Libav<AVPacket> packet_{av_packet_alloc()};
    std::int64_t sent_ = 0; // samples
};

} // namespace percepnet::tools

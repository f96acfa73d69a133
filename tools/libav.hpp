// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/audio_fifo.h>
#include <libavutil/channel_layout.h>
#include <libswresample/swresample.h>
}

namespace percepnet::tools {

// Owners of libav's objects.
struct FreeLibav {
    void operator()(AVPacket *packet) const { av_packet_free(&packet); }
    void operator()(AVFrame *frame) const { av_frame_free(&frame); }
    void operator()(AVCodecContext *codec) const { avcodec_free_context(&codec); }
    void operator()(SwrContext *converter) const { swr_free(&converter); }
    void operator()(AVAudioFifo *fifo) const { av_audio_fifo_free(fifo); }
};
template <typename T> using Libav = std::unique_ptr<T, FreeLibav>;

/** What libav says of an error. */
inline std::string libav_error(int code) {
    char text[AV_ERROR_MAX_STRING_SIZE] = "";
    av_strerror(code, text, sizeof text);
    return text;
}

/** A time of a file that can be reckoned with, or AV_NOPTS_VALUE: unknown, or beyond 4e9 s, which
   is damage. */
inline std::int64_t sane_time(std::int64_t time, std::int64_t units_in_a_second) {
    constexpr std::int64_t kFarthest = 4'000'000'000;
    const std::int64_t most = std::min(INT64_MAX / 4 / units_in_a_second, kFarthest);
    const bool sane = time != AV_NOPTS_VALUE && std::abs(time / units_in_a_second) < most;
    return sane ? time : AV_NOPTS_VALUE;
}

/** The same speakers for both sides of a converter, so that it leaves channels where they are. */
inline AVChannelLayout plain_layout(int channels) {
    AVChannelLayout layout{};
    av_channel_layout_from_mask(&layout, channels < 64 ? (std::uint64_t(1) << channels) - 1
                                                       : ~std::uint64_t(0));
    return layout;
}

} // namespace percepnet::tools

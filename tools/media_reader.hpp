// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <functional>

#include "error.hpp"
#include "libav.hpp"
#include "sound.hpp"

namespace percepnet::tools {

struct CloseInput {
    void operator()(AVFormatContext *container) const;
};

/** Not a file that libavformat reads. */
struct NotMedia : Error {
    using Error::Error;
};

/** The default audio track of a file that libavformat reads, decoded without the encoder's
    priming. Gaps in its time are filled with silence: the samples keep their place in time. */
class MediaReader : public SoundReader {
public:
    /** A path of a file, not a URL; what is in the file opens nothing else.
        @throws NotMedia; Error if its sound cannot be read */
    explicit MediaReader(const std::string &path);

    void read(Planar &block, std::size_t frames) override;
    int rate() const override { return rate_; }
    int channels() const override { return channels_; }
    int format() const override;
    bool length_known() const override { return false; }
    std::int64_t length() const override;
    std::string missing() const override;
    std::vector<int> speakers() const override;
    const char *text(int tag) const override;
    MediaReader *media() override { return this; }

    /** There are cover pictures or chapters. */
    bool has_extras() const;
    AVFormatContext *container() const { return container_.get(); }
    const AVStream *track() const { return track_; }
    const AVCodecContext *decoder() const { return decoder_.get(); }
    /** Time of the first sample that was read, in the units of AV_TIME_BASE; the container's own
        start is 0. */
    std::int64_t start() const { return start_; }

    /** Called with every packet of other tracks, as they come. */
    std::function<void(AVPacket &)> on_other;

private:
    void open_track();
    void feed();
    bool decode();
    void take_frame();
    void keep_time();
    void convert();
    void hold_padding();

    std::string path_;
    std::unique_ptr<AVFormatContext, CloseInput> container_;
    AVStream *track_ = nullptr;
    Libav<AVCodecContext> decoder_;
    Libav<AVPacket> packet_{av_packet_alloc()};
    Libav<AVFrame> frame_{av_frame_alloc()};
    Libav<SwrContext> converter_;
    int from_format_ = -1, from_rate_ = 0, from_channels_ = 0; // of the converter
    int rate_ = 0, channels_ = 0;
    std::vector<double> decoded_;
    std::size_t used_ = 0;       // of decoded_
    std::size_t skip_ = 0;       // samples of the frame that are there already
    std::vector<double> beyond_; // the length that an MP4 tells: padding, if it is the last
    std::int64_t start_ = 0;
    std::int64_t next_ = AV_NOPTS_VALUE, end_ = INT64_MAX; // in samples
    std::int64_t damaged_ = 0;                             // packets
    bool ended_ = false;
    int failure_ = 0;
};

} // namespace percepnet::tools

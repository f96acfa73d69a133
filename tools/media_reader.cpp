// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "media_reader.hpp"

#include <algorithm>
#include <cstring>

#include "interrupt.hpp"
#include "promised_length.hpp"
#include "speaker_order.hpp"
#include "tags.hpp"

namespace percepnet::tools {
namespace {

constexpr int kLeastGapPart = 20; // of a second: less is the grain of the container's time
constexpr int kMostGap = 60;      // seconds: more is a new time, not a gap

/** Playlists and the like name other files and hosts: those are not opened. */
int open_nothing(AVFormatContext *, AVIOContext **, const char *, int, AVDictionary **) {
    return AVERROR(EPERM);
}

bool is_picture(const AVStream &stream) {
    return (stream.disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
}

AVStream *choose_track(const AVFormatContext &container) {
    AVStream *first = nullptr;
    for (unsigned i = 0; i < container.nb_streams; i++) {
        AVStream *stream = container.streams[i];
        if (stream->codecpar->codec_type != AVMEDIA_TYPE_AUDIO)
            continue;
        if (stream->disposition & AV_DISPOSITION_DEFAULT)
            return stream;
        first = first ? first : stream;
    }
    return first;
}

} // namespace

void CloseInput::operator()(AVFormatContext *container) const {
    AVIOContext *io = container->pb;
    avformat_close_input(&container);
    avio_closep(&io);
}

MediaReader::MediaReader(const std::string &path) : path_(path) {
    av_log_set_level(AV_LOG_QUIET);
    AVIOContext *io = nullptr;
    if (const int failed = avio_open(&io, ("file:" + path).c_str(), AVIO_FLAG_READ); failed < 0)
        throw NotMedia(path + " cannot be read: " + libav_error(failed));
    AVFormatContext *container = avformat_alloc_context();
    container->pb = io;
    container->io_open = open_nothing;
    int failed = avformat_open_input(&container, path.c_str(), nullptr, nullptr);
    if (failed < 0) { // frees the container, but not a pb of ours
        avio_closep(&io);
        throw NotMedia(path +
                       " is not sound or video that libavformat reads: " + libav_error(failed));
    }
    container_.reset(container);
    if (container->probe_score <= AVPROBE_SCORE_RETRY)
        throw NotMedia(path + " is not sound or video");
    failed = avformat_find_stream_info(container, nullptr);
    track_ = failed < 0 ? nullptr : choose_track(*container);
    if (!track_)
        throw Error(path + " has no track of sound; give a file that has one");
    open_track();
}

void MediaReader::open_track() {
    const AVCodecParameters &parameters = *track_->codecpar;
    const AVCodec *codec = avcodec_find_decoder(parameters.codec_id);
    decoder_.reset(avcodec_alloc_context3(codec));
    avcodec_parameters_to_context(decoder_.get(), &parameters);
    decoder_->pkt_timebase = track_->time_base;
    decoder_->thread_count = 1;
    if (!codec || avcodec_open2(decoder_.get(), codec, nullptr) < 0)
        throw Error(path_ + ": libavcodec does not decode its sound (" +
                    avcodec_get_name(parameters.codec_id) + "); convert it first");
    rate_ = parameters.sample_rate;
    channels_ = parameters.ch_layout.nb_channels;
    if (rate_ <= 0 || channels_ <= 0)
        throw Error(path_ + " does not tell the rate and channels of its sound; convert it first");
    if (channels_ > 63)
        throw Error(path_ + " has " + std::to_string(channels_) + " channels; split it first");
}

void MediaReader::read(Planar &block, std::size_t frames) {
    const std::size_t wanted = frames * std::size_t(channels_);
    while (decoded_.size() - used_ < wanted && decode())
        ;
    const std::size_t got = std::min(wanted, decoded_.size() - used_);
    interleaved_.assign(decoded_.begin() + std::ptrdiff_t(used_),
                        decoded_.begin() + std::ptrdiff_t(used_ + got));
    used_ += got;
    if (used_ == decoded_.size())
        decoded_.clear(), used_ = 0;
    block.resize(got / std::size_t(channels_));
    hand_over(block);
}

/** One more frame. @return false: there is none */
bool MediaReader::decode() {
    while (!interrupted()) {
        const int result = avcodec_receive_frame(decoder_.get(), frame_.get());
        if (result == 0)
            return take_frame(), true;
        if (result == AVERROR_EOF || ended_)
            return false;
        damaged_ += result != AVERROR(EAGAIN);
        feed();
    }
    return false;
}

void MediaReader::feed() {
    const int result = av_read_frame(container_.get(), packet_.get());
    if (result < 0) {
        failure_ = result == AVERROR_EOF ? 0 : result;
        ended_ = avcodec_send_packet(decoder_.get(), nullptr) < 0 || failure_ != 0;
        return;
    }
    if (packet_->stream_index == track_->index)
        damaged_ += avcodec_send_packet(decoder_.get(), packet_.get()) < 0;
    else if (on_other)
        on_other(*packet_);
    av_packet_unref(packet_.get());
}

void MediaReader::take_frame() {
    keep_time();
    decoded_.insert(decoded_.end(), beyond_.begin(), beyond_.end());
    beyond_.clear();
    convert();
    hold_padding();
    av_frame_unref(frame_.get());
}

/** Silence where samples are missing; what is there twice is left out. */
void MediaReader::keep_time() {
    const AVRational unit{1, rate_};
    const std::int64_t pts = frame_->best_effort_timestamp;
    std::int64_t at = pts == AV_NOPTS_VALUE ? pts : av_rescale_q(pts, track_->time_base, unit);
    at = sane_time(at, rate_) == AV_NOPTS_VALUE ? next_ : at;
    if (next_ == AV_NOPTS_VALUE) {
        next_ = at == AV_NOPTS_VALUE ? 0 : at;
        const std::int64_t begin = sane_time(container_->start_time, AV_TIME_BASE);
        const std::int64_t length = av_rescale_q(track_->duration, track_->time_base, unit);
        if (std::strstr(container_->iformat->name, "mp4") && track_->duration > 0 &&
            sane_time(length, rate_) != AV_NOPTS_VALUE)
            end_ = next_ + length;
        start_ = av_rescale_q(next_, unit, AVRational{1, AV_TIME_BASE}) -
                 (at == AV_NOPTS_VALUE || begin == AV_NOPTS_VALUE ? 0 : begin);
    }
    at = at == AV_NOPTS_VALUE ? next_ : at;
    const std::int64_t gap = at - next_, most = std::int64_t(rate_) * kMostGap;
    skip_ = 0;
    if (gap > most || gap < -most)
        next_ = at;
    else if (gap > rate_ / kLeastGapPart)
        decoded_.resize(decoded_.size() + std::size_t(gap * channels_)), next_ = at;
    else if (gap < -rate_ / kLeastGapPart)
        skip_ = std::size_t(-gap);
}

void MediaReader::convert() {
    const AVFrame &frame = *frame_;
    const int channels = frame.ch_layout.nb_channels;
    if (!converter_ || from_format_ != frame.format || from_rate_ != frame.sample_rate ||
        from_channels_ != channels) {
        AVChannelLayout to = plain_layout(channels_);
        AVChannelLayout from = channels == channels_ ? to : frame.ch_layout;
        SwrContext *converter = nullptr;
        swr_alloc_set_opts2(&converter, channels == channels_ ? &to : &track_->codecpar->ch_layout,
                            AV_SAMPLE_FMT_DBL, rate_, &from, AVSampleFormat(frame.format),
                            frame.sample_rate, 0, nullptr);
        converter_.reset(converter);
        if (!converter || swr_init(converter) < 0)
            throw Error(path_ + " changes its channels in a way that cannot be followed; "
                                "convert it first");
        from_format_ = frame.format, from_rate_ = frame.sample_rate, from_channels_ = channels;
    }
    const std::size_t begin = decoded_.size(), stride = std::size_t(channels_);
    const int room = swr_get_out_samples(converter_.get(), frame.nb_samples);
    decoded_.resize(begin + std::size_t(room) * stride);
    auto *to = reinterpret_cast<std::uint8_t *>(decoded_.data() + begin);
    const int got =
        swr_convert(converter_.get(), &to, room,
                    const_cast<const std::uint8_t **>(frame.extended_data), frame.nb_samples);
    const std::size_t count = std::size_t(std::max(got, 0)), skip = std::min(skip_, count);
    decoded_.resize(begin + count * stride);
    decoded_.erase(decoded_.begin() + std::ptrdiff_t(begin),
                   decoded_.begin() + std::ptrdiff_t(begin + skip * stride));
    next_ += std::int64_t(count - skip);
}

/** An encoder fills its last frame up; libavformat leaves it to us to cut that off again. */
void MediaReader::hold_padding() {
    if (next_ <= end_)
        return;
    const std::size_t count = std::size_t(next_ - end_) * std::size_t(channels_);
    end_ = INT64_MAX; // if more comes, the length was wrong
    if (count >= decoded_.size())
        return;
    beyond_.assign(decoded_.end() - std::ptrdiff_t(count), decoded_.end());
    decoded_.resize(decoded_.size() - count);
}

int MediaReader::format() const {
    const AVCodecDescriptor *about = avcodec_descriptor_get(track_->codecpar->codec_id);
    if (!about || !(about->props & AV_CODEC_PROP_LOSSLESS) || (about->props & AV_CODEC_PROP_LOSSY))
        return SF_FORMAT_VORBIS; // stands for all that have a loss
    const int bits = track_->codecpar->bits_per_raw_sample;
    switch (av_get_packed_sample_fmt(AVSampleFormat(track_->codecpar->format))) {
    case AV_SAMPLE_FMT_FLT:
        return SF_FORMAT_FLOAT;
    case AV_SAMPLE_FMT_DBL:
        return SF_FORMAT_DOUBLE;
    case AV_SAMPLE_FMT_S32:
        return bits > 0 && bits <= 24 ? SF_FORMAT_PCM_24 : SF_FORMAT_PCM_32;
    default:
        return SF_FORMAT_PCM_16;
    }
}

std::int64_t MediaReader::length() const {
    const AVRational unit{1, rate_};
    if (track_->duration > 0)
        return av_rescale_q(track_->duration, track_->time_base, unit);
    return container_->duration > 0
               ? av_rescale_q(container_->duration, AVRational{1, AV_TIME_BASE}, unit)
               : 0;
}

std::string MediaReader::missing() const {
    const std::string part = missing_part(path_);
    if (!part.empty())
        return part;
    if (failure_ != 0)
        return "reading stopped: " + libav_error(failure_);
    return damaged_ == 0 ? "" : std::to_string(damaged_) + " damaged packets of sound are left out";
}

std::vector<int> MediaReader::speakers() const {
    const AVChannelLayout &layout = track_->codecpar->ch_layout;
    return layout.order == AV_CHANNEL_ORDER_NATIVE ? speakers_of_bits(layout.u.mask)
                                                   : std::vector<int>();
}

const char *MediaReader::text(int tag) const {
    const char *name = tag_name(tag);
    if (!name)
        return nullptr;
    for (const AVDictionary *texts : {container_->metadata, track_->metadata})
        if (const AVDictionaryEntry *entry = av_dict_get(texts, name, nullptr, 0))
            return entry->value;
    return nullptr;
}

bool MediaReader::has_extras() const {
    bool extras = container_->nb_chapters > 0;
    for (unsigned i = 0; i < container_->nb_streams; i++)
        extras = extras || is_picture(*container_->streams[i]);
    return extras;
}

} // namespace percepnet::tools

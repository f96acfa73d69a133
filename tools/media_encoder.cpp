// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "media_encoder.hpp"

#include <algorithm>

#include "audio_format.hpp"
#include "error.hpp"
#include "media_reader.hpp"
#include "speaker_order.hpp"

namespace percepnet::tools {
namespace {

constexpr std::int64_t kLeastBitRate = 64000, kMostBitRate = 192000; // a channel
constexpr int kHighestRate = 768000; // Hz; higher ones are mistakes, and cost memory
constexpr int kVorbisQuality = 6;
constexpr int kFreeFrame = 1024; // for codecs that take any number of samples

bool has_loss(AVCodecID id) {
    const AVCodecDescriptor *about = avcodec_descriptor_get(id);
    return !about || !(about->props & AV_CODEC_PROP_LOSSLESS);
}

/** The codec that the sound has now, if this container holds it and this libavcodec writes it. */
const AVCodec *same_codec(SoundReader &like, const AVOutputFormat &muxer) {
    if (!like.media())
        return nullptr;
    const AVCodecID id = like.media()->decoder()->codec_id;
    const AVCodec *codec = avcodec_find_encoder(id);
    const bool good = codec && !(codec->capabilities & AV_CODEC_CAP_EXPERIMENTAL) &&
                      avformat_query_codec(&muxer, id, FF_COMPLIANCE_NORMAL) == 1;
    return good ? codec : nullptr;
}

int source_bits(const SoundReader &like) {
    const int subtype = like.format() & SF_FORMAT_SUBMASK, bits = integer_bits(subtype);
    if (bits > 0)
        return bits;
    return subtype == SF_FORMAT_FLOAT || subtype == SF_FORMAT_DOUBLE ? 24 : 16;
}

/** As many bits as the sound has for codecs without loss, floating point for the others. */
AVSampleFormat sample_format(const AVCodec &codec, int bits) {
    const AVSampleFormat wanted = has_loss(codec.id) ? AV_SAMPLE_FMT_FLT
                                  : bits <= 16       ? AV_SAMPLE_FMT_S16
                                                     : AV_SAMPLE_FMT_S32;
    for (const AVSampleFormat *f = codec.sample_fmts; f && *f != AV_SAMPLE_FMT_NONE; f++)
        if (av_get_packed_sample_fmt(*f) == wanted)
            return *f;
    return codec.sample_fmts ? codec.sample_fmts[0] : wanted;
}

/** The rate itself, or the next one above that the codec takes, or its highest. */
int sample_rate(const AVCodec &codec, int rate) {
    int above = 0, highest = 0;
    for (const int *r = codec.supported_samplerates; r && *r != 0; r++) {
        highest = std::max(highest, *r);
        if (*r >= rate && (above == 0 || *r < above))
            above = *r;
    }
    return highest == 0 ? rate : above == 0 ? highest : above;
}

void set_layout(AVCodecContext &context, const AVCodec &codec, SoundReader &like) {
    if (like.media())
        av_channel_layout_copy(&context.ch_layout, &like.media()->track()->codecpar->ch_layout);
    else if (const std::uint64_t speakers = bits_of_speakers(like.speakers()))
        av_channel_layout_from_mask(&context.ch_layout, speakers);
    bool known = context.ch_layout.order == AV_CHANNEL_ORDER_NATIVE;
    for (const AVChannelLayout *l = codec.ch_layouts; known && l && l->nb_channels != 0; l++) {
        known = av_channel_layout_compare(l, &context.ch_layout) == 0;
        if (known)
            break;
    }
    if (!known)
        av_channel_layout_default(&context.ch_layout, like.channels());
}

void set_quality(AVCodecContext &context, SoundReader &like) {
    const std::int64_t now = like.media() ? like.media()->track()->codecpar->bit_rate : 0;
    const std::int64_t channels = like.channels();
    if (context.codec_id == AV_CODEC_ID_VORBIS) {
        context.flags |= AV_CODEC_FLAG_QSCALE;
        context.global_quality = kVorbisQuality * FF_QP2LAMBDA;
    } else if (has_loss(context.codec_id)) {
        context.bit_rate = std::clamp(now, kLeastBitRate * channels, kMostBitRate * channels);
    } else if (context.sample_fmt == AV_SAMPLE_FMT_S32 ||
               context.sample_fmt == AV_SAMPLE_FMT_S32P) {
        context.bits_per_raw_sample = std::min(source_bits(like), 24);
    }
}

} // namespace

MediaEncoder::MediaEncoder(const std::string &path, const MediaFormat &format,
                           const AVOutputFormat &muxer, SoundReader &like)
    : path_(path) {
    const bool lossless =
        format.lossless &&
        (integer_bits(like.format()) > 0 || (like.format() & SF_FORMAT_SUBMASK) == SF_FORMAT_FLOAT);
    const AVCodec *usual =
        avcodec_find_encoder_by_name(lossless ? format.lossless : format.encoder);
    if (like.rate() > kHighestRate ||
        (!open(same_codec(like, muxer), like, muxer) && !open(usual, like, muxer)))
        throw Error(path + " cannot hold " + std::to_string(like.channels()) + " channels at " +
                    std::to_string(like.rate()) + " Hz in this format; try .wav or .flac");
    SwrContext *converter = nullptr;
    AVChannelLayout layout = plain_layout(like.channels());
    swr_alloc_set_opts2(&converter, &layout, codec_->sample_fmt, codec_->sample_rate, &layout,
                        AV_SAMPLE_FMT_DBL, like.rate(), 0, nullptr);
    converter_.reset(converter);
    check(converter ? swr_init(converter) : AVERROR(ENOMEM), "rate conversion");
    fifo_.reset(av_audio_fifo_alloc(codec_->sample_fmt, like.channels(), kFreeFrame));
}

bool MediaEncoder::open(const AVCodec *codec, SoundReader &like, const AVOutputFormat &muxer) {
    if (!codec)
        return false;
    codec_.reset(avcodec_alloc_context3(codec));
    codec_->sample_fmt = sample_format(*codec, source_bits(like));
    codec_->sample_rate = sample_rate(*codec, like.rate());
    codec_->time_base = AVRational{1, codec_->sample_rate};
    codec_->thread_count = 1;
    set_layout(*codec_, *codec, like);
    set_quality(*codec_, like);
    if (muxer.flags & AVFMT_GLOBALHEADER)
        codec_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    return avcodec_open2(codec_.get(), codec, nullptr) >= 0;
}

void MediaEncoder::encode(const double *samples, std::size_t frames, std::int64_t start,
                          const Taker &taker) {
    convert(samples, int(frames));
    const int whole = codec_->frame_size > 0 ? codec_->frame_size : kFreeFrame;
    while (av_audio_fifo_size(fifo_.get()) >= whole)
        send(whole, start, taker);
}

void MediaEncoder::finish(std::int64_t start, const Taker &taker) {
    convert(nullptr, 0);
    const int whole = codec_->frame_size > 0 ? codec_->frame_size : kFreeFrame;
    while (const int left = av_audio_fifo_size(fifo_.get()))
        send(std::min(left, whole), start, taker);
    check(avcodec_send_frame(codec_.get(), nullptr), "the end");
    drain(taker);
}

/** Into the fifo. No samples: what the converter holds back. */
void MediaEncoder::convert(const double *samples, int frames) {
    AVFrame &to = *converted_;
    av_frame_unref(&to);
    to.format = codec_->sample_fmt;
    to.nb_samples = swr_get_out_samples(converter_.get(), frames);
    if (to.nb_samples == 0)
        return;
    av_channel_layout_copy(&to.ch_layout, &codec_->ch_layout);
    check(av_frame_get_buffer(&to, 0), "room for samples");
    const auto *from = reinterpret_cast<const std::uint8_t *>(samples);
    const int got = swr_convert(converter_.get(), to.extended_data, to.nb_samples,
                                samples ? &from : nullptr, frames);
    check(got, "rate conversion");
    check(av_audio_fifo_write(fifo_.get(), reinterpret_cast<void **>(to.extended_data), got),
          "room for samples");
}

void MediaEncoder::send(int frames, std::int64_t start, const Taker &taker) {
    const Libav<AVFrame> frame(av_frame_alloc());
    frame->format = codec_->sample_fmt;
    frame->sample_rate = codec_->sample_rate;
    frame->nb_samples = frames;
    av_channel_layout_copy(&frame->ch_layout, &codec_->ch_layout);
    check(av_frame_get_buffer(frame.get(), 0), "room for samples");
    av_audio_fifo_read(fifo_.get(), reinterpret_cast<void **>(frame->extended_data), frames);
    frame->pts = sent_ + av_rescale_q(start, AVRational{1, AV_TIME_BASE}, codec_->time_base);
    sent_ += frames;
    check(avcodec_send_frame(codec_.get(), frame.get()), "a frame");
    drain(taker);
}

void MediaEncoder::drain(const Taker &taker) {
    int result = 0;
    while ((result = avcodec_receive_packet(codec_.get(), packet_.get())) == 0) {
        taker(*packet_);
        av_packet_unref(packet_.get());
    }
    check(result == AVERROR(EAGAIN) || result == AVERROR_EOF ? 0 : result, "a packet");
}

void MediaEncoder::check(int result, const char *doing) const {
    if (result < 0)
        throw Error(path_ + " cannot be encoded (" + doing + "): " + libav_error(result) +
                    "; try .wav or .flac");
}

} // namespace percepnet::tools

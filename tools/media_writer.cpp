// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "media_writer.hpp"

#include <cstring>

#include "error.hpp"
#include "media_reader.hpp"
#include "media_tags.hpp"
#include "tags.hpp"

namespace percepnet::tools {
namespace {

constexpr int kBuffer = 1 << 16; // bytes

#if LIBAVFORMAT_VERSION_MAJOR >= 61
using Bytes = const std::uint8_t *;
#else
using Bytes = std::uint8_t *;
#endif

int write_bytes(void *user, Bytes data, int count) {
    auto &output = *static_cast<OutputFile *>(user);
    return output.write(data, count) == count ? count : AVERROR(EIO);
}

std::int64_t seek_to(void *user, std::int64_t offset, int whence) {
    auto &output = *static_cast<OutputFile *>(user);
    return whence == AVSEEK_SIZE ? output.length() : output.seek(offset, whence & ~AVSEEK_FORCE);
}

bool is_picture(const AVStream &stream) {
    return (stream.disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
}

/** Made anew by the writer: chapters in QuickTime's text track, the time code. */
bool is_made_anew(const AVStream &stream) {
    const std::uint32_t tag = stream.codecpar->codec_tag;
    return stream.codecpar->codec_type == AVMEDIA_TYPE_DATA &&
           (tag == MKTAG('t', 'e', 'x', 't') || tag == MKTAG('t', 'm', 'c', 'd'));
}

} // namespace

void FreeOutput::operator()(AVIOContext *io) const {
    av_freep(&io->buffer);
    avio_context_free(&io);
}

MediaWriter::MediaWriter(const std::string &path, const MediaFormat &format, SoundReader &like)
    : output_(path), format_(format), like_(like), media_(like.media()) {
    av_log_set_level(AV_LOG_QUIET);
    if (!output_.seekable())
        throw Error(path + " is a pipe or a device: only WAV goes there; name it .wav or use -");
    AVFormatContext *container = nullptr;
    check(avformat_alloc_output_context2(&container, nullptr, format.muxer, path.c_str()));
    container_.reset(container);
    io_.reset(avio_alloc_context(static_cast<unsigned char *>(av_malloc(kBuffer)), kBuffer, 1,
                                 &output_, nullptr, write_bytes, seek_to));
    container->pb = io_.get();
    container->strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL; // FLAC in MP4: a standard by now
    encoder_ = std::make_unique<MediaEncoder>(path, format, *container->oformat, like);
    add_tracks();
    add_texts();
    say_what_became();
    write_header();
    if (media_)
        media_->on_other = [this](AVPacket &packet) { copy_packet(packet); };
}

MediaWriter::~MediaWriter() {
    if (media_)
        media_->on_other = nullptr;
}

void MediaWriter::add_tracks() {
    if (!media_)
        return add_sound(nullptr);
    const AVFormatContext &source = *media_->container();
    copies_.resize(source.nb_streams);
    for (unsigned i = 0; i < source.nb_streams; i++) {
        const AVStream &stream = *source.streams[i];
        if (&stream == media_->track())
            add_sound(&stream);
        else if (is_picture(stream))
            add_picture(stream);
        else if (format_.video && !is_made_anew(stream) && holds(stream))
            add_copy(stream);
    }
}

void MediaWriter::add_sound(const AVStream *source) {
    sound_ = avformat_new_stream(container_.get(), nullptr);
    check(sound_ ? avcodec_parameters_from_context(sound_->codecpar, encoder_->codec())
                 : AVERROR(ENOMEM));
    sound_->time_base = encoder_->codec()->time_base;
    if (source)
        copy_track_data(*source, *sound_);
}

void MediaWriter::add_copy(const AVStream &source) {
    AVStream *copy = avformat_new_stream(container_.get(), nullptr);
    check(copy ? avcodec_parameters_copy(copy->codecpar, source.codecpar) : AVERROR(ENOMEM));
    const AVOutputFormat &muxer = *container_->oformat;
    const AVCodecID id = source.codecpar->codec_id;
    if (!muxer.codec_tag || av_codec_get_id(muxer.codec_tag, copy->codecpar->codec_tag) != id)
        copy->codecpar->codec_tag = 0; // the container's own
    copy->time_base = source.time_base;
    copy_track_data(source, *copy);
    copies_[std::size_t(source.index)] = copy;
}

void MediaWriter::add_picture(const AVStream &source) {
    const std::string muxer = format_.muxer;
    if (muxer == "matroska")
        attach_picture(source, *container_);
    else if (muxer == "ogg" || muxer == "opus")
        add_picture_text(source, &container_->metadata);
    else if (muxer != "webm" && muxer != "mov" && muxer != "mpegts" && muxer != "adts")
        add_copy(source);
}

void MediaWriter::add_texts() {
    if (media_) {
        copy_texts(media_->container()->metadata, &container_->metadata);
        copy_chapters(*media_->container(), *container_);
    } else {
        for (int tag = SF_STR_FIRST; tag <= SF_STR_LAST; tag++)
            if (const char *name = tag_name(tag); name && like_.text(tag))
                av_dict_set(&container_->metadata, name, like_.text(tag), 0);
    }
    const AVCodecID id = encoder_->codec()->codec_id; // Opus' chapters are the muxer's
    if (id == AV_CODEC_ID_VORBIS || std::strcmp(format_.muxer, "flac") == 0)
        add_chapter_texts(*container_, &container_->metadata);
    // Ogg's texts belong to its stream; other containers hold them for the file.
    const bool ogg = std::strcmp(container_->oformat->name, "ogg") == 0 ||
                     std::strcmp(container_->oformat->name, "opus") == 0;
    if (ogg)
        copy_texts(container_->metadata, &sound_->metadata);
    else if (media_ && std::strcmp(media_->container()->iformat->name, "ogg") == 0)
        copy_texts(media_->track()->metadata, &container_->metadata);
}

/** A picture that moves and has no place is an error, for it is what people look at. */
bool MediaWriter::holds(const AVStream &source) const {
    const AVCodecParameters &parameters = *source.codecpar;
    const bool held =
        parameters.codec_id != AV_CODEC_ID_NONE &&
        avformat_query_codec(container_->oformat, parameters.codec_id, FF_COMPLIANCE_NORMAL) != 0 &&
        (parameters.codec_type != AVMEDIA_TYPE_ATTACHMENT ||
         std::strcmp(format_.muxer, "matroska") == 0);
    if (!held && parameters.codec_type == AVMEDIA_TYPE_VIDEO)
        throw Error(output_.name() + " cannot hold video in " +
                    avcodec_get_name(parameters.codec_id) + " as it is; write .mkv");
    return held;
}

void MediaWriter::say_what_became() {
    if (!media_)
        return;
    const AVFormatContext &source = *media_->container();
    int sounds = 0, number = 0;
    std::string left_out;
    for (unsigned i = 0; i < source.nb_streams; i++) {
        const AVStream &stream = *source.streams[i];
        const AVMediaType type = stream.codecpar->codec_type;
        sounds += type == AVMEDIA_TYPE_AUDIO;
        number = &stream == media_->track() ? sounds : number;
        const bool lost = format_.video && &stream != media_->track() && !copies_[i] &&
                          !is_picture(stream) && !is_made_anew(stream) &&
                          type != AVMEDIA_TYPE_VIDEO;
        const char *name = av_get_media_type_string(type);
        if (lost)
            left_out += std::string(left_out.empty() ? "" : ", ") + std::to_string(i + 1) + " (" +
                        (name ? name : "unknown") + ", " +
                        avcodec_get_name(stream.codecpar->codec_id) + ")";
    }
    if (sounds > 1)
        note_ = "of " + std::to_string(sounds) + " tracks of sound number " +
                std::to_string(number) + " is enhanced" +
                (format_.video ? ", others are as they were" : "");
    if (!left_out.empty())
        note_ += std::string(note_.empty() ? "" : "; ") +
                 "left out, as the container cannot hold them: tracks " + left_out;
}

void MediaWriter::write_header() {
    AVDictionary *options = nullptr; // MP4 tells its length in these units
    av_dict_set_int(&options, "movie_timescale", encoder_->codec()->sample_rate, 0);
    const int result = avformat_write_header(container_.get(), &options);
    av_dict_free(&options);
    output_.check();
    if (result < 0)
        throw Error(output_.name() + " cannot hold these tracks: " + libav_error(result) +
                    "; write .mkv or .wav");
    write_pictures();
}

void MediaWriter::write_pictures() {
    for (std::size_t i = 0; i < copies_.size(); i++) {
        const AVStream &source = *media_->container()->streams[i];
        if (!copies_[i] || !is_picture(source))
            continue;
        const Libav<AVPacket> picture(av_packet_clone(&source.attached_pic));
        picture->pts = picture->dts = 0;
        write_packet(*picture, source.time_base, *copies_[i]);
    }
}

void MediaWriter::copy_packet(AVPacket &packet) {
    const std::size_t number = std::size_t(packet.stream_index);
    AVFormatContext &source = *media_->container();
    // Streams that turn up later, and cover pictures, are not among them.
    if (number >= copies_.size() || !copies_[number] || is_picture(*source.streams[number]))
        return;
    const AVRational unit = source.streams[number]->time_base;
    const std::int64_t begin =
        source.start_time == AV_NOPTS_VALUE
            ? 0
            : av_rescale_q(source.start_time, AVRational{1, AV_TIME_BASE}, unit);
    for (std::int64_t *time : {&packet.pts, &packet.dts})
        if (*time != AV_NOPTS_VALUE)
            *time -= begin;
    write_packet(packet, unit, *copies_[number]);
}

void MediaWriter::write_packet(AVPacket &packet, AVRational unit, const AVStream &to) {
    av_packet_rescale_ts(&packet, unit, to.time_base);
    packet.stream_index = to.index;
    packet.pos = -1;
    check(av_interleaved_write_frame(container_.get(), &packet));
}

void MediaWriter::write(const std::vector<double> &interleaved) {
    const AVRational unit = encoder_->codec()->time_base;
    encoder_->encode(interleaved.data(), interleaved.size() / std::size_t(like_.channels()),
                     media_ ? media_->start() : 0,
                     [&](AVPacket &packet) { write_packet(packet, unit, *sound_); });
}

void MediaWriter::close() {
    const AVRational unit = encoder_->codec()->time_base;
    encoder_->finish(media_ ? media_->start() : 0,
                     [&](AVPacket &packet) { write_packet(packet, unit, *sound_); });
    check(av_write_trailer(container_.get()));
    avio_flush(io_.get());
    output_.commit();
}

void MediaWriter::check(int result) const {
    output_.check();
    if (result < 0)
        throw Error(output_.name() + " cannot be written: " + libav_error(result) +
                    "; try .mkv or .wav");
}

} // namespace percepnet::tools

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "media_tags.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <vector>

extern "C" {
#include <libavutil/base64.h>
}

namespace percepnet::tools {
namespace {

/** Of the old file, not of the recording. */
bool is_about_encoding(const char *name) {
    for (const char *old : {"encoder", "major_brand", "minor_version", "compatible_brands", "BPS",
                            "DURATION", "NUMBER_OF_", "_STATISTICS_", "vendor_id"})
        if (std::strncmp(name, old, std::strlen(old)) == 0)
            return true;
    return false;
}

const char *mime_type(AVCodecID id) {
    return id == AV_CODEC_ID_PNG    ? "image/png"
           : id == AV_CODEC_ID_WEBP ? "image/webp"
           : id == AV_CODEC_ID_GIF  ? "image/gif"
           : id == AV_CODEC_ID_BMP  ? "image/bmp"
                                    : "image/jpeg";
}

void put(std::vector<std::uint8_t> &bytes, std::size_t number) {
    for (int shift = 24; shift >= 0; shift -= 8)
        bytes.push_back(std::uint8_t(number >> shift));
}

std::int64_t units_in_a_second(AVRational time_base) {
    return std::max(1, time_base.den / std::max(1, time_base.num));
}

} // namespace

void copy_texts(const AVDictionary *from, AVDictionary **to) {
    const AVDictionaryEntry *entry = nullptr;
    while ((entry = av_dict_get(from, "", entry, AV_DICT_IGNORE_SUFFIX)))
        if (!is_about_encoding(entry->key))
            av_dict_set(to, entry->key, entry->value, AV_DICT_DONT_OVERWRITE);
}

void copy_chapters(const AVFormatContext &from, AVFormatContext &to) {
    if (from.nb_chapters == 0)
        return;
    to.chapters = static_cast<AVChapter **>(av_calloc(from.nb_chapters, sizeof(AVChapter *)));
    for (unsigned i = 0; to.chapters && i < from.nb_chapters; i++) {
        const AVChapter &old = *from.chapters[i];
        const std::int64_t units = units_in_a_second(old.time_base);
        const std::int64_t begin = sane_time(
            av_rescale_q(from.start_time, AVRational{1, AV_TIME_BASE}, old.time_base), units);
        const std::int64_t start = sane_time(old.start, units), end = sane_time(old.end, units);
        auto *chapter = static_cast<AVChapter *>(av_mallocz(sizeof(AVChapter)));
        if (!chapter)
            return;
        const std::int64_t shift = begin == AV_NOPTS_VALUE ? 0 : begin;
        chapter->id = old.id;
        chapter->time_base = old.time_base;
        chapter->start = start == AV_NOPTS_VALUE ? 0 : std::max<std::int64_t>(start - shift, 0);
        chapter->end =
            end == AV_NOPTS_VALUE ? chapter->start : std::max(end - shift, chapter->start);
        av_dict_copy(&chapter->metadata, old.metadata, 0);
        to.chapters[to.nb_chapters++] = chapter;
    }
}

void add_chapter_texts(const AVFormatContext &from, AVDictionary **to) {
    for (unsigned i = 0; i < from.nb_chapters; i++) {
        const AVChapter &chapter = *from.chapters[i];
        const std::int64_t start = sane_time(chapter.start, units_in_a_second(chapter.time_base));
        const std::int64_t ms = std::max<std::int64_t>(
            start == AV_NOPTS_VALUE ? 0 : av_rescale_q(start, chapter.time_base, {1, 1000}), 0);
        char name[32], time[48];
        std::snprintf(name, sizeof name, "CHAPTER%03u", i);
        std::snprintf(time, sizeof time, "%02d:%02d:%02d.%03d", int(ms / 3600000),
                      int(ms / 60000 % 60), int(ms / 1000 % 60), int(ms % 1000));
        av_dict_set(to, name, time, 0);
        const AVDictionaryEntry *title = av_dict_get(chapter.metadata, "title", nullptr, 0);
        if (title)
            av_dict_set(to, (std::string(name) + "NAME").c_str(), title->value, 0);
    }
}

void copy_track_data(const AVStream &from, AVStream &to) {
    copy_texts(from.metadata, &to.metadata);
    to.disposition = from.disposition;
    to.avg_frame_rate = from.avg_frame_rate;
    to.r_frame_rate = from.r_frame_rate;
    to.sample_aspect_ratio = from.sample_aspect_ratio;
#if LIBAVFORMAT_VERSION_MAJOR < 61 // later it goes with the codec's parameters
    if (to.codecpar->codec_type == AVMEDIA_TYPE_AUDIO)
        return; // of the old encoder
    for (int i = 0; i < from.nb_side_data; i++) {
        const AVPacketSideData &data = from.side_data[i];
        if (std::uint8_t *copy = av_stream_new_side_data(&to, data.type, data.size))
            std::memcpy(copy, data.data, data.size);
    }
#endif
}

void attach_picture(const AVStream &picture, AVFormatContext &to) {
    AVStream *stream = avformat_new_stream(&to, nullptr);
    const std::size_t size = std::size_t(picture.attached_pic.size);
    if (!stream)
        return;
    AVCodecParameters &parameters = *stream->codecpar;
    parameters.codec_type = AVMEDIA_TYPE_ATTACHMENT;
    parameters.codec_id = picture.codecpar->codec_id;
    parameters.extradata =
        static_cast<std::uint8_t *>(av_mallocz(size + AV_INPUT_BUFFER_PADDING_SIZE));
    if (parameters.extradata)
        std::memcpy(parameters.extradata, picture.attached_pic.data, size);
    parameters.extradata_size = parameters.extradata ? int(size) : 0;
    const char *mime = mime_type(picture.codecpar->codec_id);
    av_dict_set(&stream->metadata, "mimetype", mime, 0);
    const std::string name = std::string("cover.") + (std::strchr(mime, '/') + 1);
    av_dict_set(&stream->metadata, "filename", name == "cover.jpeg" ? "cover.jpg" : name.c_str(),
                0);
}

void add_picture_text(const AVStream &picture, AVDictionary **to) {
    constexpr std::size_t kFrontCover = 3;
    const char *mime = mime_type(picture.codecpar->codec_id);
    const std::size_t size = std::size_t(picture.attached_pic.size);
    std::vector<std::uint8_t> block;
    put(block, kFrontCover);
    put(block, std::strlen(mime));
    block.insert(block.end(), mime, mime + std::strlen(mime));
    put(block, 0); // no description
    put(block, std::size_t(picture.codecpar->width));
    put(block, std::size_t(picture.codecpar->height));
    put(block, 0); // depth: not known
    put(block, 0); // no palette
    put(block, size);
    block.insert(block.end(), picture.attached_pic.data, picture.attached_pic.data + size);
    std::string text(AV_BASE64_SIZE(block.size()), '\0');
    av_base64_encode(text.data(), int(text.size()), block.data(), int(block.size()));
    av_dict_set(to, "METADATA_BLOCK_PICTURE", text.c_str(), AV_DICT_MULTIKEY);
}

} // namespace percepnet::tools

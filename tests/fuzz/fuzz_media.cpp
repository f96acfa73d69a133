// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The command line's reader of what libavformat knows: any file, read for some time, with its
// texts, chapters and pictures.
#include <algorithm>
#include <cmath>

#include "error.hpp"
#include "media_reader.hpp"
#include "media_tags.hpp"
#include "memory_file.hpp"
#include "require.hpp"

using namespace percepnet::tools;
using percepnet::fuzz::MemoryFile;
using percepnet::fuzz::require;

namespace {

constexpr std::size_t kBlock = 700; // frames
constexpr std::size_t kMostSamples = 1 << 15;

struct FreeTexts {
    void operator()(AVDictionary *texts) const { av_dict_free(&texts); }
};

void look_at_extras(const MediaReader &reader) {
    const std::unique_ptr<AVFormatContext, decltype(&avformat_free_context)> copy(
        avformat_alloc_context(), avformat_free_context);
    const AVFormatContext &container = *reader.container();
    AVDictionary *texts = nullptr;
    copy_texts(container.metadata, &texts);
    copy_texts(reader.track()->metadata, &texts);
    copy_chapters(container, *copy);
    add_chapter_texts(container, &texts);
    for (unsigned i = 0; i < container.nb_streams; i++)
        if (container.streams[i]->disposition & AV_DISPOSITION_ATTACHED_PIC) {
            attach_picture(*container.streams[i], *copy);
            add_picture_text(*container.streams[i], &texts);
        }
    const std::unique_ptr<AVDictionary, FreeTexts> owner(texts);
}

void read(MediaReader &reader) {
    require(reader.rate() > 0 && reader.channels() >= 1 && reader.channels() < 64);
    require(reader.length() >= 0 && reader.format() != 0);
    std::size_t others = 0;
    reader.on_other = [&](AVPacket &packet) { others += std::size_t(packet.size); };
    const std::size_t most = kMostSamples / std::size_t(reader.channels());
    Planar block(reader.channels());
    std::size_t frames = 0;
    do {
        reader.read(block, kBlock);
        require(block.frames() <= kBlock);
        require(reader.exact().size() == block.frames() * std::size_t(reader.channels()));
        frames += block.frames();
    } while (block.frames() > 0 && frames < most);
    reader.missing();
    for (int tag = SF_STR_FIRST; tag <= SF_STR_LAST; tag++)
        reader.text(tag);
    if (reader.has_extras())
        look_at_extras(reader);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const MemoryFile file(data, size);
    try {
        MediaReader reader(file.path());
        read(reader);
    } catch (const Error &error) {
        require(error.what()[0] != '\0');
    }
    return 0;
}

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "promised_length.hpp"

#include <algorithm>

#include "bytes.hpp"
#include "cut_media.hpp"

namespace percepnet::tools {
namespace {

constexpr std::uint64_t kSlack = 65536; // headers that a program counts in or not
constexpr int kMostChunks = 1000;

/** What programs write for a size that they do not know, as they write to a pipe: about 2^31 or
 * 2^32. */
bool is_placeholder(std::uint64_t size) {
    constexpr std::uint64_t k31 = std::uint64_t(1) << 31;
    return size + kSlack >= 2 * k31 || (size + kSlack >= k31 && size <= k31 + kSlack);
}

/** How a container's chunks are laid out. */
struct Layout {
    std::uint64_t first;    // where the first chunk begins
    std::size_t name, size; // bytes of a chunk's name and size
    bool big_endian;
    bool size_counts_head;
    unsigned alignment;
    const char *sound; // the chunk with the samples
};

/** Where the chunk with the samples is to end, 0: not known. */
std::uint64_t end_of_sound(Bytes &bytes, const Layout &layout) {
    const std::uint64_t head = layout.name + layout.size;
    std::uint64_t at = layout.first, ds64 = 0;
    for (int i = 0; i < kMostChunks && at + head <= bytes.size(); i++) {
        const std::string name = bytes.text(at, 4);
        std::uint64_t size = bytes.number(at + layout.name, layout.size, layout.big_endian);
        if (layout.size_counts_head)
            size -= std::min(size, head);
        if (name == "ds64")
            ds64 = bytes.number(at + head + 8, 8, false);
        if (name == layout.sound) {
            if (ds64 != 0 && size == 0xFFFFFFFF)
                return at + head + ds64;
            const bool unknown = layout.size == 4 ? is_placeholder(size) : size >> 62 != 0;
            return unknown ? 0 : at + head + size;
        }
        at += head + (size + layout.alignment - 1) / layout.alignment * layout.alignment;
    }
    return 0;
}

std::uint64_t promised_end(Bytes &bytes) {
    const std::string magic = bytes.text(0, 4);
    if (magic == "RIFF" || magic == "RF64")
        return end_of_sound(bytes, {12, 4, 4, false, false, 2, "data"});
    if (magic == "FORM")
        return end_of_sound(bytes, {12, 4, 4, true, false, 2, "SSND"});
    if (magic == "caff")
        return end_of_sound(bytes, {8, 4, 8, true, false, 1, "data"});
    if (magic == "riff")
        return end_of_sound(bytes, {40, 16, 8, false, true, 8, "data"});
    if (magic != ".snd" || is_placeholder(bytes.number(8, 4, true)))
        return 0;
    return bytes.number(4, 4, true) + bytes.number(8, 4, true);
}

/** The last page is whole and says that it is the last. */
bool ogg_is_complete(Bytes &bytes) {
    constexpr std::uint64_t kLargestPage = 65307;
    const std::uint64_t begin = bytes.size() - std::min(bytes.size(), kLargestPage + 1);
    const std::string tail = bytes.text(begin, std::size_t(bytes.size() - begin));
    const std::size_t page = tail.rfind("OggS");
    if (page == std::string::npos || page + 27 > tail.size())
        return false;
    const std::size_t segments = (unsigned char)tail[page + 26];
    std::size_t end = page + 27 + segments;
    for (std::size_t i = page + 27; i < std::min(page + 27 + segments, tail.size()); i++)
        end += (unsigned char)tail[i];
    return (tail[page + 5] & 4) != 0 && end <= tail.size();
}

} // namespace

std::string missing_part(const std::string &path) {
    Bytes bytes(path);
    if (bytes.text(0, 4) == "OggS")
        return ogg_is_complete(bytes) ? "" : "it ends in the middle of its stream";
    const std::uint64_t promised = std::max(promised_end(bytes), promised_media_end(bytes));
    if (promised <= bytes.size())
        return "";
    return "its header promises " + std::to_string(promised) + " bytes and there are " +
           std::to_string(bytes.size());
}

} // namespace percepnet::tools

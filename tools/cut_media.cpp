// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "cut_media.hpp"

#include <initializer_list>

namespace percepnet::tools {
namespace {

constexpr int kMostBoxes = 100000; // a fragmented file has two for each fragment

bool is_mp4(Bytes &bytes) {
    const std::string type = bytes.text(4, 4);
    for (const char *first : {"ftyp", "moov", "mdat", "wide"})
        if (type == first)
            return true;
    return false;
}

/** Boxes of a size and a type, one after the other. */
std::uint64_t end_of_mp4(Bytes &bytes) {
    std::uint64_t at = 0;
    for (int i = 0; i < kMostBoxes && at + 8 <= bytes.size(); i++) {
        std::uint64_t size = bytes.number(at, 4, true);
        if (size == 1)
            size = bytes.number(at + 8, 8, true);
        if (size < 8 || size > UINT64_MAX / 2)
            return 0; // to the end of the file, or no box
        at += size;
    }
    return at;
}

/** A number of Matroska's: the first byte tells by its zeros how many follow. @return its bytes */
std::size_t read_number(Bytes &bytes, std::uint64_t at, std::uint64_t &value, bool &unknown) {
    const std::uint64_t first = bytes.number(at, 1, true);
    std::size_t length = 1;
    while (length <= 8 && !(first & (0x80u >> (length - 1))))
        length++;
    if (length > 8)
        return 0;
    const std::uint64_t all = (std::uint64_t(1) << (7 * length)) - 1;
    value = bytes.number(at, length, true) & all;
    unknown = value == all;
    return length;
}

/** A head, and a segment that holds all the rest. */
std::uint64_t end_of_matroska(Bytes &bytes) {
    constexpr std::size_t kName = 4;
    std::uint64_t at = kName, size = 0;
    bool unknown = false;
    const std::size_t head = read_number(bytes, at, size, unknown);
    if (head == 0 || unknown || size > bytes.size())
        return 0;
    at += head + size;
    if (bytes.number(at, kName, true) != 0x18538067)
        return 0;
    at += kName;
    const std::size_t length = read_number(bytes, at, size, unknown);
    return length == 0 || unknown ? 0 : at + length + size;
}

/** The head of a frame of MPEG audio, layer III. */
struct Mp3Frame {
    std::uint64_t size = 0, side = 0; // bytes of the frame; of what is before its Info text
    Mp3Frame(Bytes &bytes, std::uint64_t at) {
        static constexpr int kRates[2][16] = {
            {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0},
            {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0}};
        static constexpr int kHertz[] = {44100, 48000, 32000};
        const std::uint64_t head = bytes.number(at, 4, true);
        const unsigned version = head >> 19 & 3, hertz = head >> 10 & 3;
        if (head >> 21 != 0x7FF || version == 1 || (head >> 17 & 3) != 1 || hertz == 3)
            return;
        const bool first = version == 3, mono = (head >> 6 & 3) == 3;
        const std::uint64_t bits = std::uint64_t(kRates[first ? 0 : 1][head >> 12 & 15]) * 1000;
        const int rate = kHertz[hertz] >> (first ? 0 : version == 2 ? 1 : 2);
        if (bits > 0)
            size = (first ? 144 : 72) * bits / std::uint64_t(rate) + (head >> 9 & 1);
        side = 4 + (first ? (mono ? 17 : 32) : (mono ? 9 : 17));
    }
};

/** By the number of bytes in the first frame, or frame by frame. */
std::uint64_t end_of_mp3(Bytes &bytes) {
    constexpr std::uint64_t kSomeFrames = 3; // fewer may be by chance
    std::uint64_t at = 0;
    if (bytes.text(0, 3) == "ID3") {
        for (std::uint64_t i = 6; i < 10; i++)
            at = at << 7 | (bytes.number(i, 1, true) & 0x7F);
        at += bytes.number(5, 1, true) & 0x10 ? 20 : 10;
    }
    Mp3Frame frame(bytes, at);
    const std::string info = bytes.text(at + frame.side, 4);
    const std::uint64_t known = bytes.number(at + frame.side + 4, 4, true);
    if (frame.size > 0 && (info == "Xing" || info == "Info") && (known & 2))
        return at + bytes.number(at + frame.side + (known & 1 ? 12 : 8), 4, true);
    std::uint64_t frames = 0;
    for (; frame.size > 0 && at < bytes.size(); frame = Mp3Frame(bytes, at), frames++)
        at += frame.size;
    return frames >= kSomeFrames ? at : 0;
}

} // namespace

std::uint64_t promised_media_end(Bytes &bytes) {
    if (bytes.size() < 8)
        return 0;
    if (is_mp4(bytes))
        return end_of_mp4(bytes);
    if (bytes.number(0, 4, true) == 0x1A45DFA3)
        return end_of_matroska(bytes);
    return bytes.text(0, 3) == "ID3" || bytes.number(0, 1, true) == 0xFF ? end_of_mp3(bytes) : 0;
}

} // namespace percepnet::tools

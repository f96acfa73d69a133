// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "speaker_order.hpp"

#include <algorithm>
#include <iterator>

#include "bytes.hpp"

namespace percepnet::tools {
namespace {

/** In the order of WAV's bits. */
constexpr int kSpeakers[] = {
    SF_CHANNEL_MAP_LEFT,
    SF_CHANNEL_MAP_RIGHT,
    SF_CHANNEL_MAP_CENTER,
    SF_CHANNEL_MAP_LFE,
    SF_CHANNEL_MAP_REAR_LEFT,
    SF_CHANNEL_MAP_REAR_RIGHT,
    SF_CHANNEL_MAP_FRONT_LEFT_OF_CENTER,
    SF_CHANNEL_MAP_FRONT_RIGHT_OF_CENTER,
    SF_CHANNEL_MAP_REAR_CENTER,
    SF_CHANNEL_MAP_SIDE_LEFT,
    SF_CHANNEL_MAP_SIDE_RIGHT,
    SF_CHANNEL_MAP_TOP_CENTER,
    SF_CHANNEL_MAP_TOP_FRONT_LEFT,
    SF_CHANNEL_MAP_TOP_FRONT_CENTER,
    SF_CHANNEL_MAP_TOP_FRONT_RIGHT,
    SF_CHANNEL_MAP_TOP_REAR_LEFT,
    SF_CHANNEL_MAP_TOP_REAR_CENTER,
    SF_CHANNEL_MAP_TOP_REAR_RIGHT,
};

} // namespace

std::vector<int> places_in_file(const SF_INFO &info) {
    if ((info.format & SF_FORMAT_TYPEMASK) != SF_FORMAT_OGG)
        return {};
    switch (info.channels) {
    case 3:
        return {0, 2, 1};
    case 5:
        return {0, 2, 1, 3, 4};
    case 6:
        return {0, 2, 1, 5, 3, 4};
    case 7:
        return {0, 2, 1, 6, 5, 3, 4};
    case 8:
        return {0, 2, 1, 7, 5, 6, 3, 4};
    default:
        return {};
    }
}

void from_file_order(std::vector<double> &interleaved, const std::vector<int> &places) {
    std::vector<double> frame(places.size());
    for (std::size_t i = 0; !places.empty() && i + places.size() <= interleaved.size();
         i += places.size()) {
        std::copy_n(interleaved.begin() + std::ptrdiff_t(i), places.size(), frame.begin());
        for (std::size_t c = 0; c < places.size(); c++)
            interleaved[i + c] = frame[std::size_t(places[c])];
    }
}

std::vector<double> in_file_order(const std::vector<double> &interleaved,
                                  const std::vector<int> &places) {
    std::vector<double> ordered(interleaved.size());
    for (std::size_t i = 0; i < interleaved.size(); i += places.size())
        for (std::size_t c = 0; c < places.size(); c++)
            ordered[i + std::size_t(places[c])] = interleaved[i + c];
    return ordered;
}

bool has_unnamed_channels(const std::string &path) {
    constexpr std::uint64_t kPacket = 28, kFamily = 18; // after the head of a page of one packet
    Bytes bytes(path);
    const std::uint64_t family = bytes.number(kPacket + kFamily, 1, false);
    return bytes.text(kPacket, 8) == "OpusHead" && family > 1;
}

std::vector<int> speakers_of_ogg(int channels) {
    static constexpr std::uint64_t kBits[] = {0, 0, 0, 0x7, 0x33, 0x37, 0x3F, 0x70F, 0x63F};
    return channels < int(std::size(kBits)) ? speakers_of_bits(kBits[channels])
                                            : std::vector<int>();
}

std::vector<int> speakers_of_bits(std::uint64_t bits) {
    std::vector<int> names;
    for (std::size_t i = 0; i < 64; i++)
        if (bits >> i & 1)
            names.push_back(i < std::size(kSpeakers) ? kSpeakers[i] : SF_CHANNEL_MAP_INVALID);
    return std::count(names.begin(), names.end(), SF_CHANNEL_MAP_INVALID) ? std::vector<int>()
                                                                          : names;
}

std::uint64_t bits_of_speakers(const std::vector<int> &names) {
    std::uint64_t bits = 0;
    for (const int name : names) {
        const auto speaker = std::find(std::begin(kSpeakers), std::end(kSpeakers), name);
        const std::uint64_t bit = std::uint64_t(1) << (speaker - std::begin(kSpeakers));
        if (speaker == std::end(kSpeakers) || bit <= bits)
            return 0;
        bits |= bit;
    }
    return bits;
}

} // namespace percepnet::tools

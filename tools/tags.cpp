// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "tags.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace percepnet::tools {
namespace {

/** A block of libsndfile's that one command reads and another writes. */
void copy_block(SNDFILE *from, SNDFILE *to, int get, int set, std::size_t size) {
    std::vector<unsigned char> block(size);
    if (sf_command(from, get, block.data(), int(size)) == SF_TRUE)
        sf_command(to, set, block.data(), int(size));
}

/** libsndfile takes less than the largest block it gives, and adds a line on the new coding. */
void copy_broadcast_data(SNDFILE *from, SNDFILE *to) {
    constexpr std::uint32_t kMostHistory = 16384;
    SF_BROADCAST_INFO_VAR(kMostHistory) data{};
    if (sf_command(from, SFC_GET_BROADCAST_INFO, &data, sizeof data) != SF_TRUE)
        return;
    if (data.version < 2) // it becomes 2, where zeros in these would be loudness
        for (std::int16_t *unknown :
             {&data.loudness_value, &data.loudness_range, &data.max_true_peak_level,
              &data.max_momentary_loudness, &data.max_shortterm_loudness})
            *unknown = INT16_MAX;
    data.coding_history_size = std::min(data.coding_history_size, kMostHistory - 1);
    const std::size_t head = std::size_t(data.coding_history - data.description);
    sf_command(to, SFC_SET_BROADCAST_INFO, &data, int(head + data.coding_history_size));
}

} // namespace

void copy_tags(const SoundReader &reader, SNDFILE *to) {
    for (int tag = SF_STR_FIRST; tag <= SF_STR_LAST; tag++)
        if (const char *text = tag == SF_STR_SOFTWARE ? nullptr : reader.text(tag))
            sf_set_string(to, tag, text);
    std::vector<int> speakers = reader.speakers();
    if (!speakers.empty())
        sf_command(to, SFC_SET_CHANNEL_MAP_INFO, speakers.data(),
                   int(speakers.size() * sizeof(int)));
    SNDFILE *from = reader.handle();
    if (!from)
        return;
    copy_broadcast_data(from, to);
    std::uint32_t cues = 0;
    if (sf_command(from, SFC_GET_CUE_COUNT, &cues, sizeof cues) == SF_TRUE && cues > 0)
        copy_block(from, to, SFC_GET_CUE, SFC_SET_CUE,
                   sizeof(std::uint32_t) + cues * sizeof(SF_CUE_POINT));
}

const char *tag_name(int tag) {
    switch (tag) {
    case SF_STR_TITLE:
        return "title";
    case SF_STR_COPYRIGHT:
        return "copyright";
    case SF_STR_ARTIST:
        return "artist";
    case SF_STR_COMMENT:
        return "comment";
    case SF_STR_DATE:
        return "date";
    case SF_STR_ALBUM:
        return "album";
    case SF_STR_TRACKNUMBER:
        return "track";
    case SF_STR_GENRE:
        return "genre";
    default:
        return nullptr;
    }
}

} // namespace percepnet::tools

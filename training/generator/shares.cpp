// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "shares.hpp"

#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

namespace percepnet::training {

Shares read_shares(const std::string &path) {
    Shares shares;
    if (path.empty())
        return shares;
    const std::map<std::string, float *> names = {{"noise_only", &shares.noise_only},
                                                  {"clean_only", &shares.clean_only},
                                                  {"reverberant", &shares.reverberant},
                                                  {"small_room", &shares.small_room},
                                                  {"formants", &shares.formants},
                                                  {"moving_voice", &shares.moving_voice},
                                                  {"place", &shares.place},
                                                  {"synthetic", &shares.synthetic},
                                                  {"moving_noise", &shares.moving_noise},
                                                  {"household", &shares.household},
                                                  {"distant", &shares.distant},
                                                  {"noise_room", &shares.noise_room},
                                                  {"next_room", &shares.next_room},
                                                  {"room_tone", &shares.room_tone},
                                                  {"microphone", &shares.microphone},
                                                  {"codec", &shares.codec}};
    std::ifstream file(path);
    if (!file)
        throw std::runtime_error("cannot read " + path);
    std::string line;
    while (std::getline(file, line)) {
        std::istringstream fields(line);
        std::string name, equals, rest;
        float share = -1;
        if (!(fields >> name) || name[0] == '#')
            continue;
        const auto found = names.find(name);
        if (found == names.end() || !(fields >> equals >> share) || equals != "=" || share < 0 ||
            share > 1 || fields >> rest)
            throw std::runtime_error(path + ": not a known share of 0 to 1: " + line);
        *found->second = share;
    }
    return shares;
}

} // namespace percepnet::training

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Draws recordings so that speakers or sessions with few recordings are heard too.
#pragma once

#include "corpus.hpp"
#include "random.hpp"

#include <map>
#include <vector>

namespace percepnet::training {

class Picker {
public:
    Picker(const Corpus &corpus, const std::vector<int> &members)
        : corpus_(&corpus), all_(members) {
        std::map<int, std::vector<int>> by_group;
        for (const int i : members)
            by_group[corpus.recordings()[i].group].push_back(i);
        for (auto &group : by_group)
            groups_.push_back(std::move(group.second));
    }

    bool empty() const { return all_.empty(); }

    // Half of the draws take any recording, half take any group and then one of its recordings.
    const Recording &pick(Random &random) const {
        const std::vector<int> &from =
            random.chance(0.5f) ? all_
                                : groups_[random.below(static_cast<int64_t>(groups_.size()))];
        return corpus_->recordings()[from[random.below(static_cast<int64_t>(from.size()))]];
    }

private:
    const Corpus *corpus_;
    std::vector<int> all_;
    std::vector<std::vector<int>> groups_;
};

} // namespace percepnet::training

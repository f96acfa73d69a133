// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "series.hpp"

#include <cmath>

namespace percepnet::tools {
namespace {

constexpr std::size_t kMostEntries = 4096;

} // namespace

void Series::add(const std::vector<double> &values) {
    const std::size_t at = hops_++ / joined_ * width_;
    sums_.resize(at + width_);
    for (std::size_t i = 0; i < width_; i++)
        if (std::isfinite(values[i]))
            sums_[at + i].sum += values[i], sums_[at + i].terms += 1.0;
    if (hops_ == kMostEntries * joined_)
        join_neighbours();
}

void Series::join_neighbours() {
    for (std::size_t entry = 0; entry < kMostEntries / 2; entry++)
        for (std::size_t i = 0; i < width_; i++) {
            const Sum &one = sums_[2 * entry * width_ + i];
            const Sum &next = sums_[(2 * entry + 1) * width_ + i];
            sums_[entry * width_ + i] = {one.sum + next.sum, one.terms + next.terms};
        }
    sums_.resize(kMostEntries / 2 * width_);
    joined_ *= 2;
}

double Series::mean(std::size_t value, std::size_t first, std::size_t last) const {
    Sum all;
    for (std::size_t entry = first; entry < last; entry++) {
        const Sum &here = sums_[entry * width_ + value];
        all.sum += here.sum, all.terms += here.terms;
    }
    return all.terms > 0.0 ? all.sum / all.terms : NAN;
}

} // namespace percepnet::tools

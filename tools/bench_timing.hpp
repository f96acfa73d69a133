// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <algorithm>
#include <numeric>
#include <vector>

namespace percepnet::tools {

/** Of many times, in microseconds. */
struct Timing {
    double mean = 0.0, p50 = 0.0, p99 = 0.0, max = 0.0;
};

inline Timing summarise(std::vector<double> times) {
    if (times.empty())
        return {};
    std::sort(times.begin(), times.end());
    const double sum = std::accumulate(times.begin(), times.end(), 0.0);
    return {sum / double(times.size()), times[times.size() / 2], times[times.size() * 99 / 100],
            times.back()};
}

} // namespace percepnet::tools

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// What the tests of the signal chain's kernels share: marked room, and levels that give the same.
#pragma once

#include <cmath>
#include <cstring>

#include "kernels/kernels.hpp"
#include "support.hpp"

namespace support {

using percepnet::kernels::Kernels;
using percepnet::kernels::level;

inline constexpr std::size_t kGuard = 64;
inline constexpr float kMark = 77.0f;

// Room for count values and a guard, all marked.
inline Samples room(std::size_t count) {
    return Samples(count + kGuard, kMark);
}

inline void check_guard(const Samples &values, std::size_t count) {
    for (std::size_t i = count; i < values.size(); i++)
        ck_assert_float_eq(values[i], kMark);
}

// What join_halves() and split_halves() turn by: half a turn in 480 steps.
struct HalfTurn {
    Samples cosine = Samples(480), sine = Samples(480);

    HalfTurn() {
        for (std::size_t k = 0; k < 480; k++) {
            cosine[k] = float(std::cos(2.0 * M_PI * double(k) / 960.0));
            sine[k] = float(std::sin(2.0 * M_PI * double(k) / 960.0));
        }
    }
};

// The levels' results by run(kernels), the first of which has been checked.
template <typename Run> void check_levels(const Samples &first, Run run) {
    for (int i = 1; const Kernels *kernels = level(i); i++) {
        const Samples other = run(*kernels);
        ck_assert_uint_eq(other.size(), first.size());
        ck_assert_msg(std::memcmp(other.data(), first.data(), first.size() * sizeof(float)) == 0,
                      "%s differs from %s", kernels->name, level(0)->name);
    }
}

} // namespace support

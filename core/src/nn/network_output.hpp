// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <array>

#include "constants.hpp"

namespace percepnet::nn {

// What a network says of a hop.
struct NetworkOutput {
    std::array<float, kBands> gain_b;     // 0..1
    std::array<float, kBands> strength_b; // 0..1, of the comb filter
    float voice_probability;              // 0..1
};

} // namespace percepnet::nn

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "dsp/post_filter.hpp"

#include <cmath>

namespace percepnet::dsp {

void post_filter(const BandVector &gain_b, const BandVector &energy_b, float strength,
                 BandVector &out_b) noexcept {
    constexpr float kBeta = 0.02f;
    constexpr float kTiny = 1e-12f;
    BandVector warped_b;
    float before = kTiny, after = kTiny;
    for (std::size_t b = 0; b < kBands; b++) {
        const float g = gain_b[b];
        warped_b[b] = g * std::sin(float(M_PI_2) * g);
        before += g * g * energy_b[b];
        after += warped_b[b] * warped_b[b] * energy_b[b];
    }
    const float ratio = before / after;
    const float global = std::sqrt((1.0f + kBeta) * ratio / (1.0f + kBeta * ratio * ratio));
    for (std::size_t b = 0; b < kBands; b++)
        out_b[b] = gain_b[b] + strength * (global * warped_b[b] - gain_b[b]);
}

} // namespace percepnet::dsp

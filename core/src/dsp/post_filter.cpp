// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "dsp/post_filter.hpp"

#include <cmath>

namespace percepnet::dsp {

void post_filter(const BandVector &gain_b, const BandVector &energy_b, float strength,
                 BandVector &out_b) noexcept {
    constexpr float kBeta = 0.02f;
    constexpr float kTiny = 1e-12f;
    // The sine in double, then rounded: the same bits whatever the C library.
    const BandVector sine_b = (M_PI_2 * gain_b.cast<double>()).sin().cast<float>();
    const BandVector warped_b = gain_b * sine_b;
    const float before = sum(gain_b.square() * energy_b, kTiny);
    const float after = sum(warped_b.square() * energy_b, kTiny);
    const float ratio = before / after;
    const float global = std::sqrt((1.0f + kBeta) * ratio / (1.0f + kBeta * ratio * ratio));
    out_b = gain_b + strength * (global * warped_b - gain_b);
}

} // namespace percepnet::dsp

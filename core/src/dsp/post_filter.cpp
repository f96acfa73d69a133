// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "dsp/post_filter.hpp"

#include <algorithm>
#include <cmath>

namespace percepnet::dsp {
namespace {

constexpr float kTiny = 1e-12f;

// g^share by the means of 1 and g: the geometric mean of their weighted arithmetic and harmonic
// ones. It is g^share for shares of 0, 0.5 and 1, and has the same bits everywhere.
float power(float gain, float share) {
    const float arithmetic = (1.0f - share) + share * gain;
    const float harmonic = gain / std::max((1.0f - share) * gain + share, 1e-30f);
    return std::sqrt(arithmetic * harmonic);
}

BandVector lowered_between_words(const BandVector &gain_b, float share) {
    BandVector lowered_b;
    for (std::size_t b = 0; b < kBands; b++)
        lowered_b[b] = gain_b[b] * power(gain_b[b], share);
    return lowered_b;
}

// Paper section 3.5.
BandVector warped(const BandVector &gain_b, const BandVector &energy_b) {
    constexpr float kBeta = 0.02f;
    // The sine in double, then rounded: the same bits whatever the C library.
    const BandVector sine_b = (M_PI_2 * gain_b.cast<double>()).sin().cast<float>();
    const BandVector warped_b = gain_b * sine_b;
    const float before = sum(gain_b.square() * energy_b, kTiny);
    const float after = sum(warped_b.square() * energy_b, kTiny);
    const float ratio = before / after;
    return std::sqrt((1.0f + kBeta) * ratio / (1.0f + kBeta * ratio * ratio)) * warped_b;
}

} // namespace

void post_filter(const BandVector &gain_b, const BandVector &energy_b, float voice_probability,
                 float strength, BandVector &out_b) noexcept {
    const float between_words = std::min(2.0f * strength, 1.0f) * (1.0f - voice_probability);
    const float envelope = std::clamp(2.0f * strength - voice_probability, 0.0f, 1.0f);
    const BandVector lowered_b = lowered_between_words(gain_b, between_words);
    out_b = lowered_b + envelope * (warped(lowered_b, energy_b) - lowered_b);
}

} // namespace percepnet::dsp

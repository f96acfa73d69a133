// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "dsp/features.hpp"

#include <algorithm>
#include <cmath>

namespace percepnet::dsp {
namespace {

constexpr float kLogFloor = -2.0f;
constexpr float kRange = 7.0f;   // 70 dB below the loudest band so far: masked
constexpr float kMaxFall = 1.5f; // 15 dB from band to band: masked

// In double, then rounded: the same bits whatever the C library.
float log10(float x) noexcept {
    return float(std::log10(double(x)));
}

} // namespace

void make_features(const BandVector &newest_energy_b, const BandVector &coherence_b,
                   const Pitch &pitch, float *features) noexcept {
    float loudest = kLogFloor, follower = kLogFloor;
    for (std::size_t b = 0; b < kBands; b++) {
        float level = log10(kEnergyFloor + kEnergyScale * newest_energy_b[b]);
        level = std::max({level, loudest - kRange, follower - kMaxFall});
        loudest = std::max(loudest, level);
        follower = std::max(follower - kMaxFall, level);
        features[b] = 0.4f * (level - 4.0f);
    }
    BandVector::Map(&features[kBands]) = coherence_b;
    features[2 * kBands] = float(std::log2(double(pitch.period) / 270.0)) / 1.5f;
    features[2 * kBands + 1] = 2.0f * (pitch.correlation - 0.5f);
}

} // namespace percepnet::dsp

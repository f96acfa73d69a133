// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "dsp/decimator.hpp"

#include <array>
#include <cmath>

#include "kernels/kernels.hpp"

namespace percepnet::dsp {
namespace {

// Windowed sinc (Hann), cut at 6.4 kHz, unit gain at DC; phase p holds taps p, p + 3, p + 6 ...
const std::array<float, kDecimatorTaps> taps = [] {
    std::array<double, kDecimatorTaps> ideal;
    double sum = 0.0;
    constexpr double kCutoff = 6400.0 / kSampleRate;
    for (int i = 0; i < kDecimatorTaps; i++) {
        const double t = i - (kDecimatorTaps - 1) / 2;
        const double sinc =
            t == 0.0 ? 2.0 * kCutoff : std::sin(2.0 * M_PI * kCutoff * t) / (M_PI * t);
        ideal[std::size_t(i)] =
            sinc * (0.5 - 0.5 * std::cos(2.0 * M_PI * (i + 1) / (kDecimatorTaps + 1)));
        sum += ideal[std::size_t(i)];
    }
    std::array<float, kDecimatorTaps> scaled;
    for (std::size_t i = 0; i < kDecimatorTaps; i++)
        scaled[i] = float(ideal[i] / sum);
    return scaled;
}();

} // namespace

void decimate(const float *hop, float *out) noexcept {
    // Every third sample from each of three starts, so that a tap is a contiguous run.
    constexpr int kRun = kPitchHop + (kDecimatorTaps - 1) / kPitchRatio;
    alignas(64) float phase[kPitchRatio][kRun];
    const float *first = hop - (kDecimatorTaps - 1);
    for (int i = 0; i < kRun; i++)
        for (int p = 0; p < kPitchRatio; p++) {
            const int at = kPitchRatio * i + p;
            phase[p][i] = at < kHop + kDecimatorTaps - 1 ? first[at] : 0.0f;
        }
    const float *inputs[kDecimatorTaps];
    for (int k = 0; k < kDecimatorTaps; k++)
        inputs[k] = &phase[k % kPitchRatio][k / kPitchRatio];
    kernels::active().weighted_sum(inputs, taps.data(), kDecimatorTaps, out, kPitchHop);
}

} // namespace percepnet::dsp

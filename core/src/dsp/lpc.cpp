// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "dsp/lpc.hpp"

#include <cmath>
#include <cstddef>

#include "kernels/kernels.hpp"

namespace percepnet::dsp {
namespace {

constexpr int kLags = 32; // of which kLpcOrder + 1 are used

struct Tables {
    std::array<float, kLpcWindow> window{};
    std::array<float, kLpcOrder + 1> lag_window{};
    Tables() {
        for (std::size_t n = 0; n < window.size(); n++)
            window[n] = float(0.5 - 0.5 * std::cos(2.0 * M_PI * (double(n) + 0.5) / kLpcWindow));
        constexpr double kBandwidth = 2.0 * M_PI * 40.0 / 16000.0; // 40 Hz
        for (std::size_t k = 0; k < lag_window.size(); k++)
            lag_window[k] = float(std::exp(-0.5 * std::pow(kBandwidth * double(k), 2)));
    }
};

const Tables tables;

} // namespace

void linear_prediction(const float *samples, std::array<float, kLpcOrder> &a) noexcept {
    alignas(64) float windowed[kLpcWindow + 2 * kLags] = {};
    for (std::size_t n = 0; n < kLpcWindow; n++)
        windowed[n] = tables.window[n] * samples[n];
    alignas(64) float r[kLags];
    kernels::active().correlate(windowed, windowed, kLpcWindow, kLags, r);
    for (std::size_t k = 0; k <= kLpcOrder; k++)
        r[k] *= tables.lag_window[k];

    // Levinson-Durbin, with a noise floor of -40 dB and one for silence.
    a.fill(0.0f);
    float error = r[0] * 1.0001f + 1e-9f;
    for (std::size_t i = 0; i < kLpcOrder; i++) {
        float sum = r[i + 1];
        for (std::size_t j = 0; j < i; j++)
            sum += a[j] * r[i - j];
        const float reflection = -sum / error;
        for (std::size_t j = 0; j < i / 2 + i % 2; j++) {
            const float low = a[j], high = a[i - 1 - j];
            a[j] = low + reflection * high;
            a[i - 1 - j] = high + reflection * low;
        }
        a[i] = reflection;
        error *= 1.0f - reflection * reflection;
        if (!(error > 1e-6f * r[0]))
            return;
    }
}

void prediction_error(const float *samples, const std::array<float, kLpcOrder> &a, int count,
                      float *out) noexcept {
    const float *inputs[kLpcOrder + 1];
    float weights[kLpcOrder + 1];
    inputs[0] = samples;
    weights[0] = 1.0f;
    for (int k = 1; k <= kLpcOrder; k++) {
        inputs[k] = samples - k;
        weights[k] = a[std::size_t(k - 1)];
    }
    kernels::active().weighted_sum(inputs, weights, kLpcOrder + 1, out, count);
}

} // namespace percepnet::dsp

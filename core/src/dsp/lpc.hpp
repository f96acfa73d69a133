// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Linear prediction at 16 kHz: takes the spectral envelope off the signal, so that its correlation
// shows the pitch and not the formants (docs/algorithm.md).
#pragma once

#include <array>

namespace percepnet::dsp {

constexpr int kLpcOrder = 16;
constexpr int kLpcWindow = 320; // 20 ms, Hann

// a(1..16) of the prediction-error filter 1 + sum a(k) z^-k for the kLpcWindow samples;
// silence gives zeros.
void linear_prediction(const float *samples, std::array<float, kLpcOrder> &a) noexcept;

// out(n) = samples(n) + sum a(k) samples(n - k), n < count, a multiple of 16.
void prediction_error(const float *samples, const std::array<float, kLpcOrder> &a, int count,
                      float *out) noexcept;

} // namespace percepnet::dsp

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// 48 kHz to 16 kHz for the pitch tracker: linear-phase low-pass of 49 taps, every third sample.
#pragma once

#include "constants.hpp"

namespace percepnet::dsp {

constexpr int kPitchRatio = 3;
constexpr int kPitchHop = kHop / kPitchRatio; // 160 samples at 16 kHz
constexpr int kDecimatorTaps = 49;
constexpr int kDecimatorDelay = (kDecimatorTaps - 1) / 2 / kPitchRatio; // 8 samples at 16 kHz

// hop: the newest kHop samples, with kDecimatorTaps - 1 before them. Sample i of out is the signal
// at the time of hop[3 i - 24].
void decimate(const float *hop, float *out) noexcept;

} // namespace percepnet::dsp

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The pitch comb filter (paper section 3.2; docs/algorithm.md): estimates the periodic part of a
// frame by a Hann-weighted mean of copies shifted by whole periods. Up to 5 periods to each side;
// copies from the future only as far as the look-ahead reaches. No delay: the centre copy is the
// frame itself.
#pragma once

#include "constants.hpp"

namespace percepnet::dsp {

// What the filter does to white noise depends on how many periods of future it may use.
struct CombWeights {
    int right = 0;                // copies from the future, 0..5
    float weight[kCombTaps] = {}; // from kCombSide periods back to right periods ahead; sum 1
    float noise_gain = 0.0f;      // sum of the squared weights: power left of white noise
    float centre = 0.0f;          // weight of the frame itself
};

// The weights for a period in samples (kMinPeriod..kMaxPeriod) and samples of future.
const CombWeights &comb_weights(float period, int future) noexcept;

// Where the copies of a frame begin, in samples from its begin: at most kCombSide * kMaxPeriod
// before it and future after it.
struct CombShifts {
    const CombWeights *weights;
    int count; // as many as there are weights
    int shift[kCombTaps];
};
CombShifts comb_shifts(float period, int future) noexcept;

// out(n) = sum over k of w_k copies[k](n), n = 0..959; copy k begins shift[k] after the frame.
void comb_filter(const float *const *copies, const CombShifts &shifts, float *out) noexcept;

} // namespace percepnet::dsp

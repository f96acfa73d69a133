// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "dsp/comb_filter.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "kernels/kernels.hpp"

namespace percepnet::dsp {
namespace {

CombWeights make_weights(int right) {
    CombWeights comb;
    comb.right = right;
    double hann[kCombTaps], sum = 0.0;
    for (int i = 0; i <= kCombSide + right; i++) {
        hann[i] = 0.5 - 0.5 * std::cos(2.0 * M_PI * (i + 1) / (kCombTaps + 1));
        sum += hann[i];
    }
    double squares = 0.0;
    for (int i = 0; i <= kCombSide + right; i++) {
        comb.weight[i] = float(hann[i] / sum);
        squares += (hann[i] / sum) * (hann[i] / sum);
    }
    comb.noise_gain = float(squares);
    comb.centre = comb.weight[kCombSide];
    return comb;
}

const std::array<CombWeights, kCombSide + 1> weights = [] {
    std::array<CombWeights, kCombSide + 1> all;
    for (int right = 0; right <= kCombSide; right++)
        all[std::size_t(right)] = make_weights(right);
    return all;
}();

} // namespace

const CombWeights &comb_weights(float period, int future) noexcept {
    int right = 0;
    while (right < kCombSide && std::lround(float(right + 1) * period) <= future)
        right++;
    return weights[std::size_t(right)];
}

CombShifts comb_shifts(float period, int future) noexcept {
    CombShifts shifts;
    shifts.weights = &comb_weights(period, future);
    shifts.count = kCombSide + shifts.weights->right + 1;
    for (int i = 0; i < shifts.count; i++)
        shifts.shift[i] = int(std::lround(float(i - kCombSide) * period));
    return shifts;
}

void comb_filter(const float *const *copies, const CombShifts &shifts, float *out) noexcept {
    kernels::active().weighted_sum(copies, shifts.weights->weight, shifts.count, out, kWindow);
}

} // namespace percepnet::dsp

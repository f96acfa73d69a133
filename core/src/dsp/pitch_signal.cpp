// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "dsp/pitch.hpp"

#include <algorithm>

#include "dsp/lpc.hpp"
#include "kernels/kernels.hpp"

namespace percepnet::dsp {
namespace {

constexpr float kPreEmphasis = 0.85f;
constexpr float kSmoothing = 0.7f;

constexpr int kSpan = PitchSignal::kSubFrame + LagVector::kPadded;

// sum[i] = value[i] + ... + value[i + kSubFrame - 1], by doubling up to runs of 16.
void sum_runs(const float *value, float *sum) {
    constexpr int kRun = 16;
    static_assert(PitchSignal::kSubFrame == 5 * kRun);
    alignas(64) float two[kSpan], four[kSpan], eight[kSpan], run[kSpan];
    for (int i = 0; i < kSpan - 1; i++)
        two[i] = value[i] + value[i + 1];
    for (int i = 0; i < kSpan - 3; i++)
        four[i] = two[i] + two[i + 2];
    for (int i = 0; i < kSpan - 7; i++)
        eight[i] = four[i] + four[i + 4];
    for (int i = 0; i < kSpan - kRun + 1; i++)
        run[i] = eight[i] + eight[i + 8];
    for (int i = 0; i < LagVector::kPadded; i++)
        sum[i] =
            (run[i] + run[i + kRun]) + (run[i + 2 * kRun] + run[i + 3 * kRun]) + run[i + 4 * kRun];
}

// Moves the content down by a hop; returns where the new hop goes.
template <std::size_t N> float *shift(std::array<float, N> &buffer) {
    std::copy(buffer.begin() + kPitchHop, buffer.end(), buffer.begin());
    return buffer.data() + N - kPitchHop;
}

} // namespace

void PitchSignal::reset() noexcept {
    wave_.fill(0.0f);
    emphasised_.fill(0.0f);
    residual_.fill(0.0f);
    last_wave_ = last_error_ = 0.0f;
}

void PitchSignal::push(const float *hop) noexcept {
    float *wave = shift(wave_);
    decimate(hop, wave);

    float *emphasised = shift(emphasised_);
    for (int i = 0; i < kPitchHop; i++) {
        emphasised[i] = wave[i] - kPreEmphasis * last_wave_;
        last_wave_ = wave[i];
    }

    std::array<float, kLpcOrder> a;
    linear_prediction(emphasised + kPitchHop - kLpcWindow, a);
    alignas(64) float error[kPitchHop];
    prediction_error(emphasised, a, kPitchHop, error);

    float *residual = shift(residual_);
    for (int i = 0; i < kPitchHop; i++) {
        residual[i] = error[i] + kSmoothing * last_error_;
        last_error_ = error[i];
    }
}

float PitchSignal::add_correlation(int sub_frame, LagVector &product,
                                   LagVector &energy) const noexcept {
    const float *d = residual_.data() + kResidualPast + sub_frame * kSubFrame;
    const float *past = d - kMaxLag;
    alignas(64) float squares[kSpan], products[LagVector::kPadded], shifted[LagVector::kPadded];
    for (int i = 0; i < kSpan; i++)
        squares[i] = past[i] * past[i];
    kernels::active().correlate(d, past, kSubFrame, LagVector::kPadded, products);
    sum_runs(squares, shifted);

    float own = 0.0f;
    for (int i = 0; i < kSubFrame; i++)
        own += squares[kMaxLag + i];
    for (int i = 0; i < LagVector::kPadded; i++) {
        product.value[i] += products[i];
        energy.value[i] += own + shifted[i];
    }
    return own;
}

} // namespace percepnet::dsp

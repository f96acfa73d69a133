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
    last_error_ = 0.0f;
}

void PitchSignal::push(const float *hop) noexcept {
    float *wave = shift(wave_);
    decimate(hop, wave);

    float *emphasised = shift(emphasised_);
    for (int i = 0; i < kPitchHop; i++)
        emphasised[i] = wave[i] - kPreEmphasis * wave[i - 1];

    std::array<float, kLpcOrder> a;
    linear_prediction(emphasised + kPitchHop - kLpcWindow, a);
    alignas(64) float error[kPitchHop];
    prediction_error(emphasised, a, kPitchHop, error);

    float *residual = shift(residual_);
    residual[0] = error[0] + kSmoothing * last_error_;
    for (int i = 1; i < kPitchHop; i++)
        residual[i] = error[i] + kSmoothing * error[i - 1];
    last_error_ = error[kPitchHop - 1];
}

float PitchSignal::add_correlation(int sub_frame, LagVector &product,
                                   LagVector &energy) const noexcept {
    const float *d = residual_.data() + kResidualPast + sub_frame * kSubFrame;
    const float *past = d - kMaxLag;
    static_assert(kSubFrame == kernels::kEnergyRun && LagVector::kPadded <= kernels::kMaxEnergies);
    alignas(64) float products[LagVector::kPadded], shifted[LagVector::kPadded];
    kernels::active().correlate(d, past, kSubFrame, LagVector::kPadded, products);
    kernels::active().run_energies(past, LagVector::kPadded, shifted);

    float own = 0.0f;
    for (int i = 0; i < kSubFrame; i++)
        own += d[i] * d[i];
    for (int i = 0; i < LagVector::kPadded; i++) {
        product.value[i] += products[i];
        energy.value[i] += own + shifted[i];
    }
    return own;
}

} // namespace percepnet::dsp

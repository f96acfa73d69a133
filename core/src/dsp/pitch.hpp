// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The pitch tracker (paper section 3.1; docs/algorithm.md): normalised correlation of the linear
// prediction residual at 16 kHz, dynamic programming over time with the model's look-ahead, then
// refinement on the waveform to a fraction of a 48 kHz sample.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "constants.hpp"
#include "dsp/decimator.hpp"

namespace percepnet::dsp {

struct Pitch {
    float period = 300.0f;    // samples at 48 kHz, kMinPeriod..kMaxPeriod
    float correlation = 0.0f; // 0..1: how periodic the frame is
};

// Lags of the correlation at 16 kHz.
constexpr int kMinLag = kMinPeriod / kPitchRatio;
constexpr int kMaxLag = kMaxPeriod / kPitchRatio;
constexpr int kLagCount = kMaxLag - kMinLag + 1;
// A value for each lag, longest first: [0] is kMaxLag, [kLagCount - 1] kMinLag; then padding.
struct LagVector {
    static constexpr int kPadded = (kLagCount + 31) / 32 * 32;
    alignas(64) float value[kPadded] = {};
};

// What the tracker keeps of one signal.
class PitchSignal {
public:
    static constexpr int kSubFrame = kPitchHop / 2; // 5 ms

    // hop: the newest kHop samples at 48 kHz, with kDecimatorTaps - 1 before them.
    void push(const float *hop) noexcept;
    void reset() noexcept;

    // Adds sum d(n) d(n - lag) and sum d(n)^2 + d(n - lag)^2 over sub-frame 0 or 1 of the newest
    // hop; d: smoothed residual. Returns sum d(n)^2.
    float add_correlation(int sub_frame, LagVector &product, LagVector &energy) const noexcept;

    // The low-passed signal: the newest hop begins kPitchHop before the end.
    const float *wave_end() const noexcept { return wave_.data() + wave_.size(); }

private:
    static constexpr int kWavePast = (kMaxLookAhead + 2) * kPitchHop + kMaxLag + 32;
    static constexpr int kResidualPast = kMaxLag + 32;
    std::array<float, kWavePast + kPitchHop> wave_{};
    std::array<float, 512> emphasised_{};
    std::array<float, kResidualPast + kPitchHop> residual_{};
    float last_error_ = 0.0f;
};

// Tracks one pitch for one signal or jointly for several.
class PitchTracker {
public:
    PitchTracker(int signals, int look_ahead);

    // hops[s]: as PitchSignal::push(). Returns the pitch of the frame look_ahead hops ago.
    Pitch push(const float *const *hops) noexcept;
    void reset() noexcept;

private:
    static constexpr int kSubFrames = 2 * (kMaxLookAhead + 1);
    struct Step {
        LagVector correlation;
        std::array<std::int32_t, LagVector::kPadded> move; // where the best path came from
        int jump_from;                                     // ... if it jumped
        int from(int at) const noexcept;
    };

    float correlate(int sub_frame, LagVector &correlation) const noexcept;
    void advance(float weight, Step &step) noexcept;
    float refine(int lag) const noexcept;
    float energy_weight(float energy) noexcept;

    const int look_ahead_;
    std::vector<PitchSignal> signals_;
    std::array<Step, kSubFrames> steps_;
    LagVector score_;
    int best_end_ = 0; // where the best path ends
    std::array<float, 8> recent_energy_{};
    std::size_t step_ = 0;
};

} // namespace percepnet::dsp

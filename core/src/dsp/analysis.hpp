// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Everything that is computed from the input before the network: used by the engine for one signal
// or several linked ones, and by the training data generator for noisy and clean speech.
//
// Hop t arrives; frame l = t - look_ahead is worked on. Its support is [480 (l - 1), 480 (l + 1)),
// so that 480 look_ahead samples of its future are known (docs/algorithm.md).
#pragma once

#include <array>
#include <vector>

#include "dsp/erb_bands.hpp"
#include "dsp/features.hpp"
#include "dsp/fine_spectrum.hpp"
#include "dsp/history.hpp"
#include "dsp/pitch.hpp"
#include "dsp/spectrum.hpp"
#include "span.hpp"
#include "stage_clock.hpp"

namespace percepnet::dsp {

class Analysis {
public:
    // fine: with the parts of the bands in a longer spectrum (fine_spectrum.hpp).
    Analysis(int signals, int look_ahead, bool fine = false);

    // in[s]: the kHop newest samples of signal s. Then the readers below hold for frame l.
    void push(const float *const *in) noexcept;
    void reset() noexcept;
    // nullptr: none; it must live as long as this one.
    void measure(StageClock *clock) noexcept { clock_ = clock; }

    int look_ahead() const noexcept { return look_ahead_; }
    // kFeatures values, and kFineFeatures more if fine.
    Span<const float> features() const noexcept { return {features_.data(), feature_count_}; }
    const Pitch &pitch() const noexcept { return pitch_; }
    const Spectrum &noisy(int signal) const noexcept;
    const Spectrum &comb(int signal) const noexcept;
    const BandVector &noisy_energy(int signal) const noexcept;
    // Sum over the signals.
    const BandVector &joint_energy() const noexcept { return joint_energy_b_; }
    // Comb filter of the frame with another period than pitch(): for training targets.
    void comb_with(int signal, float period, Spectrum &out) const noexcept;

private:
    static constexpr int kDepth = kMaxLookAhead + 1;

    struct Frame {
        Spectrum spectrum;
        BandVector energy_b;
    };
    struct Signal {
        History history;
        std::array<Frame, kDepth> frames; // ring, newest at newest_
        Spectrum comb;
    };

    const Frame &current(const Signal &signal) const noexcept;
    void track_pitch() noexcept;
    void transform_newest() noexcept;
    void measure_newest() noexcept;
    void compare_with_comb() noexcept;
    void make_fine() noexcept;

    const int look_ahead_;
    const std::size_t feature_count_;
    std::vector<Signal> signals_;
    PitchTracker tracker_;
    std::size_t newest_ = 0;
    Pitch pitch_;
    BandVector newest_energy_b_, joint_energy_b_, coherence_b_;
    std::array<float, kFeatures + kFineFeatures> features_{};
    FinePower fine_power_;
    std::array<const float *, kMaxChannels> hops_{};
    StageClock *clock_ = nullptr;
};

} // namespace percepnet::dsp

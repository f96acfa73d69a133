// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Features of the noisy signal and what the network should answer to them, frame by frame, by the
// engine's own analysis (docs/algorithm.md).
#pragma once

#include <array>

#include "constants.hpp"
#include "dsp/analysis.hpp"
#include "span.hpp"

namespace percepnet::training {

// What the network should answer so that the signal `target` comes out.
struct Answer {
    dsp::BandVector gain_b;        // ideal magnitude ratio, 0..1
    dsp::BandVector strength_b;    // ideal comb strength, 0..1
    dsp::BandVector attenuation_b; // of the gain where the comb filter is not good enough;
                                   // not learned: it costs more speech than roughness
};

// Energies and correlations in the bands from which the error of any gain and strength follows
// (training/shards.py). X: clean, D: noisy without clean, Q: comb-filtered noisy without clean.
struct BandErrors {
    dsp::BandVector xx, dd, qq, xd, xq, dq;
};

struct TrainingFrame : Answer {
    Span<const float> features;        // of the noisy signal's analysis: until the next push()
    dsp::BandVector gain_weight_b;     // 0: inaudible, low: beyond the bandwidth, else 1
    dsp::BandVector strength_weight_b; // 0..1: how voiced and loud the clean band is
    BandErrors errors;
    float clean_energy; // of the frame, for speech_activity()
};

class Targets {
public:
    explicit Targets(int look_ahead, bool fine = false); // fine: with the fine features
    void reset() noexcept;

    // The next hop of both signals, 48 kHz. bandwidth: Hz up to which clean is known to be right.
    // The frame given back is look_ahead hops older than the hop.
    void push(const float *noisy, const float *clean, float bandwidth, TrainingFrame &out) noexcept;
    // After push(): the answer with another estimate of clean in its place, whose next hop this is.
    void push_estimate(const float *estimate, Answer &out) noexcept;

    const dsp::Analysis &noisy() const noexcept { return noisy_; }
    const dsp::Analysis &clean() const noexcept { return clean_; }

private:
    struct Strength {
        float value;
        float attenuation; // of the gain where the comb filter is not good enough
    };
    Strength solve(float yy, float pp, float yp, float u, float v, float q) const noexcept;
    void answer(const dsp::Analysis &target, Answer &out) const noexcept;
    void measure_errors(BandErrors &out) const noexcept;

    const int look_ahead_;
    dsp::Analysis noisy_, clean_, estimate_;
    dsp::BandVector comb_energy_b_, comb_correlation_b_; // of noisy
};

// Coherence of a signal with its own comb filter, freed of what the filter's centre tap alone gives
// (white noise: 0); c in -1..1 as measured, result 0..1 (docs/algorithm.md).
float debiased_coherence(float c, float centre, float noise_gain) noexcept;

// Where speech is active: clean energy within 35 dB of the loud frames, held for 50 ms.
void speech_activity(const float *clean_energy, int frames, float *active);

} // namespace percepnet::training

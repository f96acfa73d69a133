// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The bands at a finer grain, for networks that want it: log powers of kFineParts parts of each
// band, from a spectrum of 60 ms under a Hann window whose last sample is the newest one. Its
// middle is the frame that a model with look-ahead 2 puts out, so that it costs no delay
// (docs/algorithm.md).
#pragma once

#include "constants.hpp"
#include "dsp/spectrum.hpp"

namespace percepnet::dsp {

// Bins of 16 2/3 Hz.
constexpr int kFineBins = kFineWindow / 2 + 1;

// |X(k)|^2 of kFineWindow samples, unnormalised, k = 0 .. kFineBins - 1; the rest is padding.
struct FinePower {
    alignas(64) float value[kFineWindow / 2 + Spectrum::kPadded - kHop];
};

// power += share |X|^2 with X the transform of kFineWindow samples under the window, which is
// scaled so that white noise has the power that it has in a frame of kWindow samples.
void add_fine_power(const float *samples, float share, FinePower &power) noexcept;

// The parts of band b have equal widths between the middles of its centre and its neighbours'; each
// has the mean power of its bins, at least of one. part[kFineParts b + i], about -2 .. 2, is of
// part i of band b: 0.4 (log10 of that power - 3).
void make_fine_features(const FinePower &power, float *part) noexcept;

} // namespace percepnet::dsp

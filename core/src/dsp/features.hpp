// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The 70 inputs of the network for one frame (docs/algorithm.md).
#pragma once

#include "dsp/erb_bands.hpp"
#include "dsp/pitch.hpp"

namespace percepnet::dsp {

// Of a mean power, as of 16-bit samples and a transform scaled by its length: log10, not below -2.
float log_energy(float energy) noexcept;

// [0, 34)  log energies of the newest frame (with look-ahead), about -2.5 .. 2
// [34, 68) coherence of noisy and comb-filtered frame, -1 .. 1
// [68]     log period, about -1 .. 1
// [69]     pitch correlation, -1 .. 1
// features: kFeatures values. Energies are of spectra of samples in [-1, 1], a mean over the
// signals.
void make_features(const BandVector &newest_energy_b, const BandVector &coherence_b,
                   const Pitch &pitch, float *features) noexcept;

} // namespace percepnet::dsp

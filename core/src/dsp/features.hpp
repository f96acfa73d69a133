// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The 70 inputs of the network for one frame (docs/algorithm.md).
#pragma once

#include "dsp/erb_bands.hpp"
#include "dsp/pitch.hpp"

namespace percepnet::dsp {

using FeatureVector = std::array<float, kFeatures>;

// [0, 34)  log energies of the newest frame (with look-ahead), about -2.5 .. 2
// [34, 68) coherence of noisy and comb-filtered frame, -1 .. 1
// [68]     log period, about -1 .. 1
// [69]     pitch correlation, -1 .. 1
// Energies are of spectra of samples in [-1, 1], a mean over the signals.
void make_features(const BandVector &newest_energy_b, const BandVector &coherence_b,
                   const Pitch &pitch, FeatureVector &features) noexcept;

} // namespace percepnet::dsp

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Applies strengths and gains to a spectrum (paper sections 3.2 and 3.5; docs/algorithm.md).
#pragma once

#include "dsp/erb_bands.hpp"

namespace percepnet::dsp {

// Z(k) = (1 - r(k)) Y(k) + r(k) P(k), r(k) from strength_b in 0..1.
void mix_comb(const Spectrum &noisy, const Spectrum &comb, const BandVector &strength_b,
              Spectrum &mixed) noexcept;

// Scales every band of spectrum to the magnitude gain_b sqrt(energy_b), energy_b being that of the
// noisy frame: what the comb filter took from a band comes back. At most kMaxBandScale.
constexpr float kMaxBandScale = 3.0f;
void scale_bands(Spectrum &spectrum, const BandVector &gain_b, const BandVector &energy_b) noexcept;

} // namespace percepnet::dsp

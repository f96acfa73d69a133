// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The 34 triangular ERB bands (paper section 2; docs/algorithm.md): triangle b rises from centre
// b - 1 to centre b and falls to centre b + 1; together they sum to one at every bin up to 20 kHz.
#pragma once

#include "dsp/band_vector.hpp"
#include "dsp/spectrum.hpp"

namespace percepnet::dsp {

// sum over k of H_bk value(k).
void band_sum(const BinVector &value, BandVector &sum_b) noexcept;

// E_b = sum over k of H_bk |A(k)|^2.
void band_energy(const Spectrum &a, BandVector &energy_b) noexcept;

// C_b = sum over k of H_bk Re(conj(A(k)) B(k)).
void band_correlation(const Spectrum &a, const Spectrum &b, BandVector &correlation_b) noexcept;

// value(k) = sum over b of H_bk value_b: linear between the centres, constant above 20 kHz.
void interpolate(const BandVector &value_b, BinVector &value) noexcept;

} // namespace percepnet::dsp

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Real discrete Fourier transform of kWindow = 960 points as a complex one of 480 = 16 x 30 points
// with both factors vectorised over the other one (no bit reversal, no strided pass).
#pragma once

#include "dsp/spectrum.hpp"

namespace percepnet::dsp {

// X(k) = sum over n of x(n) exp(-2 pi i n k / 960), unnormalised, k = 0..480.
void fft_forward(const float *samples, Spectrum &spectrum) noexcept;

// X(k) = sum over n of (re(n) + i im(n)) exp(-2 pi i n k / 480), unnormalised, k = 0..479.
void fft_complex(const float *re, const float *im, Spectrum &spectrum) noexcept;

// samples(n) = (1/960) sum over k = 0..959 of X(k) exp(2 pi i n k / 960), X conjugate-symmetric.
void fft_inverse(const Spectrum &spectrum, float *samples) noexcept;

} // namespace percepnet::dsp

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "constants.hpp"

namespace percepnet::dsp {

// Bins 0..480 of a 960-point transform, real and imaginary parts apart; the rest is padding.
struct Spectrum {
    static constexpr int kPadded = 496;
    alignas(64) float re[kPadded] = {};
    alignas(64) float im[kPadded] = {};
};

// A value for each bin, padded as a spectrum is.
struct BinVector {
    alignas(64) float value[Spectrum::kPadded] = {};
};

} // namespace percepnet::dsp

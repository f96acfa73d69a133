// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The envelope post-filter (paper section 3.5; docs/algorithm.md): deepens low gains and gives
// the energy that this takes from the whole frame back to it, at most 5.6 dB.
#pragma once

#include "dsp/erb_bands.hpp"

namespace percepnet::dsp {

// gain_b in 0..1, energy_b of the noisy frame, strength 0 (out = in) .. 1; the result may exceed 1.
void post_filter(const BandVector &gain_b, const BandVector &energy_b, float strength,
                 BandVector &out_b) noexcept;

} // namespace percepnet::dsp

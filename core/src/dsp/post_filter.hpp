// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The post-filter: the paper's (section 3.5), which deepens low gains and gives the energy that
// this takes from the whole frame back to it, at most 5.6 dB; and a power of the gains between
// words. Which of it a frame gets depends on whether it has voice (docs/algorithm.md).
#pragma once

#include "dsp/erb_bands.hpp"

namespace percepnet::dsp {

// gain_b, voice_probability and strength in 0..1, energy_b of the noisy frame. Strength 0: out =
// in; up to 0.5 a frame that surely has voice stays as it is; 1: the paper's filter in every frame,
// after the power where there is no voice. The result may exceed 1.
void post_filter(const BandVector &gain_b, const BandVector &energy_b, float voice_probability,
                 float strength, BandVector &out_b) noexcept;

} // namespace percepnet::dsp

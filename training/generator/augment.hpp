// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// What happens to recordings before they are mixed, and to the mixture after it.
#pragma once

#include "convolver.hpp"
#include "random.hpp"

#include <cstddef>

namespace percepnet::training {

// out[i] = in(offset + i * ratio) with a 16-tap windowed sinc; needs `resample_margin` samples of
// input before the offset and as many after the last one. ratio above 1 raises pitch and tempo.
constexpr int kResampleMargin = 8;
void resample(const Signal &in, float ratio, Signal &out);

// A random second-order filter (poles and zeros inside 0.7), as the 32 first samples of its
// response.
Signal random_equaliser(Random &random);

// Windowed sinc, pass band up to cutoff_hz, and nothing (-70 dB) from 350 Hz above.
Signal low_pass(float cutoff_hz);

// A short filter, applied in place.
void filter(const Signal &taps, Signal &x);

// RMS of the loud part in dB of full scale: 10 ms frames within 25 dB of the loudest.
float active_level_db(const Signal &x);

void scale(Signal &x, float gain);
void to_unit_level(Signal &x); // active level; silence stays silent
void add(Signal &x, const Signal &y, float gain);
float peak(const Signal &x);

// Synthetic backgrounds, of about unit RMS.
void coloured_noise(Random &random, Signal &out); // a random slope and a random equaliser
void hum(Random &random, Signal &out);            // 50 or 60 Hz and harmonics
void rumble(Random &random, Signal &out);         // below 40 Hz

// A gain that jumps or slides once, by up to range_db either way, applied to all signals alike.
void gain_change(Random &random, float range_db, Signal *const *signals, int count);
// Digital silence of 50 ms to a second.
void mute(Random &random, Signal *const *signals, int count);
void clip(Signal &x, float limit);
void round_to_16_bits(Signal &x);

} // namespace percepnet::training

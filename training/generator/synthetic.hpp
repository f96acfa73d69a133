// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Sounds made of random numbers, of the kinds that a corpus never has enough of: a network that
// knows only some telephones and birds takes the next one for a voice.
#pragma once

#include "convolver.hpp"
#include "random.hpp"

namespace percepnet::training {

void alerts(Random &random, Signal &out);  // telephones, chimes, bells, sirens: notes in a pattern
void calls(Random &random, Signal &out);   // birds, dogs, crying: gliding tones with harmonics
void insects(Random &random, Signal &out); // carriers of 2 to 12 kHz, chopped
void engine(Random &random, Signal &out);  // harmonics of a slow rotation, and noise in its rhythm
void fluid(Random &random, Signal &out);   // water, fire, wind, rustling: noise of moving colour
void impacts(Random &random, Signal &out); // steps, dishes, keys: resonances that are struck

// One of them, at any level.
void synthetic_sound(Random &random, Signal &out);

} // namespace percepnet::training

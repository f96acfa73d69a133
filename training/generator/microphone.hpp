// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// What stands between the air and the numbers: uneven microphones, and sources that move.
#pragma once

#include "convolver.hpp"
#include "random.hpp"

namespace percepnet::training {

// The response of a random microphone: a high-pass, a few resonances, a shelf; on both signals.
void microphone_response(Random &random, Pair &both);

// A gain that wanders by up to range_db either way, a new goal every 0.5 to 2.5 s, the same one for
// all signals.
void moving_level(Random &random, float range_db, Signal *const *signals, int count);

} // namespace percepnet::training

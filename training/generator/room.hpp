// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Room responses, simulated and measured, and the part of them that the target keeps.
#pragma once

#include "convolver.hpp"
#include "corpus.hpp"
#include "random.hpp"

namespace percepnet::training {

// A response that begins with its direct path, and its RT60 in seconds.
struct Response {
    Signal h;
    float rt60;
};

// A shoebox room: image sources for the first 50 ms, then noise that decays as the room does
// (faster at high frequencies). A share is small (a car, a booth, a bathroom), RT60 0.08 .. 0.5 s;
// the others 0.15 .. 1 s.
Response simulate_room(Random &random, float small_share);

// A measured response, trimmed to its direct path and to its audible tail.
Response measured_room(const Corpus &rooms, Random &random);

// One in four measured, the others simulated.
Response random_room(const Corpus &rooms, Random &random, float small_share);

// The response with its first 5 ms scaled by `direct`: 0 leaves what only the walls send. Of unit
// energy.
Signal with_direct_part(const Response &room, float direct);

// What the enhanced voice should keep (docs/algorithm.md): the direct path and 20 ms of early
// reflections, then the tail reshaped to that of a small room (RT60 0.2 s).
Signal early_part(const Response &room);

// {full, early}, scaled so that the early part has unit energy; the early part of both is made
// stronger or weaker at random, as if the talker moved.
Pair room_kernel(Response room, Random &random);

} // namespace percepnet::training

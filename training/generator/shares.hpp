// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// How often scenes have what: shares of 0 to 1 of the scenes, for ablations read from a file.
#pragma once

#include <string>

namespace percepnet::training {

struct Shares {
    float noise_only = 0.05f;
    float clean_only = 0.07f;
    float reverberant = 0.5f;   // voices in a room
    float small_room = 0.4f;    // simulated rooms as small as a car or a bathroom
    float formants = 0.3f;      // utterances with another vocal tract
    float moving_voice = 0.12f; // a voice that comes nearer or goes away
    float place = 0.18f;        // layers of noise that are a cafe, street, office, vehicle ..
    float synthetic = 0.25f;    // layers of noise made of random numbers (synthetic.hpp)
    float moving_noise = 0.25f; // noise that swells and fades over seconds
    float household = 0.12f;    // doors, dishes, footsteps among the noise
    float distant = 0.3f;       // talkers without direct path
    float noise_room = 0.5f;    // noise in a room, of the scenes without distant talkers
    float next_room = 0.08f;    // television or music behind a wall
    float room_tone = 0.25f;    // a quiet steady background beside the noise
    float microphone = 0.4f;    // an uneven frequency response
    float codec = 0.06f;        // what a codec leaves
};

// Lines `name = share` with the names above; the others keep their values. An empty path gives the
// shares above. Throws std::runtime_error on an unknown name or a bad share.
Shares read_shares(const std::string &path);

} // namespace percepnet::training

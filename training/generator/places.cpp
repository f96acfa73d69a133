// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "places.hpp"

#include "augment.hpp"
#include "constants.hpp"
#include "room.hpp"

#include <cmath>

namespace percepnet::training {
namespace {

constexpr float kMostDirect = 0.3f, kWallDirect = 0.1f; // of talkers and of the next room

// Twice 6 dB per octave.
void wall(float cutoff_hz, Signal &x) {
    const float pole = std::exp(-2 * static_cast<float>(M_PI) * cutoff_hz / kSampleRate);
    float first = 0, second = 0;
    for (float &v : x) {
        first += (1 - pole) * (v - first);
        second += (1 - pole) * (first - second);
        v = second;
    }
}

void add_at_level(Signal &noise, Signal &other, float level_db) {
    to_unit_level(other);
    add(noise, other, from_db(level_db));
}

} // namespace

Places::Places(const Corpus &rooms, const SpeechSource &voices, const NoiseSource &sounds,
               Convolver &convolver, const Shares &shares)
    : rooms_(rooms), voices_(voices), sounds_(sounds), convolver_(convolver), shares_(shares) {}

void Places::through_room(Random &random, float direct, Signal &x) {
    const Signal h = with_direct_part(random_room(rooms_, random, shares_.small_room), direct);
    Pair both{std::move(x), {}};
    both.im.resize(both.re.size());
    convolver_.convolve(both, {h, {}});
    x = std::move(both.re);
}

void Places::distant_talkers(Random &random, Signal &out) {
    std::fill(out.begin(), out.end(), 0.f);
    Signal voice(out.size());
    for (int64_t talkers = 1 + random.below(6); talkers > 0; talkers--) {
        voices_.track(random, voice);
        add(out, voice, from_db(random.uniform(-8.f, 0.f)));
    }
    through_room(random, random.uniform(0.f, kMostDirect), out);
}

void Places::next_room(Random &random, Signal &out) {
    std::fill(out.begin(), out.end(), 0.f);
    const bool voice = random.chance(0.6f);
    if (voice)
        voices_.track(random, out);
    if (!voice || random.chance(0.3f)) {
        Signal music(out.size());
        sounds_.music(random, music);
        add(out, music, voice ? from_db(random.uniform(-15.f, 0.f)) : 1.f);
    }
    through_room(random, random.uniform(0.f, kWallDirect), out);
    wall(200.f * std::pow(8.f, random.uniform()), out);
}

void Places::in_room(Random &random, Signal &noise) {
    through_room(random, random.uniform(), noise);
}

void Places::surround(Random &random, Signal &noise) {
    if (random.chance(shares_.distant)) {
        Signal talkers(noise.size());
        distant_talkers(random, talkers);
        add_at_level(noise, talkers, random.uniform(-12.f, 10.f));
    } else if (random.chance(shares_.noise_room)) {
        in_room(random, noise);
    }
    if (random.chance(shares_.next_room)) {
        Signal other(noise.size());
        next_room(random, other);
        add_at_level(noise, other, random.uniform(-15.f, 5.f));
    }
    to_unit_level(noise);
}

} // namespace percepnet::training

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Backgrounds (recorded, synthetic, babble) and foreground events.
#pragma once

#include "picker.hpp"
#include "shares.hpp"
#include "speech_track.hpp"

namespace percepnet::training {

class NoiseSource {
public:
    NoiseSource(const Corpus &noise, const SpeechSource &voices, const Shares &shares);

    // One layer or two, at unit active level.
    void background(Random &random, Signal &out) const;
    // Adds a few transient recordings, each at `level` give or take.
    void events(Random &random, float level, Signal &out) const;
    // The same with doors, dishes, steps and the like.
    void household(Random &random, float level, Signal &out) const;
    // A quiet room's own sound; music (any noise where the corpus has none).
    void room_tone(Random &random, Signal &out) const;
    void music(Random &random, Signal &out) const;

private:
    void layer(Random &random, Signal &out) const;
    void add_events(const Picker &from, Random &random, float level, Signal &out) const;
    void looped(const Recording &r, Random &random, Signal &out) const;

    const Corpus &noise_;
    const SpeechSource &voices_;
    const Shares shares_;
    Picker stationary_, changing_, transient_, places_, household_, tones_, music_;
};

} // namespace percepnet::training

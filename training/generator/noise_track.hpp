// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Backgrounds (recorded, synthetic, babble) and foreground events.
#pragma once

#include "picker.hpp"
#include "speech_track.hpp"

namespace percepnet::training {

class NoiseSource {
public:
    NoiseSource(const Corpus &noise, const SpeechSource &voices);

    // One layer or two, at unit active level.
    void background(Random &random, Signal &out) const;
    // Adds a few transient recordings, each at `level` give or take.
    void events(Random &random, float level, Signal &out) const;

private:
    void layer(Random &random, Signal &out) const;
    void looped(const Recording &r, Random &random, Signal &out) const;

    const Corpus &noise_;
    const SpeechSource &voices_;
    Picker stationary_, changing_, transient_;
};

} // namespace percepnet::training

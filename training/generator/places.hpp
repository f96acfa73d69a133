// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Real places around the voice: noise in rooms, talkers far off, sounds from next door.
#pragma once

#include "convolver.hpp"
#include "corpus.hpp"
#include "noise_track.hpp"
#include "shares.hpp"
#include "speech_track.hpp"

namespace percepnet::training {

class Places {
public:
    Places(const Corpus &rooms, const SpeechSource &voices, const NoiseSource &sounds,
           Convolver &convolver, const Shares &shares);

    // Puts a noise of unit active level into a place; the result has unit active level again.
    void surround(Random &random, Signal &noise);

    // One to six talkers at once, each with pauses of its own, in a room without a direct path to
    // the microphone: its first 5 ms are scaled by 0 to 0.3.
    void distant_talkers(Random &random, Signal &out);
    // A television or music through a wall: a room without direct path and a low-pass.
    void next_room(Random &random, Signal &out);
    // The noise as it is heard in a room, its direct part scaled by 0 to 1.
    void in_room(Random &random, Signal &noise);

private:
    void through_room(Random &random, float direct, Signal &x);

    const Corpus &rooms_;
    const SpeechSource &voices_;
    const NoiseSource &sounds_;
    Convolver &convolver_;
    const Shares shares_;
};

} // namespace percepnet::training

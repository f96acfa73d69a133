// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Dry voices: utterances with pauses between them, and babble of many voices.
#pragma once

#include "convolver.hpp"
#include "picker.hpp"
#include "shares.hpp"
#include "voice_warp.hpp"

namespace percepnet::training {

class SpeechSource {
public:
    SpeechSource(const Corpus &speech, const Shares &shares);

    // Utterances at random speed, some with another vocal tract, with pauses, at unit active level;
    // returns the frequency up to which all of them are known to be complete.
    float track(Random &random, Signal &out) const;
    // Five to ten voices at once, at unit active level.
    void babble(Random &random, Signal &out) const;

private:
    struct Utterance {
        Signal samples;
        float bandwidth_hz;
    };
    Utterance utterance(Random &random, size_t longest) const;

    const Corpus &speech_;
    const Shares shares_;
    Picker any_, full_band_;
    mutable VoiceWarp warp_; // its buffers: one thread at a time
};

} // namespace percepnet::training

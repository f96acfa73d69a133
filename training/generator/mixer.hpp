// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// One training scene from a number: who speaks where, in what noise, through what microphone.
#pragma once

#include "convolver.hpp"
#include "corpus.hpp"
#include "noise_track.hpp"
#include "places.hpp"
#include "shares.hpp"
#include "speech_track.hpp"

#include <cstdint>
#include <string>

namespace percepnet::training {

// Another one for every change that gives a number another scene.
constexpr int kSceneVersion = 5;

struct Scene {
    Signal noisy, clean; // clean: direct voice and early reflections, aligned with noisy
    float bandwidth_hz;  // up to which clean is known to be right
    float snr_db; // background below the active level of clean; 99 or -99 where one is missing
    bool reverberant;
};

class Mixer {
public:
    // Throws std::runtime_error when the cache is missing or damaged.
    Mixer(const std::string &cache, const std::string &split, const Shares &shares = {});

    // The same scene for the same number, on every run.
    Scene make(uint64_t number, size_t length);

private:
    void add_speech(Random &random, Scene &scene);
    void add_noise(Random &random, Scene &scene, bool speech);
    void record(Random &random, Scene &scene);
    void add_faults(Random &random, float level, bool clipped, Scene &scene);
    void code(Random &random, Scene &scene);

    const Shares shares_;
    Corpus speech_, noise_, rooms_;
    Convolver convolver_;
    SpeechSource voices_;
    NoiseSource sounds_;
    Places places_;
};

} // namespace percepnet::training

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// C functions for Python's ctypes (training/generator.py): scenes, and training sequences made of
// them.
#include "constants.hpp"
#include "mixer.hpp"
#include "targets.hpp"

#include <algorithm>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include <malloc.h>

#define API extern "C" __attribute__((visibility("default")))

namespace {

using namespace percepnet;
using namespace percepnet::training;

struct Generator {
    Generator(const char *cache, const char *split, int look_ahead, bool fine)
        : mixer(cache, split), targets(look_ahead, fine) {}
    Mixer mixer;
    Targets targets;
    std::vector<float> clean_energy;
};

thread_local std::string last_error;

// Signals of a megabyte come and go: keep their memory instead of giving it back to the system.
void keep_freed_memory() {
    mallopt(M_MMAP_THRESHOLD, 64 << 20);
    mallopt(M_TRIM_THRESHOLD, 256 << 20);
}

} // namespace

// NULL on failure: gen_error() tells why.
// fine: 1 with the fine features, 0 without.
API void *gen_create(const char *cache, const char *split, int look_ahead, int fine) {
    keep_freed_memory();
    try {
        return std::make_unique<Generator>(cache, split, look_ahead, fine != 0).release();
    } catch (const std::exception &error) {
        last_error = error.what();
        return nullptr;
    }
}

API const char *gen_error() {
    return last_error.c_str();
}

API void gen_destroy(void *handle) {
    delete static_cast<Generator *>(handle);
}

// Scene `number`, frames * 480 samples of each signal; what: bandwidth_hz, snr_db, reverberant.
API void gen_scene(void *handle, uint64_t number, int frames, float *noisy, float *clean,
                   float *what) {
    const Scene scene =
        static_cast<Generator *>(handle)->mixer.make(number, static_cast<size_t>(frames) * kHop);
    std::copy(scene.noisy.begin(), scene.noisy.end(), noisy);
    std::copy(scene.clean.begin(), scene.clean.end(), clean);
    what[0] = scene.bandwidth_hz;
    what[1] = scene.snr_db;
    what[2] = scene.reverberant ? 1.f : 0.f;
}

// The training sequence of scene `number`: arrays of frames * 70 (with fine 274), 4 times frames *
// 34, and frames.
API void gen_sequence(void *handle, uint64_t number, int frames, float *features, float *gain,
                      float *gain_weight, float *strength, float *strength_weight, float *voice) {
    Generator &g = *static_cast<Generator *>(handle);
    const Scene scene = g.mixer.make(number, static_cast<size_t>(frames) * kHop);
    g.targets.reset();
    g.clean_energy.resize(static_cast<size_t>(frames));
    TrainingFrame frame{};
    for (int t = 0; t < frames; t++) {
        g.targets.push(scene.noisy.data() + t * kHop, scene.clean.data() + t * kHop,
                       scene.bandwidth_hz, frame);
        std::copy(frame.features.begin(), frame.features.end(),
                  features + t * frame.features.size());
        std::copy(frame.gain_b.begin(), frame.gain_b.end(), gain + t * kBands);
        std::copy(frame.gain_weight_b.begin(), frame.gain_weight_b.end(), gain_weight + t * kBands);
        std::copy(frame.strength_b.begin(), frame.strength_b.end(), strength + t * kBands);
        std::copy(frame.strength_weight_b.begin(), frame.strength_weight_b.end(),
                  strength_weight + t * kBands);
        g.clean_energy[static_cast<size_t>(t)] = frame.clean_energy;
    }
    speech_activity(g.clean_energy.data(), frames, voice);
}

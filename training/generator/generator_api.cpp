// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// C functions for Python's ctypes (training/generator.py): scenes, and training sequences made of
// them.
#include "codec.hpp"
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
    Generator(const char *cache, const char *split, int look_ahead, bool fine, const char *shares)
        : mixer(cache, split, read_shares(shares)), targets(look_ahead, fine) {}
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

void put(const dsp::BandVector &value_b, float *&to) {
    to = std::copy(value_b.begin(), value_b.end(), to);
}

} // namespace

// NULL on failure: gen_error() tells why. fine: 1 with the fine features, 0 without.
// shares: a file for read_shares(), or empty.
API void *gen_create(const char *cache, const char *split, int look_ahead, int fine,
                     const char *shares) {
    keep_freed_memory();
    try {
        return std::make_unique<Generator>(cache, split, look_ahead, fine != 0, shares).release();
    } catch (const std::exception &error) {
        last_error = error.what();
        return nullptr;
    }
}

API const char *gen_error() {
    return last_error.c_str();
}

// Grows whenever a number means another scene.
API int gen_version() {
    return kSceneVersion;
}

// The codecs that scenes go through, which depend on the libraries found when this was built.
API const char *gen_codecs() {
    static const std::string names = [] {
        std::string joined;
        for (const Codec codec : built_codecs())
            joined += (joined.empty() ? "" : " ") + std::string(name_of(codec));
        return joined;
    }();
    return names.c_str();
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

// What is learned from frames * 480 samples of each signal: arrays of frames times features (70,
// with the fine ones 274), 4 times 34, 1, and 6 times 34 in the order of BandErrors. estimate: of
// the clean signal, by a teacher, whose answers go to the last two arrays (34 each); or NULL.
API void gen_targets(void *handle, int frames, float bandwidth, const float *noisy,
                     const float *clean, const float *estimate, float *features, float *gain,
                     float *gain_weight, float *strength, float *strength_weight, float *voice,
                     float *bands, float *teacher_gain, float *teacher_strength) {
    Generator &g = *static_cast<Generator *>(handle);
    g.targets.reset();
    g.clean_energy.resize(static_cast<size_t>(frames));
    TrainingFrame frame{};
    Answer answer{};
    for (int t = 0; t < frames; t++) {
        g.targets.push(noisy + t * kHop, clean + t * kHop, bandwidth, frame);
        features = std::copy(frame.features.begin(), frame.features.end(), features);
        put(frame.gain_b, gain);
        put(frame.gain_weight_b, gain_weight);
        put(frame.strength_b, strength);
        put(frame.strength_weight_b, strength_weight);
        const BandErrors &e = frame.errors;
        for (const dsp::BandVector *v : {&e.xx, &e.dd, &e.qq, &e.xd, &e.xq, &e.dq})
            put(*v, bands);
        g.clean_energy[static_cast<size_t>(t)] = frame.clean_energy;
        if (!estimate)
            continue;
        g.targets.push_estimate(estimate + t * kHop, answer);
        put(answer.gain_b, teacher_gain);
        put(answer.strength_b, teacher_strength);
    }
    speech_activity(g.clean_energy.data(), frames, voice);
}

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "mixer.hpp"

#include "augment.hpp"
#include "codec.hpp"
#include "constants.hpp"
#include "microphone.hpp"
#include "room.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace percepnet::training {
namespace {

constexpr float kMissing = 99.f; // dB

// Broad, with its weight on what calls sound like.
float random_snr(Random &random) {
    const float kind = random.uniform();
    if (kind < 0.55f)
        return random.uniform(0.f, 20.f);
    if (kind < 0.80f)
        return random.uniform(-5.f, 35.f);
    return kind < 0.90f ? random.uniform(-5.f, 5.f) : random.uniform(15.f, 35.f);
}

// Around what calls have; one in five is a far talker or a microphone with its gain down.
float random_level_db(Random &random) {
    constexpr float kMedian = -27.f, kSpread = 9.f, kQuietFrom = -0.84f, kQuietSpread = 28.f;
    const float x = random.gauss();
    const float level = kMedian + kSpread * std::max(x, kQuietFrom) +
                        kQuietSpread * std::min(0.f, x - kQuietFrom);
    return std::clamp(level, -62.f, -10.f);
}

float random_cutoff(Random &random) {
    constexpr std::array<float, 9> kCliffs = {3400, 4000,  5500,  7000, 8000,
                                              8000, 11000, 12000, 16000};
    if (random.chance(0.6f))
        return kCliffs[random.below(kCliffs.size())];
    return 3000.f * std::pow(6.5f, random.uniform());
}

} // namespace

Mixer::Mixer(const std::string &cache, const std::string &split, const Shares &shares)
    : shares_(shares), speech_(cache, "speech", split), noise_(cache, "noise", split),
      rooms_(cache, "rooms", split), voices_(speech_, shares), sounds_(noise_, voices_, shares),
      places_(rooms_, voices_, sounds_, convolver_, shares) {}

Scene Mixer::make(uint64_t number, size_t length) {
    Random random(number);
    const float kind = random.uniform();
    const bool speech = kind >= shares_.noise_only, noise = kind < 1 - shares_.clean_only;
    Scene scene{Signal(length), Signal(length), kSampleRate / 2.f, speech ? kMissing : -kMissing,
                false};
    if (speech)
        add_speech(random, scene);
    if (noise)
        add_noise(random, scene, speech);
    record(random, scene);
    return scene;
}

// The voice at unit active level of what the target keeps of it.
void Mixer::add_speech(Random &random, Scene &scene) {
    Pair voice{Signal(scene.clean.size()), Signal(scene.clean.size())};
    scene.bandwidth_hz = voices_.track(random, voice.re);
    if (random.chance(0.5f))
        filter(random_equaliser(random), voice.re);
    scene.reverberant = random.chance(shares_.reverberant);
    if (scene.reverberant)
        convolver_.convolve(voice,
                            room_kernel(random_room(rooms_, random, shares_.small_room), random));
    else
        voice.im = voice.re;
    Signal *const both[] = {&voice.re, &voice.im};
    if (random.chance(shares_.moving_voice))
        moving_level(random, 5.f, both, 2);
    const float gain = from_db(-active_level_db(voice.im));
    add(scene.noisy, voice.re, gain);
    add(scene.clean, voice.im, gain);
}

// The background in its place, at the SNR, and what happens in it.
void Mixer::add_noise(Random &random, Scene &scene, bool speech) {
    const float snr = random_snr(random);
    if (speech)
        scene.snr_db = snr;
    Signal noise(scene.noisy.size());
    sounds_.background(random, noise);
    places_.surround(random, noise);
    scale(noise, speech ? from_db(-snr) : 1.f);
    const float level = speech ? from_db(std::min(0.f, 8.f - snr)) : 1.f;
    if (random.chance(0.3f))
        sounds_.events(random, level, noise);
    if (random.chance(shares_.household)) {
        Signal sounds(noise.size());
        sounds_.household(random, level, sounds);
        if (random.chance(0.7f))
            places_.in_room(random, sounds);
        add(noise, sounds, 1.f);
    }
    if (random.chance(shares_.room_tone)) {
        Signal tone(noise.size());
        sounds_.room_tone(random, tone);
        add(noise, tone, from_db(random.uniform(-50.f, -25.f)));
    }
    add(scene.noisy, noise, 1.f);
}

// The microphone and what follows it: response, band limit, level, faults, codec. Faults are in
// noisy alone.
void Mixer::record(Random &random, Scene &scene) {
    Pair pair{std::move(scene.noisy), std::move(scene.clean)};
    if (random.chance(shares_.microphone))
        microphone_response(random, pair);
    if (random.chance(0.3f)) {
        const float cutoff = random_cutoff(random);
        convolver_.convolve(pair, {low_pass(cutoff), {}});
        scene.bandwidth_hz = std::min(scene.bandwidth_hz, cutoff);
    }
    scene.noisy = std::move(pair.re);
    scene.clean = std::move(pair.im);
    Signal *const both[] = {&scene.noisy, &scene.clean};
    if (random.chance(0.08f))
        gain_change(random, 12.f, both, 2);
    const bool clipped = random.chance(0.06f);
    const float top = peak(scene.noisy) + 1e-9f;
    float level = from_db(random_level_db(random));
    if (clipped)
        level = from_db(random.uniform(1.f, 12.f)) / top;
    else
        level = std::min(level, 0.99f / top);
    for (Signal *signal : both)
        scale(*signal, level);
    add_faults(random, level, clipped, scene);
    if (random.chance(shares_.codec))
        code(random, scene);
}

void Mixer::add_faults(Random &random, float level, bool clipped, Scene &scene) {
    Signal *const both[] = {&scene.noisy, &scene.clean};
    Signal fault(scene.noisy.size());
    if (random.chance(0.5f)) { // the microphone's own noise
        const float amount = std::min(from_db(random.uniform(-96.f, -62.f)), 0.1f * level);
        for (float &v : scene.noisy)
            v += amount * random.gauss();
    }
    if (random.chance(0.06f)) {
        rumble(random, fault);
        add(scene.noisy, fault, from_db(random.uniform(-60.f, -25.f) - active_level_db(fault)));
    }
    if (random.chance(0.03f))
        for (float &v : scene.noisy)
            v += 0.01f;
    if (random.chance(0.12f))
        mute(random, both, 2);
    if (clipped)
        clip(scene.noisy, 1.f);
    if (random.chance(0.5f))
        round_to_16_bits(scene.noisy);
}

void Mixer::code(Random &random, Scene &scene) {
    static const std::vector<Codec> codecs = built_codecs();
    Pair pair{std::move(scene.noisy), std::move(scene.clean)};
    const Codec codec = codecs[random.below(static_cast<int64_t>(codecs.size()))];
    const float bandwidth = codec_round_trip(codec, random, convolver_, pair);
    scene.bandwidth_hz = std::min(scene.bandwidth_hz, bandwidth);
    scene.noisy = std::move(pair.re);
    scene.clean = std::move(pair.im);
}

} // namespace percepnet::training

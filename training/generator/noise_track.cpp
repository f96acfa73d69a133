// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "noise_track.hpp"

#include "augment.hpp"
#include "constants.hpp"
#include "microphone.hpp"
#include "synthetic.hpp"

#include <algorithm>
#include <stdexcept>

namespace percepnet::training {
namespace {

constexpr int64_t kSeam = 480; // samples of cross-fade where a short recording starts again

using Kinds = std::vector<std::string>;
const Kinds kPlaces = {"crowd_babble", "street_ambience", "traffic_car", "train", "office",
                       "room_tone",    "kitchen_dishes",  "aircraft",    "music"};
const Kinds kHousehold = {"door",        "kitchen_dishes", "glass_impact", "footsteps",
                          "keyboard",    "appliance",      "paper_foley",  "mouse_click",
                          "phone_alert", "mic_handling"};

// The recordings of the kinds, or any where there are none.
std::vector<int> kinds_or_any(const Corpus &noise, const Kinds &kinds) {
    const std::vector<int> found = noise.find_kinds(kinds);
    return found.empty() ? noise.find("") : found;
}

std::vector<int> of_stationarity(const Corpus &noise, const std::string &word) {
    const std::vector<int> found = noise.find(word);
    if (found.empty())
        throw std::runtime_error("the noise of this split has no " + word +
                                 " recording (training/README.md)");
    return found;
}

} // namespace

NoiseSource::NoiseSource(const Corpus &noise, const SpeechSource &voices, const Shares &shares)
    : noise_(noise), voices_(voices), shares_(shares),
      stationary_(noise, of_stationarity(noise, "stationary")),
      changing_(noise, of_stationarity(noise, "non-stationary")),
      transient_(noise, of_stationarity(noise, "transient")),
      places_(noise, kinds_or_any(noise, kPlaces)),
      household_(noise, kinds_or_any(noise, kHousehold)),
      tones_(noise, kinds_or_any(noise, {"room_tone", "appliance", "static_hum"})),
      music_(noise, kinds_or_any(noise, {"music"})) {}

// The recording from a random point on, again and again, faded over at the seams.
void NoiseSource::looped(const Recording &r, Random &random, Signal &out) const {
    const float ratio = random.chance(0.4f) ? random.uniform(0.75f, 1.3f) : 1.f;
    Signal source(static_cast<size_t>(static_cast<float>(out.size()) * ratio) +
                  2 * kResampleMargin + 2);
    const int64_t fade = std::min(kSeam, r.length / 4);
    const float gain = from_db(-r.level_db);
    Signal piece;
    int64_t start = random.below(std::max<int64_t>(1, r.length / 2));
    for (size_t end = 0; end < source.size(); start = 0) {
        const size_t at = end - std::min(end, static_cast<size_t>(fade));
        const int64_t count =
            std::min<int64_t>(r.length - start, static_cast<int64_t>(source.size() - at));
        piece.resize(static_cast<size_t>(count));
        noise_.read_s16(r, start, count, gain, piece.data());
        for (int64_t i = 0; i < std::min(fade, count); i++) {
            const float rise = static_cast<float>(i) / static_cast<float>(fade);
            if (at > 0)
                piece[i] *= rise;
            piece[count - 1 - i] *= start + count == r.length ? rise : 1.f;
        }
        for (int64_t i = 0; i < count; i++)
            source[at + i] += piece[i];
        end = at + static_cast<size_t>(count);
    }
    if (ratio == 1.f)
        std::copy_n(source.begin(), out.size(), out.begin());
    else
        resample(source, ratio, out);
}

void NoiseSource::layer(Random &random, Signal &out) const {
    const float kind = random.uniform();
    if (random.chance(shares_.synthetic))
        synthetic_sound(random, out);
    else if (random.chance(shares_.place))
        looped(places_.pick(random), random, out);
    else if (kind < 0.33f)
        looped(stationary_.pick(random), random, out);
    else if (kind < 0.72f)
        looped(changing_.pick(random), random, out);
    else if (kind < 0.78f)
        looped(transient_.pick(random), random, out);
    else if (kind < 0.84f)
        voices_.babble(random, out);
    else if (kind < 0.96f)
        coloured_noise(random, out);
    else
        hum(random, out);
    if (random.chance(0.5f))
        filter(random_equaliser(random), out);
    to_unit_level(out);
}

void NoiseSource::background(Random &random, Signal &out) const {
    layer(random, out);
    if (random.chance(0.3f)) {
        Signal second(out.size());
        layer(random, second);
        add(out, second, from_db(random.uniform(-18.f, 0.f)));
    }
    Signal *const signals[] = {&out};
    if (random.chance(0.15f))
        gain_change(random, 15.f, signals, 1);
    if (random.chance(shares_.moving_noise))
        moving_level(random, 10.f, signals, 1);
    to_unit_level(out);
}

void NoiseSource::events(Random &random, float level, Signal &out) const {
    add_events(transient_, random, level, out);
}

void NoiseSource::household(Random &random, float level, Signal &out) const {
    add_events(household_, random, level, out);
}

void NoiseSource::room_tone(Random &random, Signal &out) const {
    if (random.chance(0.5f))
        looped(tones_.pick(random), random, out);
    else
        coloured_noise(random, out);
    to_unit_level(out);
}

void NoiseSource::music(Random &random, Signal &out) const {
    looped(music_.pick(random), random, out);
}

void NoiseSource::add_events(const Picker &from, Random &random, float level, Signal &out) const {
    const int count = 1 + static_cast<int>(random.below(5));
    Signal event;
    for (int e = 0; e < count; e++) {
        const Recording &r = from.pick(random);
        const size_t at = static_cast<size_t>(random.below(static_cast<int64_t>(out.size())));
        const int64_t length = std::min<int64_t>(r.length, static_cast<int64_t>(out.size() - at));
        event.resize(static_cast<size_t>(length));
        const float gain = level * from_db(random.uniform(-10.f, 6.f) - r.level_db);
        noise_.read_s16(r, 0, length, gain, event.data());
        for (int64_t i = 0; i < length; i++)
            out[at + i] += event[i];
    }
}

} // namespace percepnet::training

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "speech_track.hpp"

#include "augment.hpp"
#include "constants.hpp"

#include <algorithm>

namespace percepnet::training {
namespace {

constexpr float kFullBand = 12000.f;  // Hz
constexpr float kComplete = 17000.f;  // Hz: from here on nothing audible is missing
constexpr float kBandMargin = 1000.f; // Hz below the measured bandwidth that are not trusted
constexpr int kOpenBefore = 5, kOpenAfter = 12; // hops

std::vector<int> with_bandwidth(const Corpus &speech, float least) {
    std::vector<int> found;
    for (size_t i = 0; i < speech.recordings().size(); i++)
        if (speech.recordings()[i].bandwidth_hz >= least)
            found.push_back(static_cast<int>(i));
    return found;
}

// Silences what lies between words in the recording: its noise is no voice to be kept.
void gate_pauses(Signal &x, float threshold_db) {
    const float threshold = from_db(threshold_db) * from_db(threshold_db) * kHop;
    const int hops = static_cast<int>(x.size()) / kHop;
    std::vector<char> open(hops + 1, 0);
    for (int t = 0; t < hops; t++) {
        float power = 0;
        for (int i = 0; i < kHop; i++)
            power += x[t * kHop + i] * x[t * kHop + i];
        if (power < threshold)
            continue;
        std::fill(open.begin() + std::max(0, t - kOpenBefore),
                  open.begin() + std::min(hops, t + kOpenAfter) + 1, 1);
    }
    float gain = open[0];
    for (size_t i = 0; i < x.size(); i++) {
        const float goal = open[std::min<size_t>(i / kHop, hops)];
        gain += std::clamp(goal - gain, -1.f / kHop, 1.f / kHop);
        x[i] *= gain;
    }
}

} // namespace

SpeechSource::SpeechSource(const Corpus &speech, const Shares &shares)
    : speech_(speech), shares_(shares), any_(speech, speech.find("")),
      full_band_(speech, with_bandwidth(speech, kFullBand)) {}

// A recording, or `longest` samples from somewhere in it, at unit active level.
SpeechSource::Utterance SpeechSource::utterance(Random &random, size_t longest) const {
    const bool full = !full_band_.empty() && random.chance(0.7f);
    const Recording &r = (full ? full_band_ : any_).pick(random);
    const float ratio = random.chance(0.7f) ? random.uniform(0.84f, 1.2f) : 1.f;
    const int64_t length = std::min<int64_t>(static_cast<int64_t>(r.length / ratio), longest);
    const int64_t needed = static_cast<int64_t>(length * ratio);
    const int64_t start = random.chance(0.5f) ? 0 : random.below(r.length - needed + 1);
    Utterance u;
    Signal source(needed + 2 * kResampleMargin + 2);
    speech_.read_s16(r, start - kResampleMargin, static_cast<int64_t>(source.size()),
                     from_db(-r.level_db), source.data());
    u.samples.resize(length);
    resample(source, ratio, u.samples);
    gate_pauses(u.samples, -std::clamp(r.snr_db - 8.f, 22.f, 45.f));
    if (random.chance(shares_.formants))
        warp_.apply(random.uniform(0.8f, 1.25f), u.samples);
    u.bandwidth_hz = r.bandwidth_hz >= kComplete
                         ? kSampleRate / 2.f
                         : (r.bandwidth_hz - kBandMargin) * std::min(1.f, ratio);
    return u;
}

float SpeechSource::track(Random &random, Signal &out) const {
    std::fill(out.begin(), out.end(), 0.f);
    float bandwidth = kSampleRate / 2.f;
    size_t at =
        random.chance(0.3f) ? static_cast<size_t>(random.exponential(0.8f) * kSampleRate) : 0;
    while (at < out.size()) {
        const Utterance u = utterance(random, out.size() - at);
        const float gain = from_db(random.uniform(-4.f, 4.f));
        for (size_t i = 0; i < u.samples.size(); i++)
            out[at + i] = gain * u.samples[i];
        bandwidth = std::min(bandwidth, u.bandwidth_hz);
        at += u.samples.size() + static_cast<size_t>(random.exponential(0.5f) * kSampleRate);
    }
    return bandwidth;
}

void SpeechSource::babble(Random &random, Signal &out) const {
    std::fill(out.begin(), out.end(), 0.f);
    const int voices = 5 + static_cast<int>(random.below(6));
    for (int v = 0; v < voices; v++) {
        const float gain = from_db(random.uniform(-8.f, 0.f));
        for (size_t at = 0; at < out.size();) {
            const Utterance u = utterance(random, out.size() - at);
            for (size_t i = 0; i < u.samples.size(); i++)
                out[at + i] += gain * u.samples[i];
            at += std::max<size_t>(u.samples.size(), 1);
        }
    }
    filter(random_equaliser(random), out);
}

} // namespace percepnet::training

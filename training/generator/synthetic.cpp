// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "synthetic.hpp"

#include "augment.hpp"
#include "constants.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace percepnet::training {
namespace {

constexpr float kRate = kSampleRate;
constexpr float kTwoPi = 6.2831853f;
constexpr float kHighest = 20000.f; // Hz: no partial above
constexpr size_t kTable = 2048;     // samples of a cycle

float log_uniform(Random &random, float low, float high) {
    return low * std::pow(high / low, random.uniform());
}

size_t samples(float seconds) {
    return static_cast<size_t>(std::max(1.f, seconds * kRate));
}

// One cycle of a harmonic tone whose highest fundamental is `top`.
using Cycle = std::array<float, kTable + 1>;

void random_cycle(Random &random, float top, Cycle &cycle) {
    cycle.fill(0.f);
    const int room = std::max(1, static_cast<int>(kHighest / top));
    const int partials = std::min(room, random.chance(0.25f) ? 1 : 2 + int(random.below(40)));
    const float slope = random.uniform(0.2f, 2.f);
    const bool odd = random.chance(0.15f);
    for (int k = 1; k <= partials; k += odd ? 2 : 1) {
        const float amplitude = random.uniform(0.1f, 1.f) * std::pow(float(k), -slope);
        const float phase = random.uniform(0.f, kTwoPi);
        for (size_t i = 0; i <= kTable; i++)
            cycle[i] += amplitude * std::sin(phase + kTwoPi * float(k) * float(i) / kTable);
    }
}

float at_phase(const Cycle &cycle, float phase) {
    const float place = phase * kTable;
    const size_t i = std::min(static_cast<size_t>(place), kTable - 1);
    return cycle[i] + (place - float(i)) * (cycle[i + 1] - cycle[i]);
}

// Goes from random value to random value, with a new goal every now and then.
class Wander {
public:
    Wander(Random &random, float per_second, float low, float high)
        : random_(random), every_(kRate / per_second), low_(low), high_(high),
          value_(random.uniform(low, high)) {}

    float next() {
        if (left_ <= 0) {
            left_ = std::max<int64_t>(8, int64_t(random_.exponential(every_)));
            step_ = (random_.uniform(low_, high_) - value_) / float(left_);
        }
        left_--;
        return value_ += step_;
    }

private:
    Random &random_;
    const float every_, low_, high_;
    float value_, step_ = 0;
    int64_t left_ = 0;
};

// Two poles: rings at `hz` for `seconds` until it is 60 dB down.
class Resonance {
public:
    Resonance(float hz, float seconds) {
        const float radius = std::pow(10.f, -3.f / (seconds * kRate));
        first_ = 2 * radius * std::cos(kTwoPi * hz / kRate);
        second_ = -radius * radius;
        gain_ = (1 - radius) * 2;
    }

    float next(float x) {
        const float y = gain_ * x + first_ * past_[0] + second_ * past_[1];
        past_[1] = past_[0];
        return past_[0] = y;
    }

private:
    float first_, second_, gain_;
    float past_[2] = {0, 0};
};

// A note: partials in whole or uneven ratios, each with its own decay; struck or held.
void add_note(Random &random, float hz, size_t first, size_t length, bool held, float unevenness,
              Signal &out) {
    const int partials = 1 + static_cast<int>(random.below(6));
    const float attack = random.uniform(0.001f, 0.02f) * kRate;
    for (int k = 1; k <= partials; k++) {
        const float f =
            hz * float(k) * (1 + unevenness * random.uniform(-0.3f, 0.3f) * float(k - 1));
        if (f > kHighest)
            break;
        const float decay =
            held ? 1.f : std::pow(10.f, -3.f / (random.uniform(0.1f, 2.f) * kRate / float(k)));
        const float c = std::cos(kTwoPi * f / kRate), s = std::sin(kTwoPi * f / kRate);
        float re = random.uniform(0.2f, 1.f) / float(k), im = 0;
        for (size_t i = 0; i < length && first + i < out.size(); i++) {
            const float edge = std::min({1.f, float(i) / attack, float(length - i) / attack});
            out[first + i] += edge * im;
            const float next = decay * (c * re - s * im);
            im = decay * (s * re + c * im);
            re = next;
        }
    }
}

// A tone that glides between two frequencies over `length` samples from `first` on.
void add_call(Random &random, const Cycle &cycle, float low, float high, size_t first,
              size_t length, Signal &out) {
    const float breath = random.chance(0.5f) ? random.uniform(0.f, 0.15f) : 0.f;
    const float rough = random.chance(0.2f) ? random.uniform(20.f, 90.f) : 0.f;
    Wander pitch(random, random.uniform(2.f, 20.f), std::log(low), std::log(high));
    float phase = 0;
    for (size_t i = 0; i < length && first + i < out.size(); i++) {
        phase += std::exp(pitch.next()) / kRate;
        phase -= std::floor(phase);
        const float shape = std::sin(kTwoPi / 2 * float(i) / float(length));
        const float rattle =
            rough > 0 ? 0.6f + 0.4f * std::sin(kTwoPi * rough * float(i) / kRate) : 1;
        out[first + i] += shape * rattle * (at_phase(cycle, phase) + breath * random.gauss());
    }
}

} // namespace

void alerts(Random &random, Signal &out) {
    std::fill(out.begin(), out.end(), 0.f);
    const float base = log_uniform(random, 250.f, 4000.f);
    const int notes = 1 + static_cast<int>(random.below(6));
    std::array<float, 6> pitch;
    for (float &p : pitch)
        p = base * std::pow(2.f, float(random.below(25) - 12) / 12);
    const bool held = random.chance(0.5f);
    const float unevenness = random.chance(0.3f) ? random.uniform() : 0.f;
    const float beat = log_uniform(random, 0.04f, 0.8f), pause = random.exponential(0.7f);
    for (float at = random.uniform(0.f, 1.f); samples(at) < out.size(); at += pause)
        for (int n = 0; n < notes; n++, at += beat)
            if (samples(at) < out.size())
                add_note(random, pitch[n], samples(at), samples(held ? beat : beat + 1.f), held,
                         unevenness, out);
}

void calls(Random &random, Signal &out) {
    std::fill(out.begin(), out.end(), 0.f);
    const float low = random.chance(0.5f) ? log_uniform(random, 90.f, 900.f)
                                          : log_uniform(random, 1200.f, 6000.f);
    const float high = std::min(9000.f, low * random.uniform(1.05f, 2.5f));
    Cycle cycle;
    random_cycle(random, high, cycle);
    const float length = log_uniform(random, 0.04f, 1.5f), pause = log_uniform(random, 0.03f, 1.f);
    for (float at = random.exponential(0.3f); samples(at) < out.size();) {
        const float seconds = length * random.uniform(0.6f, 1.4f);
        add_call(random, cycle, low, high, samples(at), samples(seconds), out);
        at += seconds + random.exponential(pause);
    }
}

void insects(Random &random, Signal &out) {
    std::fill(out.begin(), out.end(), 0.f);
    const int voices = 1 + static_cast<int>(random.below(4));
    for (int v = 0; v < voices; v++) {
        const float carrier = log_uniform(random, 2000.f, 12000.f);
        const float chop = log_uniform(random, 4.f, 150.f), duty = random.uniform(0.2f, 0.9f);
        const float group = random.chance(0.5f) ? log_uniform(random, 0.3f, 4.f) : 0.f;
        const float gain = from_db(random.uniform(-12.f, 0.f));
        Resonance band(carrier, log_uniform(random, 0.002f, 0.3f));
        Wander drift(random, 3.f, 0.99f, 1.01f);
        const bool tone = random.chance(0.6f);
        float phase = 0, beat = random.uniform(), song = group > 0 ? random.uniform() : 0.f;
        for (float &sample : out) {
            phase += carrier * drift.next() / kRate;
            phase -= std::floor(phase);
            beat += chop / kRate;
            beat -= std::floor(beat);
            song += group / kRate;
            song -= std::floor(song);
            const float open = beat < duty ? std::sin(kTwoPi / 2 * beat / duty) : 0.f;
            const float source = tone ? std::sin(kTwoPi * phase) : 8 * band.next(random.gauss());
            sample += gain * open * (song < 0.6f ? 1.f : 0.f) * source;
        }
    }
}

void engine(Random &random, Signal &out) {
    Cycle cycle;
    const float low = log_uniform(random, 18.f, 300.f), high = low * random.uniform(1.01f, 1.6f);
    random_cycle(random, high, cycle);
    Wander pitch(random, random.uniform(0.2f, 3.f), low, high), load(random, 2.f, 0.3f, 1.f);
    const float noise = random.uniform(0.f, 0.4f), throb = random.uniform(0.f, 1.f);
    float phase = 0;
    for (float &sample : out) {
        phase += pitch.next() / kRate;
        phase -= std::floor(phase);
        const float beat = 1 - throb * phase;
        sample = load.next() * (at_phase(cycle, phase) + noise * beat * random.gauss());
    }
    filter(random_equaliser(random), out);
}

void fluid(Random &random, Signal &out) {
    std::fill(out.begin(), out.end(), 0.f);
    const int bands = 3 + static_cast<int>(random.below(6));
    const float speed = log_uniform(random, 0.5f, 60.f), depth = random.uniform(0.f, 25.f);
    for (int b = 0; b < bands; b++) {
        Resonance colour(log_uniform(random, 80.f, 12000.f), log_uniform(random, 0.0004f, 0.02f));
        Wander level_db(random, speed, -depth, 0.f);
        const float weight = from_db(random.uniform(-15.f, 0.f));
        float gain = 1;
        for (size_t i = 0; i < out.size(); i++) {
            const float db = level_db.next();
            if (i % 16 == 0)
                gain = weight * from_db(db);
            out[i] += gain * colour.next(random.gauss());
        }
    }
    if (!random.chance(0.4f))
        return;
    Cycle drop;
    random_cycle(random, kHighest, drop);
    for (float at = 0; samples(at) < out.size(); at += random.exponential(0.05f)) {
        const float hz = log_uniform(random, 300.f, 4000.f);
        add_call(random, drop, hz, hz * random.uniform(1.05f, 1.5f), samples(at),
                 samples(random.uniform(0.005f, 0.06f)), out);
    }
}

void impacts(Random &random, Signal &out) {
    std::fill(out.begin(), out.end(), 0.f);
    const int modes = 2 + static_cast<int>(random.below(7));
    const float lowest = log_uniform(random, 80.f, 3000.f), ring = log_uniform(random, 0.01f, 0.8f);
    const float every = log_uniform(random, 0.06f, 1.5f);
    const bool steady = random.chance(0.3f);
    Signal strike(out.size());
    for (float at = random.exponential(every); samples(at) < out.size();) {
        const size_t first = samples(at), length = samples(log_uniform(random, 0.0005f, 0.02f));
        const float gain = from_db(random.uniform(-15.f, 0.f));
        for (size_t i = first; i < std::min(out.size(), first + length); i++)
            strike[i] += gain * random.gauss();
        at += steady ? every * random.uniform(0.97f, 1.03f) : random.exponential(every);
    }
    for (int m = 0; m < modes; m++) {
        Resonance mode(std::min(kHighest, lowest * log_uniform(random, 1.f, 12.f)),
                       ring * random.uniform(0.3f, 1.f));
        const float weight = from_db(random.uniform(-20.f, 0.f));
        for (size_t i = 0; i < out.size(); i++)
            out[i] += weight * mode.next(strike[i]);
    }
    add(out, strike, from_db(random.uniform(-40.f, -10.f)));
}

void synthetic_sound(Random &random, Signal &out) {
    constexpr std::array kKinds = {alerts, calls, insects, engine, fluid, impacts};
    kKinds[static_cast<size_t>(random.below(kKinds.size()))](random, out);
}

} // namespace percepnet::training

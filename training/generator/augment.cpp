// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "augment.hpp"

#include "constants.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace percepnet::training {
namespace {

constexpr float kRate = kSampleRate;
constexpr int kSincTaps = 2 * kResampleMargin;
constexpr int kSincPhases = 512;
constexpr int kEqualiserTaps = 32;
constexpr int kLowPassTaps = 767;
constexpr float kActiveRange = 3.16e-3f; // -25 dB

using SincTable = std::array<std::array<float, kSincTaps>, kSincPhases + 1>;

double sinc(double x) {
    return x == 0 ? 1 : std::sin(M_PI * x) / (M_PI * x);
}

double blackman(double x) { // x in -1 .. 1
    return 0.42 + 0.5 * std::cos(M_PI * x) + 0.08 * std::cos(2 * M_PI * x);
}

const SincTable &sinc_table() {
    static const SincTable table = [] {
        SincTable t{};
        for (int p = 0; p <= kSincPhases; p++)
            for (int k = 0; k < kSincTaps; k++) {
                const double x = k - (kResampleMargin - 1) - static_cast<double>(p) / kSincPhases;
                t[p][k] = static_cast<float>(
                    sinc(x) * (0.5 + 0.5 * std::cos(M_PI * x / (kResampleMargin + 0.5))));
            }
        return t;
    }();
    return table;
}

} // namespace

void resample(const Signal &in, float ratio, Signal &out) {
    const SincTable &table = sinc_table();
    for (size_t i = 0; i < out.size(); i++) {
        const double at = static_cast<double>(i) * ratio;
        const size_t whole = static_cast<size_t>(at);
        const float *taps =
            table[static_cast<size_t>((at - static_cast<double>(whole)) * kSincPhases + 0.5)]
                .data();
        const float *x = in.data() + whole + 1;
        float sum = 0;
        for (int k = 0; k < kSincTaps; k++)
            sum += taps[k] * x[k];
        out[i] = sum;
    }
}

Signal random_equaliser(Random &random) {
    const auto section = [&](float &a, float &b) { // 1 + a z^-1 + b z^-2, or nothing
        a = b = 0;
        if (!random.chance(0.5f))
            return;
        const float u = random.uniform(), v = random.uniform();
        const float radius = 0.7f * u * u, angle = static_cast<float>(M_PI) * v * v;
        a = -2 * radius * std::cos(angle);
        b = radius * radius;
    };
    float zero1, zero2, pole1, pole2;
    section(zero1, zero2);
    section(pole1, pole2);
    Signal h(kEqualiserTaps);
    for (size_t n = 0; n < h.size(); n++) {
        h[n] = n == 0 ? 1.f : n == 1 ? zero1 : n == 2 ? zero2 : 0.f;
        if (n >= 1)
            h[n] -= pole1 * h[n - 1];
        if (n >= 2)
            h[n] -= pole2 * h[n - 2];
    }
    return h;
}

Signal low_pass(float cutoff_hz) {
    Signal h(kLowPassTaps);
    const double middle = (kLowPassTaps - 1) / 2.0, edge = 2.0 * (cutoff_hz + 150) / kRate;
    for (size_t n = 0; n < h.size(); n++) {
        const double x = static_cast<double>(n) - middle;
        h[n] = static_cast<float>(edge * sinc(edge * x) * blackman(x / (middle + 1)));
    }
    return h;
}

void filter(const Signal &taps, Signal &x) {
    constexpr size_t kBlock = 1024;
    const size_t past = taps.size() - 1;
    Signal history(past + kBlock);
    for (size_t at = 0; at < x.size(); at += kBlock) {
        const size_t count = std::min(kBlock, x.size() - at);
        std::copy_n(x.data() + at, count, history.data() + past);
        float *__restrict out = x.data() + at;
        std::fill(out, out + count, 0.f);
        for (size_t k = 0; k <= past; k++) {
            const float tap = taps[k];
            const float *__restrict in = history.data() + past - k;
            for (size_t i = 0; i < count; i++)
                out[i] += tap * in[i];
        }
        std::copy_n(history.data() + count, past, history.data());
    }
}

float active_level_db(const Signal &x) {
    std::vector<float> power;
    for (size_t at = 0; at + kHop <= x.size(); at += kHop) {
        float sum = 0;
        for (int i = 0; i < kHop; i++)
            sum += x[at + i] * x[at + i];
        power.push_back(sum / kHop);
    }
    if (power.empty())
        return power_to_db(0);
    const float loudest = *std::max_element(power.begin(), power.end());
    double sum = 0;
    int count = 0;
    for (const float p : power)
        if (p >= loudest * kActiveRange) {
            sum += p;
            count++;
        }
    return power_to_db(sum / count);
}

void scale(Signal &x, float gain) {
    for (float &v : x)
        v *= gain;
}

void to_unit_level(Signal &x) {
    scale(x, from_db(-active_level_db(x)));
}

void add(Signal &x, const Signal &y, float gain) {
    for (size_t i = 0; i < x.size(); i++)
        x[i] += gain * y[i];
}

float peak(const Signal &x) {
    float top = 0;
    for (const float v : x)
        top = std::max(top, std::abs(v));
    return top;
}

void coloured_noise(Random &random, Signal &out) {
    // White noise plus a one-pole low-passed copy: slopes from white to brown.
    const float pole = 1 - std::pow(10.f, random.uniform(-3.f, -0.3f));
    const float share = random.uniform();
    float low = 0;
    const float low_gain = share / std::sqrt((1 - pole) / (1 + pole)) * (1 - pole);
    for (float &v : out) {
        const float white = random.gauss();
        low = pole * low + white;
        v = (1 - share) * white + low_gain * low;
    }
    filter(random_equaliser(random), out);
}

void hum(Random &random, Signal &out) {
    const int period =
        static_cast<int>((random.chance(0.5f) ? 960 : 800) * random.uniform(0.99f, 1.01f));
    std::vector<float> cycle(period);
    const int harmonics = 3 + static_cast<int>(random.below(30));
    const float slope = random.uniform(0.3f, 1.5f);
    for (int k = 1; k <= harmonics; k++) {
        const float amplitude = random.uniform(0.f, 1.f) * std::pow(static_cast<float>(k), -slope);
        const float phase = random.uniform(0.f, 6.2831853f), step = 6.2831853f * k / period;
        for (int n = 0; n < period; n++)
            cycle[n] += amplitude * std::sin(phase + step * n);
    }
    for (size_t i = 0; i < out.size(); i++)
        out[i] = cycle[i % period];
}

void rumble(Random &random, Signal &out) {
    const float pole = std::exp(-6.2831853f * random.uniform(3.f, 40.f) / kRate);
    float first = 0, second = 0;
    for (float &v : out) {
        first = pole * first + random.gauss() * (1 - pole);
        second = pole * second + first;
        v = second;
    }
}

void gain_change(Random &random, float range_db, Signal *const *signals, int count) {
    const size_t length = signals[0]->size();
    const size_t start = static_cast<size_t>(random.below(static_cast<int64_t>(length)));
    const size_t slide =
        random.chance(0.5f) ? 1 : 1 + static_cast<size_t>(random.below(kSampleRate));
    const float gain = from_db(random.uniform(-range_db, range_db));
    const float step = std::pow(gain, 1.f / static_cast<float>(slide));
    for (int s = 0; s < count; s++) {
        float g = 1;
        for (size_t i = start; i < length; i++) {
            if (i < start + slide)
                g *= step;
            (*signals[s])[i] *= g;
        }
    }
}

void mute(Random &random, Signal *const *signals, int count) {
    const size_t length = signals[0]->size();
    const size_t start = static_cast<size_t>(random.below(static_cast<int64_t>(length)));
    const size_t end =
        std::min(length, start + static_cast<size_t>(random.uniform(0.05f, 1.f) * kRate));
    for (int s = 0; s < count; s++)
        std::fill(signals[s]->begin() + static_cast<std::ptrdiff_t>(start),
                  signals[s]->begin() + static_cast<std::ptrdiff_t>(end), 0.f);
}

void clip(Signal &x, float limit) {
    for (float &v : x)
        v = std::clamp(v, -limit, limit);
}

void round_to_16_bits(Signal &x) {
    for (float &v : x)
        v = std::nearbyint(v * 32768.f) / 32768.f;
}

} // namespace percepnet::training

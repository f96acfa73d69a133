// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "microphone.hpp"

#include "constants.hpp"

#include <algorithm>
#include <cmath>

namespace percepnet::training {
namespace {

// Second-order sections after the cookbook of R. Bristow-Johnson, a0 = 1.
struct Section {
    float b0, b1, b2, a1, a2;
};

struct Angle {
    explicit Angle(float hz)
        : cos(std::cos(2 * float(M_PI) * hz / kSampleRate)),
          sin(std::sin(2 * float(M_PI) * hz / kSampleRate)) {}
    float cos, sin;
};

Section high_pass(float hz, float q) {
    const Angle w(hz);
    const float alpha = w.sin / (2 * q), a0 = 1 + alpha;
    const float b = (1 + w.cos) / 2 / a0;
    return {b, -2 * b, b, -2 * w.cos / a0, (1 - alpha) / a0};
}

Section peaking(float hz, float q, float gain_db) {
    const Angle w(hz);
    const float alpha = w.sin / (2 * q), a = from_db(gain_db / 2), a0 = 1 + alpha / a;
    return {(1 + alpha * a) / a0, -2 * w.cos / a0, (1 - alpha * a) / a0, -2 * w.cos / a0,
            (1 - alpha / a) / a0};
}

Section high_shelf(float hz, float gain_db) {
    const Angle w(hz);
    const float a = from_db(gain_db / 2), root = std::sqrt(a) * w.sin * float(M_SQRT2);
    const float up = a + 1, down = a - 1, a0 = up - down * w.cos + root;
    return {a * (up + down * w.cos + root) / a0, -2 * a * (down + up * w.cos) / a0,
            a * (up + down * w.cos - root) / a0, 2 * (down - up * w.cos) / a0,
            (up - down * w.cos - root) / a0};
}

void run(const Section &s, Pair &both) {
    float re1 = 0, re2 = 0, im1 = 0, im2 = 0;
    for (size_t i = 0; i < both.re.size(); i++) {
        const float re = both.re[i], im = both.im[i];
        const float re_out = s.b0 * re + re1, im_out = s.b0 * im + im1;
        re1 = s.b1 * re - s.a1 * re_out + re2;
        im1 = s.b1 * im - s.a1 * im_out + im2;
        re2 = s.b2 * re - s.a2 * re_out;
        im2 = s.b2 * im - s.a2 * im_out;
        both.re[i] = re_out;
        both.im[i] = im_out;
    }
}

} // namespace

void microphone_response(Random &random, Pair &both) {
    if (random.chance(0.6f))
        run(high_pass(40.f * std::pow(7.f, random.uniform()), random.uniform(0.5f, 1.f)), both);
    for (int64_t peaks = 1 + random.below(3); peaks > 0; peaks--) {
        const float hz = 200.f * std::pow(60.f, random.uniform());
        run(peaking(hz, random.uniform(0.5f, 3.f), random.uniform(-8.f, 8.f)), both);
    }
    if (random.chance(0.4f))
        run(high_shelf(random.uniform(3000.f, 9000.f), random.uniform(-12.f, 8.f)), both);
}

void moving_level(Random &random, float range_db, Signal *const *signals, int count) {
    const size_t length = signals[0]->size();
    float from = random.uniform(-range_db, range_db), to = from;
    for (size_t at = 0, end = 0, start = 0; at < length; at += kHop) {
        if (at >= end) {
            start = at;
            end = at + static_cast<size_t>(random.uniform(0.5f, 2.5f) * kSampleRate);
            from = to;
            to = random.uniform(-range_db, range_db);
        }
        const auto gain_at = [&](size_t i) {
            const float share = std::min(1.f, float(i - start) / float(end - start));
            return from_db(from + (to - from) * (0.5f - 0.5f * std::cos(float(M_PI) * share)));
        };
        const float first = gain_at(at), step = (gain_at(at + kHop) - first) / kHop;
        for (size_t i = at; i < std::min(length, at + kHop); i++)
            for (int s = 0; s < count; s++)
                (*signals[s])[i] *= first + step * float(i - at);
    }
}

} // namespace percepnet::training

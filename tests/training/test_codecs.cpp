// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Codec round trips of the scene generator: what comes back is the same voice in the same place.
#include "../core/support.hpp"

#include "constants.hpp"
#include "generator/augment.hpp"
#include "generator/codec.hpp"

#include <algorithm>

using namespace percepnet;
using namespace percepnet::training;

namespace {

constexpr size_t kLength = 2 * kSampleRate;
constexpr size_t kFilters = 2000; // samples that delays and filters reach over

// Pulses of a gliding pitch through two resonances, in words: codecs of speech want speech.
Signal voice() {
    Signal x(kLength);
    Random random(7);
    double phase = 0, a1 = 0, a2 = 0, b1 = 0, b2 = 0;
    for (size_t i = 0; i < kLength; i++) {
        const double t = double(i) / kSampleRate;
        phase += (120 + 30 * std::sin(3 * t)) / kSampleRate;
        double in = 0.002 * random.gauss();
        if (phase >= 1) {
            phase -= 1;
            in += 1;
        }
        const double a = in + 1.985 * a1 - 0.990 * a2, b = in + 1.93 * b1 - 0.97 * b2;
        a2 = a1, a1 = a, b2 = b1, b1 = b;
        x[i] = float((a - b) * std::max(0.0, std::sin(2 * M_PI * 1.5 * t)));
    }
    scale(x, 0.5f / peak(x));
    return x;
}

double product(const Signal &x, const Signal &y, int lag) {
    double sum = 0;
    for (size_t i = kFilters; i < kLength - kFilters; i++)
        sum += double(x[i + size_t(lag)]) * y[i];
    return sum;
}

int best_lag(const Signal &x, const Signal &y) {
    int best = 0;
    for (int lag = -150; lag <= 150; lag++)
        if (product(x, y, lag) > product(x, y, best))
            best = lag;
    return best;
}

struct Trip {
    Pair signals;
    float bandwidth;
};

Trip trip(Codec codec, uint64_t seed) {
    Random random(seed);
    Convolver convolver;
    Pair both{voice(), voice()};
    const float bandwidth = codec_round_trip(codec, random, convolver, both);
    return {std::move(both), bandwidth};
}

} // namespace

START_TEST(g711_is_always_built) {
    const auto built = built_codecs();
    ck_assert(std::find(built.begin(), built.end(), Codec::kMuLaw) != built.end());
    ck_assert(std::find(built.begin(), built.end(), Codec::kALaw) != built.end());
}
END_TEST

START_TEST(coded_and_clean_voice_stay_aligned_and_alike) {
    for (const Codec codec : built_codecs())
        for (uint64_t seed = 0; seed < 4; seed++) {
            const Pair x = trip(codec, seed).signals;
            const int lag = best_lag(x.re, x.im);
            const double likeness = product(x.re, x.im, lag) /
                                    std::sqrt(product(x.re, x.re, 0) * product(x.im, x.im, 0));
            ck_assert_msg(std::abs(lag) <= 4, "%s, seed %d: lag %d", name_of(codec), int(seed),
                          lag);
            ck_assert_msg(likeness > 0.75, "%s, seed %d: %f", name_of(codec), int(seed), likeness);
        }
}
END_TEST

START_TEST(the_level_is_kept) {
    for (const Codec codec : built_codecs()) {
        const Pair x = trip(codec, 1).signals;
        ck_assert_float_eq_tol(active_level_db(x.re), active_level_db(x.im), 1.5f);
    }
}
END_TEST

START_TEST(clean_keeps_nothing_beyond_the_codec_s_band) {
    for (const Codec codec : built_codecs()) {
        const Trip done = trip(codec, 2);
        ck_assert(done.bandwidth >= 3400 && done.bandwidth <= 20000);
        double re = 0, im = 0, all = 0; // a bin 500 Hz above
        const double step = 2 * M_PI * (done.bandwidth + 500) / kSampleRate;
        for (size_t i = 0; i < kLength; i++) {
            const double window = 0.5 - 0.5 * std::cos(2 * M_PI * double(i) / kLength);
            re += window * done.signals.im[i] * std::cos(step * double(i));
            im += window * done.signals.im[i] * std::sin(step * double(i));
            all += double(done.signals.im[i]) * done.signals.im[i];
        }
        ck_assert_double_lt((re * re + im * im) / (all * kLength), 1e-9);
    }
}
END_TEST

START_TEST(g711_keeps_38_db_and_the_others_are_heard) {
    for (const Codec codec : built_codecs()) {
        const Pair x = trip(codec, 3).signals;
        double error = 0;
        for (size_t i = 0; i < kLength; i++)
            error += (x.re[i] - x.im[i]) * (x.re[i] - x.im[i]);
        const double ratio = 10 * std::log10(product(x.im, x.im, 0) / error);
        const bool simple = codec == Codec::kMuLaw || codec == Codec::kALaw;
        ck_assert_msg(simple ? ratio > 34 && ratio < 42 : ratio < 30, "%s: %f dB", name_of(codec),
                      ratio);
    }
}
END_TEST

START_TEST(silence_stays_silent) {
    for (const Codec codec : built_codecs()) {
        Random random(4);
        Convolver convolver;
        Pair both{Signal(kLength), Signal(kLength)};
        codec_round_trip(codec, random, convolver, both);
        ck_assert_float_lt(peak(both.re), 2e-3f);
        ck_assert_float_lt(peak(both.im), 1e-8f); // what transforms of pairs leak
    }
}
END_TEST

int main() {
    return support::run("codecs",
                        {g711_is_always_built, coded_and_clean_voice_stay_aligned_and_alike,
                         the_level_is_kept, clean_keeps_nothing_beyond_the_codec_s_band,
                         g711_keeps_38_db_and_the_others_are_heard, silence_stays_silent});
}

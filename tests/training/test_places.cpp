// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// What makes scenes of real places: rooms without direct path, other voices, microphones, moving
// sources, shares.
#include <fstream> // before Check, whose macro `fail` it does not bear

#include "../core/support.hpp"

#include "constants.hpp"
#include "generator/augment.hpp"
#include "generator/microphone.hpp"
#include "generator/room.hpp"
#include "generator/shares.hpp"
#include "generator/voice_warp.hpp"

#include <algorithm>
#include <cstdio>
#include <stdexcept>
#include <string>

using namespace percepnet;
using namespace percepnet::training;

namespace {

constexpr size_t kDirect = kSampleRate / 200; // 5 ms

double energy(const Signal &x, size_t first, size_t last) {
    double sum = 0;
    for (size_t i = first; i < last; i++)
        sum += double(x[i]) * x[i];
    return sum;
}

double power_at(const Signal &x, double hz) {
    double re = 0, im = 0;
    for (size_t n = 0; n < x.size(); n++) {
        const double window = 0.5 - 0.5 * std::cos(2 * M_PI * double(n) / double(x.size()));
        re += window * x[n] * std::cos(2 * M_PI * hz / kSampleRate * double(n));
        im += window * x[n] * std::sin(2 * M_PI * hz / kSampleRate * double(n));
    }
    return 10 * std::log10(re * re + im * im + 1e-30);
}

// Harmonics of 100 Hz, loudest around `formant` Hz.
Signal vowel(double formant) {
    Signal x(kSampleRate);
    for (int k = 1; k < 60; k++) {
        const double away = (100 * k - formant) / 300;
        const double amplitude = 0.001 + 0.1 * std::exp(-0.5 * away * away);
        for (size_t i = 0; i < x.size(); i++)
            x[i] +=
                float(amplitude * std::sin(2 * M_PI * 100 * k * double(i) / kSampleRate + k * k));
    }
    return x;
}

int loudest_harmonic(const Signal &x) {
    int best = 1;
    for (int k = 1; k < 60; k++)
        if (power_at(x, 100 * k) > power_at(x, 100 * best))
            best = k;
    return best;
}

std::string written(const char *text) {
    const std::string path = "test_places_shares.ini";
    std::ofstream(path) << text;
    return path;
}

bool refused(const std::string &path) {
    try {
        read_shares(path);
        return false;
    } catch (const std::runtime_error &) {
        return true;
    }
}

} // namespace

START_TEST(without_direct_part_the_first_5_ms_are_silent_and_energy_is_one) {
    for (uint64_t seed = 0; seed < 20; seed++) {
        Random random(seed);
        const Response room = simulate_room(random, 0.4f);
        for (const float direct : {0.f, 0.3f, 1.f}) {
            const Signal h = with_direct_part(room, direct);
            ck_assert_uint_eq(h.size(), room.h.size());
            ck_assert_double_eq_tol(energy(h, 0, h.size()), 1.0, 1e-3);
            const double kept = energy(h, 0, kDirect) / energy(h, kDirect, h.size());
            const double before = energy(room.h, 0, kDirect) / energy(room.h, kDirect, h.size());
            ck_assert_double_eq_tol(kept, double(direct) * direct * before, 1e-3 * before);
        }
    }
}
END_TEST

START_TEST(two_in_five_rooms_are_small) {
    int dry = 0;
    for (uint64_t seed = 0; seed < 300; seed++) {
        Random random(seed);
        dry += simulate_room(random, 0.4f).rt60 < 0.15f;
    }
    ck_assert(dry > 300 * 0.08 && dry < 300 * 0.25);
}
END_TEST

START_TEST(a_warped_voice_keeps_its_pitch_and_moves_its_formant) {
    VoiceWarp warp;
    for (const float ratio : {0.84f, 1.2f}) {
        Signal x = vowel(2000);
        warp.apply(ratio, x);
        const int wanted = int(20 * ratio + 0.5f), got = loudest_harmonic(x);
        ck_assert_msg(std::abs(got - wanted) <= 2 && std::abs(got - 20) >= 2, "%d for %d", got,
                      wanted);
        for (int k = 16; k < 24; k++) // between harmonics there is nothing
            ck_assert_double_lt(power_at(x, 100 * k + 50), power_at(x, 100 * k) - 20);
    }
}
END_TEST

START_TEST(a_warp_by_one_changes_nothing) {
    VoiceWarp warp;
    const Signal before = vowel(1500);
    Signal x = before;
    warp.apply(1.f, x);
    for (size_t i = 0; i < x.size(); i++)
        ck_assert_float_eq_tol(x[i], before[i], 1e-5f);
}
END_TEST

START_TEST(warping_leaves_what_is_above_10_khz) {
    VoiceWarp warp;
    Signal x(kSampleRate);
    for (size_t i = 0; i < x.size(); i++)
        x[i] = float(0.1 * std::sin(2 * M_PI * 12000 * double(i) / kSampleRate));
    const double before = power_at(x, 12000);
    warp.apply(1.2f, x);
    ck_assert_double_eq_tol(power_at(x, 12000), before, 0.1);
}
END_TEST

START_TEST(a_microphone_treats_both_signals_alike_and_stays_within_limits) {
    for (uint64_t seed = 0; seed < 30; seed++) {
        Random random(seed);
        Pair both{Signal(4096), Signal(4096)};
        both.re[0] = 1.f;
        both.im[0] = 0.5f;
        microphone_response(random, both);
        ck_assert_double_gt(std::abs(power_at(both.re, 300) - power_at(both.re, 9000)) +
                                std::abs(power_at(both.re, 1000) - power_at(both.re, 60)),
                            0.5);
        for (size_t i = 0; i < both.re.size(); i++) {
            ck_assert_float_eq_tol(both.im[i], 0.5f * both.re[i], 1e-6f);
            ck_assert(std::isfinite(both.re[i]));
        }
        ck_assert_double_lt(energy(both.re, 3000, 4096), 1e-6);
    }
}
END_TEST

START_TEST(a_moving_level_is_smooth_in_range_and_the_same_for_all) {
    Random random(11);
    Signal x(3 * kSampleRate, 1.f), y(3 * kSampleRate, 2.f);
    Signal *const both[] = {&x, &y};
    moving_level(random, 10.f, both, 2);
    float least = 1e9f, most = 0;
    for (size_t i = 0; i < x.size(); i++) {
        ck_assert_float_eq_tol(y[i], 2 * x[i], 1e-5f);
        ck_assert(x[i] > 0.31f && x[i] < 3.17f);
        if (i > 0)
            ck_assert_float_lt(std::abs(x[i] / x[i - 1] - 1), 3e-4f);
        least = std::min(least, x[i]);
        most = std::max(most, x[i]);
    }
    ck_assert_float_gt(most / least, 1.4f);
}
END_TEST

START_TEST(shares_come_from_a_file_and_bad_ones_are_refused) {
    const Shares usual = read_shares("");
    const Shares read = read_shares(written("# no codecs\ncodec = 0\n\ndistant = 0.75\n"));
    ck_assert_float_eq(read.codec, 0.f);
    ck_assert_float_eq(read.distant, 0.75f);
    ck_assert_float_eq(read.noise_room, usual.noise_room);
    for (const char *bad : {"codecs = 0\n", "codec 0\n", "codec = 2\n", "codec = -1\n", "codec =\n",
                            "codec = 0.1 0.2\n"})
        ck_assert_msg(refused(written(bad)), "%s", bad);
    ck_assert(refused("no such file"));
    std::remove(written("").c_str());
}
END_TEST

int main() {
    return support::run("places",
                        {without_direct_part_the_first_5_ms_are_silent_and_energy_is_one,
                         two_in_five_rooms_are_small,
                         a_warped_voice_keeps_its_pitch_and_moves_its_formant,
                         a_warp_by_one_changes_nothing, warping_leaves_what_is_above_10_khz,
                         a_microphone_treats_both_signals_alike_and_stays_within_limits,
                         a_moving_level_is_smooth_in_range_and_the_same_for_all,
                         shares_come_from_a_file_and_bad_ones_are_refused});
}

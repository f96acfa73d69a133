// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Room responses, convolution and filters of the scene generator.
#include "../core/support.hpp"

#include "constants.hpp"
#include "generator/augment.hpp"
#include "generator/room.hpp"

#include <algorithm>

using namespace percepnet;
using namespace percepnet::training;

namespace {

constexpr size_t kEarly = kSampleRate / 50; // 20 ms

double energy(const Signal &x, size_t first, size_t last) {
    double sum = 0;
    for (size_t i = first; i < last; i++)
        sum += double(x[i]) * x[i];
    return sum;
}

Response decaying_noise(float rt60) {
    Random random(1);
    Response room{Signal(24000), rt60};
    for (size_t i = 0; i < room.h.size(); i++)
        room.h[i] = random.gauss() * std::pow(10.f, -3.f * float(i) / (rt60 * kSampleRate));
    return room;
}

double power_at(const Signal &taps, double hz) {
    double re = 0, im = 0;
    for (size_t n = 0; n < taps.size(); n++) {
        const double angle = 2 * M_PI * hz / kSampleRate * double(n);
        re += taps[n] * std::cos(angle);
        im += taps[n] * std::sin(angle);
    }
    return 10 * std::log10(re * re + im * im + 1e-30);
}

} // namespace

START_TEST(the_target_keeps_20_ms_of_reflections_as_they_are) {
    const Response room = decaying_noise(0.8f);
    const Signal early = early_part(room);
    ck_assert_uint_eq(early.size(), room.h.size());
    for (size_t i = 0; i < kEarly; i++)
        ck_assert_float_eq(early[i], room.h[i]);
}
END_TEST

START_TEST(the_target_s_tail_falls_60_db_in_200_ms) {
    const Signal early = early_part(decaying_noise(0.8f));
    const double first = energy(early, kEarly, kEarly + 1200);
    const double later = energy(early, kEarly + 4800, kEarly + 6000); // 100 ms after
    ck_assert_double_eq_tol(10 * std::log10(first / later), 30.0, 1.5);
}
END_TEST

START_TEST(a_room_drier_than_the_target_stays_as_it_is) {
    const Response room = decaying_noise(0.15f);
    ck_assert(early_part(room) == room.h);
}
END_TEST

START_TEST(both_kernels_are_the_same_in_the_early_part_of_unit_energy) {
    Random random(3);
    const Pair kernel = room_kernel(decaying_noise(0.6f), random);
    ck_assert_double_eq_tol(energy(kernel.im, 0, kernel.im.size()), 1.0, 1e-3);
    for (size_t i = 0; i < kEarly; i++)
        ck_assert_float_eq(kernel.re[i], kernel.im[i]);
    ck_assert_double_gt(energy(kernel.re, kEarly, kernel.re.size()),
                        2 * energy(kernel.im, kEarly, kernel.im.size()));
}
END_TEST

START_TEST(simulated_rooms_begin_with_their_direct_path_and_decay) {
    for (uint64_t seed = 0; seed < 20; seed++) {
        Random random(seed);
        const Response room = simulate_room(random, 0.4f);
        ck_assert(room.rt60 >= 0.08f && room.rt60 <= 1.0f);
        for (const float tap : room.h)
            ck_assert(std::isfinite(tap));
        ck_assert_float_gt(std::max(room.h[0], room.h[1]), 0.0f); // the nearest sample
        const size_t size = room.h.size();
        ck_assert_double_lt(energy(room.h, size * 3 / 4, size), 0.05 * energy(room.h, 0, size));
    }
}
END_TEST

START_TEST(convolution_is_that_of_the_definition_for_both_signals) {
    Random random(5);
    Pair signal{Signal(5000), Signal(5000)}, kernel{Signal(700), {}};
    for (Signal *x : {&signal.re, &signal.im, &kernel.re})
        for (float &v : *x)
            v = random.gauss();
    const Pair before = signal;
    Convolver convolver;
    convolver.convolve(signal, kernel);
    for (const size_t n : {0u, 1u, 699u, 2500u, 4999u}) {
        double re = 0, im = 0;
        for (size_t k = 0; k < 700 && k <= n; k++) {
            re += double(kernel.re[k]) * before.re[n - k];
            im += double(kernel.re[k]) * before.im[n - k];
        }
        ck_assert_double_eq_tol(signal.re[n], re, 1e-3);
        ck_assert_double_eq_tol(signal.im[n], im, 1e-3);
    }
}
END_TEST

START_TEST(the_low_pass_passes_to_its_cut_off_and_nothing_350_hz_above) {
    for (const float cutoff : {3400.f, 8000.f, 16000.f}) {
        const Signal taps = low_pass(cutoff);
        for (const double below : {100.0, cutoff / 2.0, cutoff - 100.0})
            ck_assert_double_eq_tol(power_at(taps, below), 0.0, 0.5);
        for (const double above : {350.0, 1000.0, 5000.0})
            ck_assert_double_lt(power_at(taps, cutoff + above), -65.0);
    }
}
END_TEST

START_TEST(resampling_moves_a_tone_and_keeps_its_level) {
    Signal in(4000), out(3000);
    for (size_t i = 0; i < in.size(); i++)
        in[i] = std::sin(2.0 * M_PI * 1000.0 / kSampleRate * (double(i) - kResampleMargin));
    resample(in, 1.2f, out);
    for (size_t i = 0; i < out.size(); i++)
        ck_assert_float_eq_tol(out[i], std::sin(2.0 * M_PI * 1200.0 / kSampleRate * double(i)),
                               5e-3f);
}
END_TEST

int main() {
    return support::run("rooms", {the_target_keeps_20_ms_of_reflections_as_they_are,
                                  the_target_s_tail_falls_60_db_in_200_ms,
                                  a_room_drier_than_the_target_stays_as_it_is,
                                  both_kernels_are_the_same_in_the_early_part_of_unit_energy,
                                  simulated_rooms_begin_with_their_direct_path_and_decay,
                                  convolution_is_that_of_the_definition_for_both_signals,
                                  the_low_pass_passes_to_its_cut_off_and_nothing_350_hz_above,
                                  resampling_moves_a_tone_and_keeps_its_level});
}

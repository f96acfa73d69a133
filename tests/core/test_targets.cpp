// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Training targets (docs/algorithm.md): ideal answers on signals whose truth is known.
#include "dsp/comb_filter.hpp"
#include "generator/targets.hpp"
#include "support.hpp"

using namespace percepnet;
using namespace percepnet::training;
using support::operator+;

namespace {

std::vector<TrainingFrame> make_frames(const support::Samples &noisy, const support::Samples &clean,
                                       float bandwidth = 24000.0f) {
    Targets targets(2);
    std::vector<TrainingFrame> frames;
    for (std::size_t t = 0; t + kHop <= noisy.size(); t += kHop) {
        frames.emplace_back();
        targets.push(&noisy[t], &clean[t], bandwidth, frames.back());
    }
    return frames;
}

template <typename Get> double mean(const std::vector<TrainingFrame> &frames, Get get) {
    double sum = 0.0;
    int count = 0;
    for (std::size_t t = 30; t < frames.size(); t++)
        for (std::size_t b = 4; b < 20; b++, count++)
            sum += get(frames[t], b);
    return sum / count;
}

} // namespace

START_TEST(debiased_coherence_maps_noise_to_0_and_the_table_of_section_6_2) {
    const auto &comb = dsp::comb_weights(100.0f, 960);
    ck_assert_float_eq_tol(debiased_coherence(0.471f, comb.centre, comb.noise_gain), 0.0f, 0.03f);
    ck_assert_float_eq_tol(debiased_coherence(0.64f, comb.centre, comb.noise_gain), 0.5f, 0.02f);
    ck_assert_float_eq_tol(debiased_coherence(0.922f, comb.centre, comb.noise_gain), 0.9f, 0.02f);
    ck_assert_float_eq(debiased_coherence(-0.5f, comb.centre, comb.noise_gain), 0.0f);
    ck_assert_float_eq_tol(debiased_coherence(1.0f, comb.centre, comb.noise_gain), 1.0f, 1e-3f);
}
END_TEST

START_TEST(clean_speech_wants_full_gain_and_no_comb) {
    const auto x = support::harmonic(48000, 150.0) + support::white_noise(48000, 0.01f);
    const auto frames = make_frames(x, x);
    ck_assert_double_gt(mean(frames, [](auto &f, auto b) { return f.gain_b[b]; }), 0.999);
    ck_assert_double_lt(mean(frames, [](auto &f, auto b) { return f.strength_b[b]; }), 0.05);
}
END_TEST

START_TEST(noise_alone_wants_no_gain) {
    const auto frames =
        make_frames(support::white_noise(48000, 0.1f), support::Samples(48000, 0.0f));
    ck_assert_double_lt(mean(frames, [](auto &f, auto b) { return f.gain_b[b]; }), 1e-3);
    ck_assert_double_lt(mean(frames, [](auto &f, auto b) { return f.strength_b[b]; }), 1e-3);
}
END_TEST

START_TEST(a_voice_in_noise_wants_the_comb_filter) {
    const auto voice = support::harmonic(48000, 200.0);
    const auto frames = make_frames(voice + support::white_noise(48000, 0.03f), voice);
    ck_assert_double_gt(mean(frames, [](auto &f, auto b) { return f.strength_b[b]; }), 0.5);
}
END_TEST

START_TEST(equal_levels_want_the_gain_of_minus_3_db) {
    const auto clean = support::white_noise(96000, 0.05f, 1);
    const auto frames = make_frames(clean + support::white_noise(96000, 0.05f, 2), clean);
    ck_assert_double_eq_tol(mean(frames, [](auto &f, auto b) { return f.gain_b[b]; }), 0.7071,
                            0.04);
}
END_TEST

START_TEST(bands_above_the_known_bandwidth_weigh_little) {
    const auto x = support::white_noise(9600, 0.1f);
    for (const auto &frame : make_frames(x, x, 8000.0f))
        for (std::size_t b = 0; b < kBands; b++)
            ck_assert(float(kBandCentre[b]) * 50.0f <= 8000.0f || frame.gain_weight_b[b] < 0.5f);
}
END_TEST

START_TEST(targets_of_anything_are_finite_and_in_range) {
    const support::Samples silence(9600, 0.0f);
    const auto noise = support::white_noise(9600, 0.3f);
    const auto voice = support::harmonic(9600, 100.0);
    for (const auto *noisy : {&silence, &noise, &voice})
        for (const auto *clean : {&silence, &noise, &voice})
            for (const auto &frame : make_frames(*noisy, *clean))
                for (std::size_t b = 0; b < kBands; b++) {
                    for (const float v :
                         {frame.gain_b[b], frame.strength_b[b], frame.gain_weight_b[b],
                          frame.strength_weight_b[b], frame.attenuation_b[b]})
                        ck_assert(v >= 0.0f && v <= 1.0f);
                    ck_assert(std::isfinite(frame.features[b]));
                }
}
END_TEST

START_TEST(speech_activity_marks_the_loud_part) {
    std::vector<float> energy(300, 1e-9f), active(300);
    std::fill(energy.begin() + 100, energy.begin() + 200, 1.0f);
    speech_activity(energy.data(), 300, active.data());
    ck_assert_float_eq(active[50], 0.0f);
    ck_assert_float_eq(active[150], 1.0f);
    ck_assert_float_eq(active[203], 1.0f);
    ck_assert_float_eq(active[250], 0.0f);
}
END_TEST

int main() {
    return support::run(
        "targets",
        {debiased_coherence_maps_noise_to_0_and_the_table_of_section_6_2,
         clean_speech_wants_full_gain_and_no_comb, noise_alone_wants_no_gain,
         a_voice_in_noise_wants_the_comb_filter, equal_levels_want_the_gain_of_minus_3_db,
         bands_above_the_known_bandwidth_weigh_little, targets_of_anything_are_finite_and_in_range,
         speech_activity_marks_the_loud_part});
}

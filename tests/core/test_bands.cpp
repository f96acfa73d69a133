// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// ERB bands, post-filter, band scaling and comb mixing.
#include <algorithm>
#include <array>
#include <complex>

#include "dsp/erb_bands.hpp"
#include "dsp/features.hpp"
#include "dsp/fine_spectrum.hpp"
#include "dsp/gains.hpp"
#include "dsp/post_filter.hpp"
#include "dsp/stft.hpp"
#include "support.hpp"

using namespace percepnet;
using namespace percepnet::dsp;

namespace {

double triangle(std::size_t b, int k) {
    if (k == kBandCentre[b])
        return 1.0;
    if (b > 0 && k > kBandCentre[b - 1] && k < kBandCentre[b])
        return double(k - kBandCentre[b - 1]) / (kBandCentre[b] - kBandCentre[b - 1]);
    if (b + 1 < kBands && k > kBandCentre[b] && k < kBandCentre[b + 1])
        return double(kBandCentre[b + 1] - k) / (kBandCentre[b + 1] - kBandCentre[b]);
    return 0.0;
}

Spectrum noise_spectrum(unsigned seed) {
    Spectrum spectrum;
    analyse(support::white_noise(kWindow, 0.1f, seed).data(), spectrum);
    return spectrum;
}

} // namespace

START_TEST(triangles_sum_to_one_up_to_20_khz) {
    for (int k = 0; k <= kBandCentre[kBands - 1]; k++) {
        BinVector one;
        one.value[k] = 1.0f;
        BandVector sum_b;
        band_sum(one, sum_b);
        double sum = 0.0;
        for (const float value : sum_b)
            sum += value;
        ck_assert_double_eq_tol(sum, 1.0, 1e-6);
    }
}
END_TEST

START_TEST(energy_and_correlation_equal_the_definition) {
    const Spectrum a = noise_spectrum(1), c = noise_spectrum(2);
    BandVector energy_b, correlation_b;
    band_energy(a, energy_b);
    band_correlation(a, c, correlation_b);
    for (std::size_t b = 0; b < kBands; b++) {
        double energy = 0.0, correlation = 0.0;
        for (int k = 0; k < kBins; k++) {
            energy += triangle(b, k) * (double(a.re[k]) * a.re[k] + double(a.im[k]) * a.im[k]);
            correlation += triangle(b, k) * (double(a.re[k]) * c.re[k] + double(a.im[k]) * c.im[k]);
        }
        ck_assert_double_eq_tol(energy_b[b], energy, 1e-5 * energy);
        ck_assert_double_eq_tol(correlation_b[b], correlation, 1e-5 * energy);
    }
}
END_TEST

START_TEST(interpolation_is_linear_between_centres_and_constant_above) {
    BandVector value_b;
    for (std::size_t b = 0; b < kBands; b++)
        value_b[b] = float(b * b) / 100.0f;
    BinVector value;
    interpolate(value_b, value);
    for (int k = 0; k < kBins; k++) {
        double expected = 0.0;
        for (std::size_t b = 0; b < kBands; b++)
            expected += triangle(b, std::min(k, kBandCentre[kBands - 1])) * value_b[b];
        ck_assert_double_eq_tol(value.value[k], expected, 1e-4);
    }
}
END_TEST

START_TEST(post_filter_of_strength_0_changes_nothing) {
    BandVector gain_b, energy_b, out_b;
    for (std::size_t b = 0; b < kBands; b++) {
        gain_b[b] = float(b) / kBands;
        energy_b[b] = 1.0f;
    }
    for (const float voice : {0.0f, 0.3f, 1.0f}) {
        post_filter(gain_b, energy_b, voice, 0.0f, out_b);
        for (std::size_t b = 0; b < kBands; b++)
            ck_assert_float_eq(out_b[b], gain_b[b]);
    }
}
END_TEST

START_TEST(post_filter_up_to_a_half_leaves_frames_with_voice) {
    BandVector gain_b, energy_b, out_b;
    for (std::size_t b = 0; b < kBands; b++) {
        gain_b[b] = float(b) / kBands;
        energy_b[b] = float(b % 5);
    }
    for (const float strength : {0.25f, 0.5f}) {
        post_filter(gain_b, energy_b, 1.0f, strength, out_b);
        for (std::size_t b = 0; b < kBands; b++)
            ck_assert_float_eq(out_b[b], gain_b[b]);
    }
}
END_TEST

// The less voice, and the stronger, the lower; equal gains are never raised.
START_TEST(post_filter_lowers_more_the_less_voice_there_is) {
    BandVector gain_b, energy_b, out_b;
    gain_b.fill(0.1f);
    energy_b.fill(0.01f);
    for (const float strength : {0.1f, 0.3f, 0.5f, 0.7f, 1.0f}) {
        float before = 0.0f;
        for (float voice = 0.0f; voice <= 1.0f; voice += 0.1f) {
            post_filter(gain_b, energy_b, voice, strength, out_b);
            ck_assert(out_b[7] >= before && out_b[7] <= 0.1f);
            before = out_b[7];
        }
    }
    for (const float voice : {0.0f, 0.4f, 0.8f}) {
        float before = 0.1f;
        for (float strength = 0.0f; strength <= 1.0f; strength += 0.1f) {
            post_filter(gain_b, energy_b, voice, strength, out_b);
            ck_assert_float_le(out_b[7], before);
            before = out_b[7];
        }
    }
}
END_TEST

// By the formulas of docs/algorithm.md.
START_TEST(post_filter_between_words_gives_the_documented_values) {
    const struct {
        float voice, strength, out_db; // of a gain of -20 dB in all bands
    } table[] = {{0.0f, 0.5f, -95.1f}, {0.5f, 0.5f, -35.9f}, {0.0f, 0.25f, -35.9f}};
    BandVector gain_b, energy_b, out_b;
    gain_b.fill(0.1f);
    energy_b.fill(0.01f);
    for (const auto &row : table) {
        post_filter(gain_b, energy_b, row.voice, row.strength, out_b);
        ck_assert_float_eq_tol(20.0f * std::log10(out_b[3]), row.out_db, 0.1f);
    }
}
END_TEST

// docs/algorithm.md: what it makes of one gain in all bands.
START_TEST(post_filter_of_uniform_gains_gives_the_published_values) {
    const struct {
        float in, out;
    } table[] = {{1.0f, 1.0f}, {0.5f, 0.486f}, {0.3f, 0.250f}, {0.2f, 0.113f}, {0.1f, 0.017f}};
    for (const auto &row : table) {
        BandVector gain_b, energy_b, out_b;
        gain_b.fill(row.in);
        energy_b.fill(0.01f);
        post_filter(gain_b, energy_b, 1.0f, 1.0f, out_b);
        ck_assert_float_eq_tol(out_b[10], row.out, 2e-3f);
    }
}
END_TEST

START_TEST(post_filter_lifts_clean_bands_by_5_5_db_at_most) {
    float most = 0.0f;
    for (float low = 0.0f; low < 1.0f; low += 0.02f) {
        BandVector gain_b, energy_b, out_b;
        gain_b.fill(low);
        energy_b.fill(1.0f);
        gain_b[0] = 1.0f;
        post_filter(gain_b, energy_b, 1.0f, 1.0f, out_b);
        most = std::max(most, out_b[0]);
    }
    ck_assert_float_gt(most, 1.2f);
    ck_assert_float_lt(most, 1.90f); // 5.57 dB
}
END_TEST

START_TEST(scaling_gives_each_band_the_wanted_magnitude) {
    const Spectrum noisy = noise_spectrum(3), comb = noise_spectrum(4);
    BandVector energy_b, strength_b, gain_b, result_b;
    band_energy(noisy, energy_b);
    strength_b.fill(0.5f); // independent signals: the mix has half the energy
    gain_b.fill(0.8f);
    Spectrum mixed;
    mix_comb(noisy, comb, strength_b, mixed);
    scale_bands(mixed, gain_b, energy_b);
    band_energy(mixed, result_b);
    for (std::size_t b = 12; b < kBands; b++) // wide enough for the interpolated gain to be right
        ck_assert_float_eq_tol(std::sqrt(result_b[b] / energy_b[b]), 0.8f, 0.12f);
}
END_TEST

START_TEST(unit_gain_without_comb_is_the_identity) {
    const Spectrum noisy = noise_spectrum(5);
    BandVector energy_b, strength_b, gain_b;
    gain_b.fill(1.0f);
    band_energy(noisy, energy_b);
    Spectrum out;
    mix_comb(noisy, noise_spectrum(6), strength_b, out);
    scale_bands(out, gain_b, energy_b);
    ck_assert_double_lt(support::error_db(noisy.re, out.re, kBins), -120.0);
    ck_assert_double_lt(support::error_db(noisy.im, out.im, kBins), -120.0);
}
END_TEST

START_TEST(features_of_silence_and_of_full_scale_stay_in_range) {
    for (const float energy : {0.0f, 1e-10f, 1.0f, 1e5f}) {
        BandVector energy_b, coherence_b;
        energy_b.fill(energy);
        coherence_b.fill(-1.0f);
        std::array<float, kFeatures> features;
        make_features(energy_b, coherence_b, {float(kMaxPeriod), 1.0f}, features.data());
        for (const float f : features)
            ck_assert_float_le(std::fabs(f), 3.0f);
    }
}
END_TEST

START_TEST(fine_power_equals_the_definition) {
    const auto x = support::white_noise(kFineWindow, 0.1f, 7);
    FinePower power{};
    add_fine_power(x.data(), 0.25f, power);
    std::vector<double> reference, result;
    for (int k = 0; k < kFineBins; k += 7) {
        std::complex<double> sum = 0.0;
        for (int n = 0; n < kFineWindow; n++) {
            const double hann = std::pow(std::sin(M_PI * n / kFineWindow), 2);
            sum += std::polar(hann * x[std::size_t(n)], -2.0 * M_PI * n * k / kFineWindow);
        }
        reference.push_back(0.25 * std::norm(sum) * kHop / (0.375 * kFineWindow));
        result.push_back(power.at(k));
    }
    ck_assert_double_lt(support::error_db(reference, result, reference.size()), -110.0);
}
END_TEST

// Each part tells the power of its own bins.
START_TEST(fine_features_follow_a_tone_from_part_to_part) {
    int last = 11;
    for (int k = 8; k < 1266; k += 5) {
        support::Samples x(kFineWindow);
        for (int n = 0; n < kFineWindow; n++)
            x[std::size_t(n)] = 0.1f * float(std::cos(2.0 * M_PI * k * n / kFineWindow));
        FinePower power{};
        add_fine_power(x.data(), 1.0f, power);
        std::array<float, kFineFeatures> part;
        make_fine_features(power, part.data());
        const int loudest = int(std::max_element(part.begin(), part.end()) - part.begin());
        ck_assert_int_ge(loudest, last);
        ck_assert_int_le(loudest, last + 5);
        last = loudest;
    }
    ck_assert_int_eq(last, kFineFeatures - 1);
}
END_TEST

START_TEST(fine_features_of_silence_and_of_full_scale_stay_in_range) {
    for (const float level : {0.0f, 1e-10f, 1.0f}) {
        const support::Samples x(kFineWindow, level);
        FinePower power{};
        add_fine_power(x.data(), 1.0f, power);
        std::array<float, kFineFeatures> part;
        make_fine_features(power, part.data());
        for (const float f : part)
            ck_assert_float_le(std::fabs(f), 3.0f);
    }
}
END_TEST

int main() {
    return support::run(
        "bands",
        {fine_power_equals_the_definition, fine_features_follow_a_tone_from_part_to_part,
         fine_features_of_silence_and_of_full_scale_stay_in_range,
         triangles_sum_to_one_up_to_20_khz, energy_and_correlation_equal_the_definition,
         interpolation_is_linear_between_centres_and_constant_above,
         post_filter_of_strength_0_changes_nothing,
         post_filter_up_to_a_half_leaves_frames_with_voice,
         post_filter_lowers_more_the_less_voice_there_is,
         post_filter_between_words_gives_the_documented_values,
         post_filter_of_uniform_gains_gives_the_published_values,
         post_filter_lifts_clean_bands_by_5_5_db_at_most,
         scaling_gives_each_band_the_wanted_magnitude, unit_gain_without_comb_is_the_identity,
         features_of_silence_and_of_full_scale_stay_in_range});
}

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The transform, the window and overlap-add against slow double-precision references.
#include <complex>

#include "dsp/fft.hpp"
#include "dsp/stft.hpp"
#include "dsp/window.hpp"
#include "support.hpp"

using namespace percepnet;
using namespace percepnet::dsp;

START_TEST(fft_of_noise_equals_the_definition) {
    const auto x = support::white_noise(kWindow, 0.1f);
    Spectrum spectrum;
    fft_forward(x.data(), spectrum);
    std::vector<double> reference, result;
    for (int k = 0; k < kBins; k++) {
        std::complex<double> sum = 0.0;
        for (int n = 0; n < kWindow; n++)
            sum += std::polar(double(x[std::size_t(n)]), -2.0 * M_PI * n * k / kWindow);
        reference.insert(reference.end(), {sum.real(), sum.imag()});
        result.insert(result.end(), {spectrum.re[k], spectrum.im[k]});
    }
    ck_assert_double_lt(support::error_db(reference, result, reference.size()), -130.0);
}
END_TEST

START_TEST(fft_of_an_impulse_at_any_place_is_flat) {
    for (int place = 0; place < kWindow; place += 37) {
        float x[kWindow] = {};
        x[place] = 1.0f;
        Spectrum spectrum;
        fft_forward(x, spectrum);
        for (int k = 0; k < kBins; k++)
            ck_assert_double_eq_tol(std::hypot(spectrum.re[k], spectrum.im[k]), 1.0, 1e-5);
    }
}
END_TEST

START_TEST(inverse_after_forward_is_the_identity) {
    const auto x = support::white_noise(kWindow, 0.1f, 2);
    Spectrum spectrum;
    float back[kWindow];
    fft_forward(x.data(), spectrum);
    fft_inverse(spectrum, back);
    ck_assert_double_lt(support::error_db(x, back, kWindow), -125.0);
}
END_TEST

START_TEST(window_is_power_complementary_and_symmetric) {
    for (std::size_t n = 0; n < kHop; n++) {
        const double a = kVorbisWindow[n], b = kVorbisWindow[n + kHop];
        ck_assert_double_eq_tol(a * a + b * b, 1.0, 1e-6);
        ck_assert_float_eq_tol(kVorbisWindow[n], kVorbisWindow[kWindow - 1 - n], 1e-6f);
    }
}
END_TEST

START_TEST(overlap_add_of_the_analysis_is_the_identity_below_120_db) {
    constexpr std::size_t kHops = 50;
    const auto x = support::white_noise((kHops + 1) * kHop, 0.1f, 3);
    Synthesis synthesis;
    std::vector<float> out;
    for (std::size_t t = 0; t < kHops; t++) {
        Spectrum spectrum;
        float hop[kHop];
        analyse(&x[t * kHop], spectrum);
        synthesis.add(spectrum, hop);
        out.insert(out.end(), hop, hop + kHop);
    }
    // The first hop lacks the frame before it.
    ck_assert_double_lt(support::error_db(x.data() + kHop, out.data() + kHop, (kHops - 1) * kHop),
                        -120.0);
}
END_TEST

int main() {
    return support::run("transform",
                        {fft_of_noise_equals_the_definition, fft_of_an_impulse_at_any_place_is_flat,
                         inverse_after_forward_is_the_identity,
                         window_is_power_complementary_and_symmetric,
                         overlap_add_of_the_analysis_is_the_identity_below_120_db});
}

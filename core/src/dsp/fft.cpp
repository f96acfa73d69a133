// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "dsp/fft.hpp"

#include <array>
#include <cmath>

#include "kernels/kernels.hpp"

namespace percepnet::dsp {
namespace {

constexpr int kPoints = kWindow / 2;

// cos and sin of 2 pi k / 960 for k = 0..480, padded.
struct Rotation {
    alignas(64) float cosine[Spectrum::kPadded];
    alignas(64) float sine[Spectrum::kPadded];
    Rotation() {
        for (int k = 0; k < Spectrum::kPadded; k++) {
            const double angle = 2.0 * M_PI * k / kWindow;
            cosine[k] = float(std::cos(angle));
            sine[k] = float(std::sin(angle));
        }
    }
};

const kernels::Fft480Twiddles twiddles = [] {
    kernels::Fft480Twiddles t;
    for (int n1 = 0; n1 < 16; n1++)
        for (int k2 = 0; k2 < 30; k2++) {
            const double angle = -2.0 * M_PI * n1 * k2 / kPoints;
            t.re[k2 * 16 + n1] = float(std::cos(angle));
            t.im[k2 * 16 + n1] = float(std::sin(angle));
        }
    for (int n = 0; n < 30; n++) {
        t.re30[n] = float(std::cos(2.0 * M_PI * n / 30));
        t.im30[n] = float(-std::sin(2.0 * M_PI * n / 30));
    }
    for (int n = 0; n < 16; n++) {
        t.re16[n] = float(std::cos(2.0 * M_PI * n / 16));
        t.im16[n] = float(-std::sin(2.0 * M_PI * n / 16));
    }
    return t;
}();

const Rotation rotation;

} // namespace

void fft_forward(const float *samples, Spectrum &spectrum) noexcept {
    alignas(64) float re[kPoints], im[kPoints];
    for (int n = 0; n < kPoints; n++) {
        re[n] = samples[2 * n];
        im[n] = samples[2 * n + 1];
    }
    Spectrum z;
    kernels::active().fft480(re, im, z.re, z.im, twiddles);
    z.re[kPoints] = z.re[0];
    z.im[kPoints] = z.im[0];
    kernels::active().join_halves(z.re, z.im, rotation.cosine, rotation.sine, spectrum.re,
                                  spectrum.im);
    spectrum.re[kPoints] = z.re[0] - z.im[0];
    spectrum.im[kPoints] = 0.0f;
}

void fft_complex(const float *re, const float *im, Spectrum &spectrum) noexcept {
    kernels::active().fft480(re, im, spectrum.re, spectrum.im, twiddles);
}

void fft_inverse(const Spectrum &spectrum, float *samples) noexcept {
    alignas(64) float re[kPoints], im[kPoints];
    // Conjugate in, conjugate out: the inverse by the forward transform.
    kernels::active().split_halves(spectrum.re, spectrum.im, rotation.cosine, rotation.sine, re,
                                   im);
    Spectrum z;
    kernels::active().fft480(re, im, z.re, z.im, twiddles);
    constexpr float kScale = 1.0f / kWindow;
    for (int n = 0; n < kPoints; n++) {
        samples[2 * n] = kScale * z.re[n];
        samples[2 * n + 1] = -kScale * z.im[n];
    }
}

} // namespace percepnet::dsp

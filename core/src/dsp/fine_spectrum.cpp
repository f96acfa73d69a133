// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "dsp/fine_spectrum.hpp"

#include <algorithm>
#include <cmath>

#include "dsp/features.hpp"
#include "dsp/fft.hpp"

namespace percepnet::dsp {
namespace {

constexpr int kFactor = kFineWindow / kWindow; // three transforms of interleaved samples

// The window, and exp(-2 pi i r k / kFineWindow) for r = 1, 2.
struct Tables {
    alignas(64) float window[kFineWindow];
    alignas(64) float cos1[Spectrum::kPadded], sin1[Spectrum::kPadded];
    alignas(64) float cos2[Spectrum::kPadded], sin2[Spectrum::kPadded];

    Tables() {
        // Sum of squares: of Hann 3/8 kFineWindow, of the frame's window kHop.
        const double scale = std::sqrt(kHop / (0.375 * kFineWindow));
        for (int n = 0; n < kFineWindow; n++)
            window[n] = float(scale * (0.5 - 0.5 * std::cos(2.0 * M_PI * n / kFineWindow)));
        for (int k = 0; k < Spectrum::kPadded; k++) {
            const double angle = -2.0 * M_PI * k / kFineWindow;
            cos1[k] = float(std::cos(angle));
            sin1[k] = float(std::sin(angle));
            cos2[k] = float(std::cos(2.0 * angle));
            sin2[k] = float(std::sin(2.0 * angle));
        }
    }
};

const Tables tables;

// First bin of each part, and the bin after its last one.
struct Parts {
    std::array<int, kFineFeatures> first{}, end{};

    Parts() {
        for (int i = 0; i < kFineFeatures; i++) {
            const auto at = std::size_t(i);
            first[at] = edge(i / kFineParts, i % kFineParts);
            end[at] = std::max(first[at] + 1, edge(i / kFineParts, i % kFineParts + 1));
        }
    }

    // Twice the bin half-way between the centres of bands b - 1 and b. The last band reaches as
    // far up as down.
    static int twice_below(int b) {
        const auto centre = [](int i) { return kFactor * kBandCentre[std::size_t(i)]; };
        if (b == 0)
            return 0;
        return b < kBands ? centre(b - 1) + centre(b) : 3 * centre(b - 1) - centre(b - 2);
    }
    static int edge(int b, int part) {
        const int low = twice_below(b), high = twice_below(b + 1);
        return (kFineParts * low + (high - low) * part) / (2 * kFineParts);
    }
};

const Parts parts;

} // namespace

// X(k + 960 m) = F0(k) + v^m w^k F1(k) + v^2m w^2k F2(k), w = exp(-2 pi i / 2880),
// v = exp(-2 pi i / 3), Fr the transform of every third sample from the r-th on. As the samples are
// real, k = 0..480 with m = 0, 1, 2 gives the bins k, 960 + k and 960 - k.
void add_fine_power(const float *samples, float share, FinePower &power) noexcept {
    constexpr float kSin = 0.86602540378443865f;
    Spectrum f[kFactor];
    for (int r = 0; r < kFactor; r++) {
        alignas(64) float third[kWindow];
        for (int n = 0; n < kWindow; n++)
            third[n] = tables.window[kFactor * n + r] * samples[kFactor * n + r];
        fft_forward(third, f[r]);
    }
    const auto add = [&](int k, float re, float im) {
        power.value[k] += share * (re * re + im * im);
    };
    for (int k = 0; k < kBins; k++) {
        const float re1 = tables.cos1[k] * f[1].re[k] - tables.sin1[k] * f[1].im[k];
        const float im1 = tables.cos1[k] * f[1].im[k] + tables.sin1[k] * f[1].re[k];
        const float re2 = tables.cos2[k] * f[2].re[k] - tables.sin2[k] * f[2].im[k];
        const float im2 = tables.cos2[k] * f[2].im[k] + tables.sin2[k] * f[2].re[k];
        const float sum_re = re1 + re2, sum_im = im1 + im2;
        const float side_re = kSin * (im1 - im2), side_im = kSin * (re2 - re1);
        const float middle_re = f[0].re[k] - 0.5f * sum_re;
        const float middle_im = f[0].im[k] - 0.5f * sum_im;
        add(k, f[0].re[k] + sum_re, f[0].im[k] + sum_im);
        add(kWindow + k, middle_re + side_re, middle_im + side_im);
        if (k > 0 && k < kHop)
            add(kWindow - k, middle_re - side_re, middle_im - side_im);
    }
}

void make_fine_features(const FinePower &power, float *part) noexcept {
    for (std::size_t i = 0; i < kFineFeatures; i++) {
        float sum = 0.0f;
        for (int k = parts.first[i]; k < parts.end[i]; k++)
            sum += power.value[k];
        part[i] = 0.4f * (log_energy(sum / float(parts.end[i] - parts.first[i])) - 3.0f);
    }
}

} // namespace percepnet::dsp

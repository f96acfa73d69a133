// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "dsp/fine_spectrum.hpp"

#include <algorithm>
#include <cmath>

#include "dsp/features.hpp"
#include "dsp/fft.hpp"
#include "kernels/kernels.hpp"

namespace percepnet::dsp {
namespace {

constexpr int kFactor = kFineWindow / kWindow;
constexpr int kPaddedFeatures =
    (kFineFeatures + kernels::kLanes - 1) / kernels::kLanes * kernels::kLanes;

// Complex values exp(-2 pi i n / points), n < count.
template <int kCount> struct Roots {
    alignas(64) float re[kCount], im[kCount];
    explicit Roots(int points) {
        for (int n = 0; n < kCount; n++) {
            re[n] = float(std::cos(-2.0 * M_PI * n / points));
            im[n] = float(std::sin(-2.0 * M_PI * n / points));
        }
    }
};

struct Tables {
    alignas(64) float window[kFineWindow];
    Roots<kWindow> fine{kFineWindow};
    Roots<kHop> half{kWindow};

    Tables() {
        // Sum of squares: of Hann 3/8 kFineWindow, of the frame's window kHop.
        const double scale = std::sqrt(kHop / (0.375 * kFineWindow));
        for (int n = 0; n < kFineWindow; n++)
            window[n] = float(scale * (0.5 - 0.5 * std::cos(2.0 * M_PI * n / kFineWindow)));
    }
};

const Tables tables;

// Where FinePower has bin k: first come the bins 3 m, then 6 m + 1 and 6 m + 4 with the bins above
// the middle as those below, of which they are the conjugates.
int place_of(int k) {
    if (k % 3 == 0)
        return k / 3;
    if (k % 3 == 2)
        k = kFineWindow - k;
    return Spectrum::kPadded + (k % 6 == 1 ? 0 : kHop) + k / 6;
}

// First bin of each part, and the bin after its last one.
struct Parts {
    std::array<int, kFineFeatures> first{}, end{};
    std::array<float, kFineFeatures> share{}; // 1 / bins
    std::array<int, kFineBins> place{};

    Parts() {
        for (int i = 0; i < kFineFeatures; i++) {
            const auto at = std::size_t(i);
            first[at] = edge(i / kFineParts, i % kFineParts);
            end[at] = std::max(first[at] + 1, edge(i / kFineParts, i % kFineParts + 1));
            share[at] = 1.0f / float(end[at] - first[at]);
        }
        for (int k = 0; k < kFineBins; k++)
            place[std::size_t(k)] = place_of(k);
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

void add_power(const float *re, const float *im, int count, float share, float *power) noexcept {
    for (int k = 0; k < count; k++)
        power[k] += share * (re[k] * re[k] + im[k] * im[k]);
}

} // namespace

float FinePower::at(int k) const noexcept {
    return value[place_of(k)];
}

// With w = exp(-2 pi i / 2880), v = exp(-2 pi i / 3) and samples a, b, c of the three thirds:
// X(3 m) is the transform of a + b + c, and X(3 m + 1) that of y(n) = w^n (a + v b + v^2 c). The
// latter's even bins are the transform of y(n) + y(n + 480), its odd ones that of
// exp(-2 pi i n / 960) (y(n) - y(n + 480)).
void add_fine_power(const float *samples, float share, FinePower &power) noexcept {
    constexpr float kSin = 0.86602540378443865f;
    alignas(64) float sum[kWindow], re[kWindow], im[kWindow];
    const float *window = tables.window;
    for (int n = 0; n < kWindow; n++) {
        const float a = window[n] * samples[n];
        const float b = window[n + kWindow] * samples[n + kWindow];
        const float c = window[n + 2 * kWindow] * samples[n + 2 * kWindow];
        sum[n] = a + (b + c);
        const float y_re = a - 0.5f * (b + c), y_im = kSin * (c - b);
        re[n] = tables.fine.re[n] * y_re - tables.fine.im[n] * y_im;
        im[n] = tables.fine.re[n] * y_im + tables.fine.im[n] * y_re;
    }
    Spectrum spectrum;
    fft_forward(sum, spectrum);
    add_power(spectrum.re, spectrum.im, kBins, share, power.value);
    alignas(64) float odd_re[kHop], odd_im[kHop];
    for (int n = 0; n < kHop; n++) {
        const float y_re = re[n] - re[n + kHop], y_im = im[n] - im[n + kHop];
        odd_re[n] = tables.half.re[n] * y_re - tables.half.im[n] * y_im;
        odd_im[n] = tables.half.re[n] * y_im + tables.half.im[n] * y_re;
        re[n] += re[n + kHop];
        im[n] += im[n + kHop];
    }
    fft_complex(re, im, spectrum);
    add_power(spectrum.re, spectrum.im, kHop, share, power.value + Spectrum::kPadded);
    fft_complex(odd_re, odd_im, spectrum);
    add_power(spectrum.re, spectrum.im, kHop, share, power.value + Spectrum::kPadded + kHop);
}

void make_fine_features(const FinePower &power, float *part) noexcept {
    alignas(64) float mean[kPaddedFeatures] = {};
    for (std::size_t i = 0; i < kFineFeatures; i++) {
        float sum = 0.0f;
        for (int k = parts.first[i]; k < parts.end[i]; k++)
            sum += power.value[parts.place[std::size_t(k)]];
        mean[i] = sum * parts.share[i];
    }
    for (std::size_t i = 0; i < kFineFeatures; i++)
        mean[i] = kEnergyFloor + kEnergyScale * mean[i];
    kernels::active().log2(mean, kPaddedFeatures);
    constexpr float kLog10Of2 = 0.301029995663981f;
    for (std::size_t i = 0; i < kFineFeatures; i++)
        part[i] = 0.4f * (kLog10Of2 * mean[i] - 3.0f);
}

} // namespace percepnet::dsp

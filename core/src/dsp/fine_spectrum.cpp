// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "dsp/fine_spectrum.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <type_traits>

#include "dsp/features.hpp"
#include "dsp/fft.hpp"
#include "kernels/kernels.hpp"

namespace percepnet::dsp {
namespace {

static_assert(kFineWindow == 2880 && kWindow == 960 && kHop == 480);

constexpr int kFactor = kFineWindow / kWindow;
constexpr int kPaddedFeatures =
    (kFineFeatures + kernels::kLanes - 1) / kernels::kLanes * kernels::kLanes;

const kernels::Fold2880Tables tables = [] {
    kernels::Fold2880Tables t;
    // Sum of squares: of Hann 3/8 kFineWindow, of the frame's window kHop.
    const double scale = std::sqrt(kHop / (0.375 * kFineWindow));
    for (int n = 0; n < kFineWindow; n++)
        t.window[n] = float(scale * (0.5 - 0.5 * std::cos(2.0 * M_PI * n / kFineWindow)));
    for (int n = 0; n < kWindow; n++) {
        t.root_re[n] = float(std::cos(-2.0 * M_PI * n / kFineWindow));
        t.root_im[n] = float(std::sin(-2.0 * M_PI * n / kFineWindow));
    }
    for (int n = 0; n < kHop; n++) {
        t.half_root_re[n] = float(std::cos(-2.0 * M_PI * n / kWindow));
        t.half_root_im[n] = float(std::sin(-2.0 * M_PI * n / kWindow));
    }
    return t;
}();

// Where FinePower has bin k: first come the bins 3 m, then 6 m + 1 and 6 m + 4 with the bins above
// the middle as those below, of which they are the conjugates.
int place_of(int k) {
    if (k % 3 == 0)
        return k / 3;
    if (k % 3 == 2)
        k = kFineWindow - k;
    return Spectrum::kPadded + (k % 6 == 1 ? 0 : kHop) + k / 6;
}

// Parts whose bins are added side by side, as many as the largest of them has: the bins that are
// missing at smaller ones are at a place that holds zero.
constexpr int kAbreast = 8;
constexpr int kGroups = (kFineFeatures + kAbreast - 1) / kAbreast;
constexpr int kNothing = Spectrum::kPadded - 1;
constexpr std::size_t kPlaces = 184; // of all groups, each as many as its largest part has

struct Parts {
    struct Group {
        int most = 0; // bins
        std::size_t first = 0;
    };
    std::array<Group, kGroups> groups{};
    std::array<std::array<std::int16_t, kAbreast>, kPlaces> places;
    std::array<float, kGroups * kAbreast> share{}; // 1 / bins

    Parts() {
        for (auto &place : places)
            place.fill(kNothing);
        std::size_t next = 0;
        for (int g = 0; g < kGroups; g++) {
            Group &group = groups[std::size_t(g)];
            group.first = next;
            add(g, group);
            next += std::size_t(group.most);
        }
        assert(next == kPlaces);
    }

private:
    void add(int g, Group &group) {
        for (int i = 0; i < kAbreast && g * kAbreast + i < kFineFeatures; i++) {
            const int part = g * kAbreast + i;
            const int first = edge(part / kFineParts, part % kFineParts);
            const int end = std::max(first + 1, edge(part / kFineParts, part % kFineParts + 1));
            share[std::size_t(part)] = 1.0f / float(end - first);
            group.most = std::max(group.most, end - first);
            for (int k = first; k < end; k++)
                places[group.first + std::size_t(k - first)][std::size_t(i)] =
                    std::int16_t(place_of(k));
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

// A thread may still be at work when the program exits: nothing is given back then.
static_assert(std::is_trivially_destructible_v<Parts>);
const Parts parts;

} // namespace

float FinePower::at(int k) const noexcept {
    return value[place_of(k)];
}

// With w = exp(-2 pi i / 2880), v = exp(-2 pi i / 3) and samples a, b, c of the three thirds:
// X(3 m) is the transform of a + b + c, and X(3 m + 1) that of y(n) = w^n (a + v b + v^2 c). The
// latter's even bins are the transform of y(n) + y(n + 480), its odd ones that of
// exp(-2 pi i n / 960) (y(n) - y(n + 480)).
void add_fine_power(const float *samples, float share, FinePower &power) noexcept {
    const kernels::Kernels &kernels = kernels::active();
    alignas(64) float sum[kWindow], even_re[kHop], even_im[kHop], odd_re[kHop], odd_im[kHop];
    kernels.fold2880(samples, tables, sum, even_re, even_im, odd_re, odd_im);
    Spectrum spectrum;
    const auto add = [&](float *to, int n) {
        kernels.add_power(spectrum.re, spectrum.im, n, share, to);
    };
    fft_forward(sum, spectrum);
    add(power.value, Spectrum::kPadded);
    fft_complex(even_re, even_im, spectrum);
    add(power.value + Spectrum::kPadded, kHop);
    fft_complex(odd_re, odd_im, spectrum);
    add(power.value + Spectrum::kPadded + kHop, kHop);
}

void make_fine_features(const FinePower &power, float *part) noexcept {
    alignas(64) float mean[kPaddedFeatures] = {};
    for (std::size_t g = 0; g < kGroups; g++) {
        float sum[kAbreast] = {};
        const auto *place = parts.places.data() + parts.groups[g].first;
        for (int bin = 0; bin < parts.groups[g].most; bin++, place++)
            for (std::size_t i = 0; i < kAbreast; i++)
                sum[i] += power.value[(*place)[i]];
        for (std::size_t i = 0; i < kAbreast; i++)
            mean[g * kAbreast + i] = sum[i] * parts.share[g * kAbreast + i];
    }
    for (std::size_t i = 0; i < kFineFeatures; i++)
        mean[i] = kEnergyFloor + kEnergyScale * mean[i];
    kernels::active().log2(mean, kPaddedFeatures);
    constexpr float kLog10Of2 = 0.301029995663981f;
    for (std::size_t i = 0; i < kFineFeatures; i++)
        part[i] = 0.4f * (kLog10Of2 * mean[i] - 3.0f);
}

} // namespace percepnet::dsp

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "dsp/erb_bands.hpp"

#include <array>
#include <cstdint>

#include "kernels/kernels.hpp"

namespace percepnet::dsp {
namespace {

constexpr int kLanes = kernels::kLanes;

// A multiple of 4, as run_sums() takes them: the last ones are empty.
constexpr int kRuns = (kBands + 3) / 4 * 4;

// Each triangle as weights of a run of bins, padded to whole vectors.
struct Triangles {
    std::array<std::int32_t, kRuns> first{}, size{};
    std::array<float, kBands * 2 * kLanes + 2 * Spectrum::kPadded> weight{}; // more than they need

    Triangles() {
        auto at = weight.begin();
        for (std::size_t b = 0; b < kBands; b++) {
            const int centre = kBandCentre[b];
            const int below = b > 0 ? kBandCentre[b - 1] : centre - 1;
            const int above = b + 1 < kBands ? kBandCentre[b + 1] : centre + 1;
            first[b] = below + 1;
            const int bins = above - below - 1;
            size[b] = (bins + kLanes - 1) / kLanes * kLanes;
            for (int i = 0; i < bins; i++) {
                const int k = first[b] + i;
                at[i] = k <= centre ? float(k - below) / float(centre - below)
                                    : float(above - k) / float(above - centre);
            }
            at += size[b];
        }
    }
};

const Triangles triangles;

constexpr int kAbreast = 4;

// 0, 1, 2 ...
const BinVector count_up = [] {
    BinVector count;
    for (int i = 0; i < Spectrum::kPadded; i++)
        count.value[i] = float(i);
    return count;
}();

} // namespace

void band_sum(const BinVector &value, BandVector &sum_b) noexcept {
    float sums[kRuns];
    kernels::active().run_sums(value.value, triangles.weight.data(), triangles.first.data(),
                               triangles.size.data(), kRuns, sums);
    sum_b = BandVector::Map(sums);
}

void band_energy(const Spectrum &a, BandVector &energy_b) noexcept {
    band_correlation(a, a, energy_b);
}

void band_correlation(const Spectrum &a, const Spectrum &b, BandVector &correlation_b) noexcept {
    BinVector product;
    kernels::active().bin_products(a.re, a.im, b.re, b.im, product.value, Spectrum::kPadded);
    band_sum(product, correlation_b);
}

void interpolate(const BandVector &value_b, BinVector &value) noexcept {
    for (std::size_t b = 0; b + 1 < kBands; b++) {
        const int first = kBandCentre[b], bins = kBandCentre[b + 1] - first;
        const float begin = value_b[b], step = (value_b[b + 1] - begin) / float(bins);
        float *to = value.value + first;
        for (int i = 0; i < bins; i += kAbreast) // what is too much the next band overwrites
            for (int j = 0; j < kAbreast; j++)
                to[i + j] = begin + step * count_up.value[i + j];
    }
    for (int k = kBandCentre[kBands - 1]; k < kBins; k++)
        value.value[k] = value_b[kBands - 1];
}

} // namespace percepnet::dsp

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "dsp/erb_bands.hpp"

#include <array>

#include "kernels/kernels.hpp"

namespace percepnet::dsp {
namespace {

constexpr int kLanes = kernels::kLanes;

// Each triangle as weights of a run of bins, padded to whole vectors.
struct Triangles {
    std::array<int, kBands> first{};
    std::array<int, kBands> size{};
    std::array<std::array<float, 7 * kLanes>, kBands> weight{};

    Triangles() {
        for (std::size_t b = 0; b < kBands; b++) {
            const int centre = kBandCentre[b];
            const int below = b > 0 ? kBandCentre[b - 1] : centre - 1;
            const int above = b + 1 < kBands ? kBandCentre[b + 1] : centre + 1;
            first[b] = below + 1;
            const int bins = above - below - 1;
            size[b] = (bins + kLanes - 1) / kLanes * kLanes;
            for (int i = 0; i < bins; i++) {
                const int k = first[b] + i;
                weight[b][std::size_t(i)] = k <= centre ? float(k - below) / float(centre - below)
                                                        : float(above - k) / float(above - centre);
            }
        }
    }
};

const Triangles triangles;

} // namespace

void band_sum(const BinVector &value, BandVector &sum_b) noexcept {
    const auto dot = kernels::active().dot;
    for (std::size_t b = 0; b < kBands; b++)
        sum_b[b] =
            dot(triangles.weight[b].data(), value.value + triangles.first[b], triangles.size[b]);
}

void band_energy(const Spectrum &a, BandVector &energy_b) noexcept {
    BinVector power;
    for (int k = 0; k < kBins; k++)
        power.value[k] = a.re[k] * a.re[k] + a.im[k] * a.im[k];
    band_sum(power, energy_b);
}

void band_correlation(const Spectrum &a, const Spectrum &b, BandVector &correlation_b) noexcept {
    BinVector product;
    for (int k = 0; k < kBins; k++)
        product.value[k] = a.re[k] * b.re[k] + a.im[k] * b.im[k];
    band_sum(product, correlation_b);
}

void interpolate(const BandVector &value_b, BinVector &value) noexcept {
    for (std::size_t b = 0; b + 1 < kBands; b++) {
        const int first = kBandCentre[b], bins = kBandCentre[b + 1] - first;
        const float step = (value_b[b + 1] - value_b[b]) / float(bins);
        for (int i = 0; i < bins; i++)
            value.value[first + i] = value_b[b] + step * float(i);
    }
    for (int k = kBandCentre[kBands - 1]; k < kBins; k++)
        value.value[k] = value_b[kBands - 1];
}

} // namespace percepnet::dsp

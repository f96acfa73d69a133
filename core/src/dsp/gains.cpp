// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "dsp/gains.hpp"

#include <algorithm>
#include <cmath>

namespace percepnet::dsp {

void mix_comb(const Spectrum &noisy, const Spectrum &comb, const BandVector &strength_b,
              Spectrum &mixed) noexcept {
    BinVector strength;
    interpolate(strength_b, strength);
    for (int k = 0; k < kBins; k++) {
        mixed.re[k] = noisy.re[k] + strength.value[k] * (comb.re[k] - noisy.re[k]);
        mixed.im[k] = noisy.im[k] + strength.value[k] * (comb.im[k] - noisy.im[k]);
    }
}

void scale_bands(Spectrum &spectrum, const BandVector &gain_b,
                 const BandVector &energy_b) noexcept {
    constexpr float kTiny = 1e-20f;
    BandVector mixed_b, scale_b;
    band_energy(spectrum, mixed_b);
    for (std::size_t b = 0; b < kBands; b++)
        scale_b[b] =
            std::min(kMaxBandScale, gain_b[b] * std::sqrt(energy_b[b] / (mixed_b[b] + kTiny)));
    BinVector scale;
    interpolate(scale_b, scale);
    for (int k = 0; k < kBins; k++) {
        spectrum.re[k] *= scale.value[k];
        spectrum.im[k] *= scale.value[k];
    }
}

} // namespace percepnet::dsp

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "dsp/gains.hpp"

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
    BandVector mixed_b;
    band_energy(spectrum, mixed_b);
    BinVector scale;
    interpolate((gain_b * (energy_b / (mixed_b + kTiny)).sqrt()).min(kMaxBandScale), scale);
    for (int k = 0; k < kBins; k++) {
        spectrum.re[k] *= scale.value[k];
        spectrum.im[k] *= scale.value[k];
    }
}

} // namespace percepnet::dsp

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "dsp/stft.hpp"

#include "dsp/fft.hpp"
#include "dsp/window.hpp"

namespace percepnet::dsp {

void analyse(const float *samples, Spectrum &spectrum) noexcept {
    alignas(64) float windowed[kWindow];
    for (int n = 0; n < kWindow; n++)
        windowed[n] = kVorbisWindow[std::size_t(n)] * samples[n];
    fft_forward(windowed, spectrum);
}

void Synthesis::add(const Spectrum &spectrum, float *out) noexcept {
    alignas(64) float frame[kWindow];
    fft_inverse(spectrum, frame);
    const float *window = kVorbisWindow.data();
    for (int n = 0; n < kHop; n++) {
        out[n] = overlap_[std::size_t(n)] + window[n] * frame[n];
        overlap_[std::size_t(n)] = window[n + kHop] * frame[n + kHop];
    }
}

} // namespace percepnet::dsp

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Windowed transform and weighted overlap-add, 960 samples every 480 (paper section 2).
#pragma once

#include <array>

#include "dsp/spectrum.hpp"

namespace percepnet::dsp {

// Spectrum of kWindow samples under the Vorbis window.
void analyse(const float *samples, Spectrum &spectrum) noexcept;

// Inverse transform, window and overlap-add of one signal.
class Synthesis {
public:
    // Gives the kHop samples that are complete with this frame: the first half of its support.
    void add(const Spectrum &spectrum, float *out) noexcept;
    void reset() noexcept { overlap_.fill(0.0f); }

private:
    std::array<float, kHop> overlap_{};
};

} // namespace percepnet::dsp

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// More voices out of few: another vocal tract at the same pitch and tempo.
#pragma once

#include "fft.hpp"

namespace percepnet::training {

class VoiceWarp {
public:
    VoiceWarp();
    // Moves the spectral envelope below 4 kHz by `ratio` in frequency (0.8 .. 1.25; above 1: a
    // shorter vocal tract), less above, and not from 10 kHz on. In place, without delay.
    void apply(float ratio, std::vector<float> &x);

private:
    void gains(const float *power, float ratio, float *gain);

    Fft fft_;
    std::vector<float> window_, re_, im_, out_;
};

} // namespace percepnet::training

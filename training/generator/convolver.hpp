// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Convolution of a long signal with a room response or a steep filter, by overlap-add.
#pragma once

#include "fft.hpp"

#include <map>
#include <vector>

namespace percepnet::training {

using Signal = std::vector<float>;

// Two real signals, or two real kernels, as the parts of one complex one:
//   a real signal with {full response, early response} gives both results in one go;
//   {noisy, clean} with a real filter filters both.
struct Pair {
    Signal re, im;
};

class Convolver {
public:
    // signal <- signal * kernel, cut to the length of the signal. The kernel's first sample is
    // delay 0.
    void convolve(Pair &signal, const Pair &kernel);

private:
    Fft &fft_of(int size);
    std::map<int, Fft> ffts_;
};

} // namespace percepnet::training

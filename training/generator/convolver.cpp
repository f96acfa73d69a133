// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "convolver.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace percepnet::training {
namespace {

// The power of two whose transforms (the kernel's, and two for each block) cost least.
int best_size(size_t kernel, size_t length) {
    int best = 0;
    double best_cost = 1e30;
    for (int size = 1024; size <= 131072; size *= 2) {
        if (static_cast<size_t>(size) <= kernel)
            continue;
        const size_t hop = static_cast<size_t>(size) - kernel + 1;
        const double transforms = 1.0 + 2.0 * static_cast<double>((length + hop - 1) / hop);
        const double cost = transforms * size * std::log2(size);
        if (cost < best_cost) {
            best_cost = cost;
            best = size;
        }
    }
    return best;
}

void multiply(Pair &x, const Pair &k, float scale) {
    for (size_t i = 0; i < x.re.size(); i++) {
        const float re = x.re[i] * k.re[i] - x.im[i] * k.im[i];
        const float im = x.re[i] * k.im[i] + x.im[i] * k.re[i];
        x.re[i] = re * scale;
        x.im[i] = im * scale;
    }
}

void add_to(Signal &out, size_t at, const Signal &block) {
    const size_t count = std::min(block.size(), out.size() - at);
    for (size_t i = 0; i < count; i++)
        out[at + i] += block[i];
}

void load(Signal &block, const Signal &from, size_t at, size_t count) {
    std::fill(block.begin(), block.end(), 0.f);
    if (at < from.size())
        std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(at),
                    std::min(count, from.size() - at), block.begin());
}

} // namespace

Fft &Convolver::fft_of(int size) {
    return ffts_.try_emplace(size, size).first->second;
}

void Convolver::convolve(Pair &signal, const Pair &kernel) {
    const size_t taps = std::max(kernel.re.size(), kernel.im.size());
    const int size = best_size(taps, signal.re.size());
    const size_t hop = static_cast<size_t>(size) - taps + 1;
    Fft &fft = fft_of(size);

    Pair k{Signal(size), Signal(size)}, block{Signal(size), Signal(size)};
    load(k.re, kernel.re, 0, taps);
    load(k.im, kernel.im, 0, taps);
    fft.transform(k.re.data(), k.im.data());

    const size_t length = signal.re.size();
    Pair out{Signal(length), Signal(length)};
    for (size_t at = 0; at < length; at += hop) {
        load(block.re, signal.re, at, hop);
        load(block.im, signal.im, at, hop);
        fft.transform(block.re.data(), block.im.data());
        multiply(block, k, 1.f / static_cast<float>(size));
        fft.transform(block.im.data(), block.re.data()); // exchanged: the inverse
        add_to(out.re, at, block.re);
        add_to(out.im, at, block.im);
    }
    signal = std::move(out);
}

} // namespace percepnet::training

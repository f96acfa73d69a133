// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "fft.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace percepnet::training {
namespace {

struct Split {
    float *__restrict re;
    float *__restrict im;
};

// One radix-4 butterfly from x[i + k * quarter] to y[o + k * step].
inline void butterfly(const Split x, Split y, int i, int quarter, int o, int step, const float *w) {
    const float ar = x.re[i], ai = x.im[i];
    const float br = x.re[i + quarter], bi = x.im[i + quarter];
    const float cr = x.re[i + 2 * quarter], ci = x.im[i + 2 * quarter];
    const float dr = x.re[i + 3 * quarter], di = x.im[i + 3 * quarter];
    const float er = ar + cr, ei = ai + ci, fr = ar - cr, fi = ai - ci;
    const float gr = br + dr, gi = bi + di, hr = bi - di, hi = dr - br; // h = -j (b - d)
    const float pr = fr + hr, pi = fi + hi, qr = er - gr, qi = ei - gi, sr = fr - hr, si = fi - hi;
    y.re[o] = er + gr;
    y.im[o] = ei + gi;
    y.re[o + step] = pr * w[0] - pi * w[1];
    y.im[o + step] = pr * w[1] + pi * w[0];
    y.re[o + 2 * step] = qr * w[2] - qi * w[3];
    y.im[o + 2 * step] = qr * w[3] + qi * w[2];
    y.re[o + 3 * step] = sr * w[4] - si * w[5];
    y.im[o + 3 * step] = sr * w[5] + si * w[4];
}

template <int kStride> void stage_fixed(int length, const float *factor, const Split x, Split y) {
    const int m = length / 4;
#pragma GCC ivdep
    for (int p = 0; p < m; p++)
#pragma GCC unroll 4
        for (int q = 0; q < kStride; q++)
            butterfly(x, y, q + kStride * p, kStride * m, q + kStride * 4 * p, kStride,
                      factor + 6 * p);
}

void stage_any(int length, int stride, const float *factor, const Split x, Split y) {
    const int m = length / 4;
    for (int p = 0; p < m; p++) {
        const float w[6] = {factor[6 * p],     factor[6 * p + 1], factor[6 * p + 2],
                            factor[6 * p + 3], factor[6 * p + 4], factor[6 * p + 5]};
#pragma GCC ivdep
        for (int q = 0; q < stride; q++)
            butterfly(x, y, q + stride * p, stride * m, q + stride * 4 * p, stride, w);
    }
}

void stage_two(int stride, const Split x, Split y) {
#pragma GCC ivdep
    for (int q = 0; q < stride; q++) {
        const float ar = x.re[q], ai = x.im[q], br = x.re[q + stride], bi = x.im[q + stride];
        y.re[q] = ar + br;
        y.im[q] = ai + bi;
        y.re[q + stride] = ar - br;
        y.im[q + stride] = ai - bi;
    }
}

} // namespace

Fft::Fft(int size) : size_(size), re_(size), im_(size) {
    int stride = 1;
    for (int length = size; length > 2; length /= 4, stride *= 4) {
        Stage stage{length, stride, {}};
        for (int p = 0; p < length / 4; p++)
            for (int k = 1; k <= 3; k++) {
                const double angle = -2 * M_PI * p * k / length;
                stage.factor.push_back(static_cast<float>(std::cos(angle)));
                stage.factor.push_back(static_cast<float>(std::sin(angle)));
            }
        stages_.push_back(std::move(stage));
    }
}

void Fft::transform(float *re, float *im) {
    Split x{re, im}, y{re_.data(), im_.data()};
    int stride = 1;
    for (const Stage &stage : stages_) {
        if (stage.stride == 1)
            stage_fixed<1>(stage.length, stage.factor.data(), x, y);
        else if (stage.stride == 4)
            stage_fixed<4>(stage.length, stage.factor.data(), x, y);
        else
            stage_any(stage.length, stage.stride, stage.factor.data(), x, y);
        std::swap(x, y);
        stride = stage.stride * 4;
    }
    if (stride < size_) {
        stage_two(stride, x, y);
        std::swap(x, y);
    }
    if (x.re != re) {
        std::copy_n(x.re, size_, re);
        std::copy_n(x.im, size_, im);
    }
}

} // namespace percepnet::training

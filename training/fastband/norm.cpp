// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "norm.hpp"

#include <cmath>

namespace percepnet::training {
namespace {

constexpr float kEpsilon = 1e-5f; // torch's

}

void normalise(int rows, int columns, const float *y, Bf16 *x, float *scale) {
    for (int row = 0; row < rows; row++, y += columns, x += columns) {
        __m512 sum = _mm512_setzero_ps(), square = _mm512_setzero_ps();
        for (int c = 0; c < columns; c += kLanes)
            sum = _mm512_add_ps(sum, load(y + c));
        const __m512 mean = _mm512_set1_ps(_mm512_reduce_add_ps(sum) / columns);
        for (int c = 0; c < columns; c += kLanes) {
            const __m512 d = _mm512_sub_ps(load(y + c), mean);
            square = _mm512_fmadd_ps(d, d, square);
        }
        scale[row] = 1 / std::sqrt(_mm512_reduce_add_ps(square) / columns + kEpsilon);
        const __m512 s = _mm512_set1_ps(scale[row]);
        for (int c = 0; c < columns; c += kLanes)
            store(x + c, _mm512_mul_ps(_mm512_sub_ps(load(y + c), mean), s));
    }
}

void normalise_backward(int rows, int columns, const Bf16 *x, const float *scale, const float *d_x,
                        float *d_y) {
    for (int row = 0; row < rows; row++, x += columns, d_x += columns, d_y += columns) {
        __m512 sum = _mm512_setzero_ps(), along = _mm512_setzero_ps();
        for (int c = 0; c < columns; c += kLanes) {
            sum = _mm512_add_ps(sum, load(d_x + c));
            along = _mm512_fmadd_ps(load(d_x + c), load(x + c), along);
        }
        const __m512 mean = _mm512_set1_ps(_mm512_reduce_add_ps(sum) / columns);
        const __m512 slope = _mm512_set1_ps(_mm512_reduce_add_ps(along) / columns);
        const __m512 s = _mm512_set1_ps(scale[row]);
        for (int c = 0; c < columns; c += kLanes) {
            const __m512 free = _mm512_sub_ps(load(d_x + c), mean);
            const __m512 d = _mm512_fnmadd_ps(load(x + c), slope, free);
            store(d_y + c, _mm512_fmadd_ps(d, s, load(d_y + c)));
        }
    }
}

} // namespace percepnet::training

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Plain C++ for any processor: the truth that the other levels are checked against.
#include "kernels/kernels.hpp"
#include "kernels/levels.hpp"

namespace percepnet::kernels {
namespace {

constexpr int kVectorFloats = 4;

#include "kernels/vector.inl"

#include "kernels/dsp_generic.inl"
#include "kernels/nn_generic.inl"
#include "kernels/rows_generic.inl"

// Products of 16 bits summed to 32, four rows at a time: compilers turn these loops into vector
// instructions even for the oldest processors. Blocks of x are widened once for all rows.
constexpr int kBlock = 512;

void add_rows(int32_t *y, const int8_t *w, int64_t step, const int16_t *x, int rows, int n) {
    int r = 0;
    for (; r + 4 <= rows; r += 4, w += 4 * step) {
        int32_t sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0;
        for (int c = 0; c < n; c++) {
            sum0 += static_cast<int16_t>(w[c]) * x[c];
            sum1 += static_cast<int16_t>(w[c + step]) * x[c];
            sum2 += static_cast<int16_t>(w[c + 2 * step]) * x[c];
            sum3 += static_cast<int16_t>(w[c + 3 * step]) * x[c];
        }
        y[r] += sum0;
        y[r + 1] += sum1;
        y[r + 2] += sum2;
        y[r + 3] += sum3;
    }
    for (; r < rows; r++, w += step)
        for (int c = 0; c < n; c++)
            y[r] += static_cast<int16_t>(w[c]) * x[c];
}

void matvec_s8(int32_t *y, const int8_t *w, const int8_t *x, int rows, int cols) {
    for (int r = 0; r < rows; r++)
        y[r] = 0;
    int16_t wide[kBlock];
    for (int first = 0; first < cols; first += kBlock) {
        const int n = cols - first < kBlock ? cols - first : kBlock;
        for (int c = 0; c < n; c++)
            wide[c] = x[first + c];
        add_rows(y, w + first, cols, wide, rows, n);
    }
}

#include "kernels/table.inl"

} // namespace

extern const Kernels kPlain = table("c");

} // namespace percepnet::kernels

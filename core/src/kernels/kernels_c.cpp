// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Plain C++ for any processor: the truth that the other levels are checked against.
#include "kernels/kernels.hpp"
#include "kernels/levels.hpp"

namespace percepnet::kernels {
namespace {

constexpr int kVectorFloats = 4;

#include "kernels/vector.inl"
#include "kernels/nn_generic.inl"
#include "kernels/dsp_generic.inl"

// Widened to 16 bits first, as compilers have an instruction for sums of 16-bit products.
void matvec_s8(int32_t *y, const int8_t *w, const int8_t *x, int rows, int cols) {
    for (int r = 0; r < rows; r++, w += cols) {
        int32_t sum = 0;
        for (int c = 0; c < cols; c++) {
            const int16_t a = w[c], b = x[c];
            sum += a * b;
        }
        y[r] = sum;
    }
}

#include "kernels/table.inl"

} // namespace

extern const Kernels kPlain = table("c");

} // namespace percepnet::kernels

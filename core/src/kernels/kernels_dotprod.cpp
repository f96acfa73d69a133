// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// NEON with the dot products of ARMv8.2 (2017 and later). Reached only after a check of the
// processor.
#include <arm_neon.h>

#include "kernels/kernels.hpp"
#include "kernels/levels.hpp"

namespace percepnet::kernels {
namespace {

constexpr int kVectorFloats = 4;

#include "kernels/vector.inl"

#include "kernels/neon_vector.inl"

#include "kernels/dsp_generic.inl"
#include "kernels/nn_generic.inl"
#include "kernels/rows_generic.inl"
#include "kernels/sums_generic.inl"

void matvec_s8(int32_t *y, const int8_t *w, const int8_t *x, int rows, int cols) {
    matvec_fours(y, w, x, rows, cols,
                 [](int32x4_t sum, int8x16_t row, int8x16_t v) { return vdotq_s32(sum, row, v); });
}

inline IntVector add_products(IntVector sum, ByteVector w, Spread x) {
    return reinterpret_cast<IntVector>(vdotq_s32(reinterpret_cast<int32x4_t>(sum), w, x));
}

#include "kernels/quick_gates.inl"
#include "kernels/rows_int8.inl"
#include "kernels/chains_int8.inl"
#include "kernels/table.inl"

} // namespace

extern const Kernels kDotprod = table("dotprod");

} // namespace percepnet::kernels

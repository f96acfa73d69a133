// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// NEON as every 64-bit ARM processor has it.
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

// Two products fit 16 bits: at most 2 * 127 * 127.
void matvec_s8(int32_t *y, const int8_t *w, const int8_t *x, int rows, int cols) {
    matvec_fours(y, w, x, rows, cols, [](int32x4_t sum, int8x16_t row, int8x16_t v) {
        const int16x8_t pairs = vmlal_high_s8(vmull_s8(vget_low_s8(row), vget_low_s8(v)), row, v);
        return vpadalq_s16(sum, pairs);
    });
}

// Neighbours are summed in 16 bits, then in 32.
inline IntVector add_products(IntVector sum, ByteVector w, Spread x) {
    const int16x8_t low = vmull_s8(vget_low_s8(w), vget_low_s8(x)), high = vmull_high_s8(w, x);
    return reinterpret_cast<IntVector>(
        vpadalq_s16(reinterpret_cast<int32x4_t>(sum), vpaddq_s16(low, high)));
}

#include "kernels/quick_gates.inl"
#include "kernels/rows_int8.inl"
#include "kernels/chains_int8.inl"
#include "kernels/table.inl"

} // namespace

extern const Kernels kNeon = table("neon");

} // namespace percepnet::kernels

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// AVX-512 with VNNI (x86, 2019 and later). Reached only after a check of the processor.
#include <immintrin.h>

#include "kernels/kernels.hpp"
#include "kernels/levels.hpp"

namespace percepnet::kernels {
namespace {

constexpr int kVectorFloats = 16;

#include "kernels/vector.inl"
#include "kernels/nn_generic.inl"
#include "kernels/dsp_generic.inl"

// vpdpbusd multiplies unsigned by signed bytes: w + 128 is unsigned, and 128 * sum(x) is taken off
// at the end. Its sums of four are exact (no saturation).
void matvec_s8(int32_t *y, const int8_t *w, const int8_t *x, int rows, int cols) {
    const __m512i offset = _mm512_set1_epi8(-128);
    __m512i excess = _mm512_setzero_si512();
    for (int c = 0; c < cols; c += 64) {
        const __mmask64 mask = c + 64 <= cols ? ~__mmask64(0) : (__mmask64(1) << (cols - c)) - 1;
        excess = _mm512_dpbusd_epi32(excess, offset, _mm512_maskz_loadu_epi8(mask, x + c));
    }
    for (int r = 0; r < rows; r++, w += cols) {
        __m512i sum = _mm512_sub_epi32(_mm512_setzero_si512(), excess);
        for (int c = 0; c < cols; c += 64) {
            const __mmask64 mask =
                c + 64 <= cols ? ~__mmask64(0) : (__mmask64(1) << (cols - c)) - 1;
            const __m512i row = _mm512_maskz_loadu_epi8(mask, w + c);
            sum = _mm512_dpbusd_epi32(sum, _mm512_xor_si512(row, offset),
                                      _mm512_maskz_loadu_epi8(mask, x + c));
        }
        alignas(64) int32_t lane[16];
        _mm512_store_si512(lane, sum);
        y[r] = 0;
        for (int32_t part : lane)
            y[r] += part;
    }
}

#include "kernels/table.inl"

} // namespace

extern const Kernels kAvx512Vnni = table("avx512vnni");

} // namespace percepnet::kernels

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// AVX2 (x86, 2013 and later). Compiled with -mavx2: reached only after a check of the processor.
#include <immintrin.h>

#include "kernels/kernels.hpp"
#include "kernels/levels.hpp"

namespace percepnet::kernels {
namespace {

constexpr int kVectorFloats = 8;

#include "kernels/vector.inl"
#include "kernels/nn_generic.inl"
#include "kernels/dsp_generic.inl"

inline __m256i widen(const int8_t *p) {
    return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i *>(p)));
}

inline int32_t sum_lanes(__m256i v) {
    __m128i s = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    s = _mm_add_epi32(s, _mm_shuffle_epi32(s, _MM_SHUFFLE(1, 0, 3, 2)));
    s = _mm_add_epi32(s, _mm_shuffle_epi32(s, _MM_SHUFFLE(2, 3, 0, 1)));
    return _mm_cvtsi128_si32(s);
}

// 16-bit products summed in pairs to 32 bits: cannot saturate, whatever the weights.
void matvec_s8(int32_t *y, const int8_t *w, const int8_t *x, int rows, int cols) {
    for (int r = 0; r < rows; r++, w += cols) {
        __m256i sum = _mm256_setzero_si256();
        for (int c = 0; c < cols; c += 16)
            sum = _mm256_add_epi32(sum, _mm256_madd_epi16(widen(w + c), widen(x + c)));
        y[r] = sum_lanes(sum);
    }
}

#include "kernels/table.inl"

} // namespace

extern const Kernels kAvx2 = table("avx2");

} // namespace percepnet::kernels

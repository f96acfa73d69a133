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

#include "kernels/avx2_vector.inl"

#include "kernels/dsp_generic.inl"
#include "kernels/nn_generic.inl"
#include "kernels/rows_generic.inl"

// 32 products, summed in fours. Bytes are multiplied unsigned by signed, so x gives its sign to w.
// As both stay within -127..127, sums of two fit 16 bits and nothing can saturate.
inline __m256i products(const int8_t *w, __m256i x, __m256i magnitude) {
    const __m256i pairs = _mm256_maddubs_epi16(magnitude, _mm256_sign_epi8(load_bytes(w), x));
    return _mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
}

// Four rows at a time; at the end the last row stands in for those that are missing.
void matvec_s8(int32_t *y, const int8_t *w, const int8_t *x, int rows, int cols) {
    const int64_t step = cols;
    for (int r = 0; r < rows; r += 4) {
        const int last = rows - 1 - r;
        const int8_t *row[4];
        for (int i = 0; i < 4; i++)
            row[i] = w + (r + (last < i ? last : i)) * step;
        __m256i sum[4] = {};
        for (int c = 0; c < cols; c += 32) {
            const __m256i v = load_bytes(x + c);
            const __m256i magnitude = _mm256_abs_epi8(v);
            for (int i = 0; i < 4; i++)
                sum[i] = _mm256_add_epi32(sum[i], products(row[i] + c, v, magnitude));
        }
        alignas(16) int32_t sums[4];
        _mm_store_si128(reinterpret_cast<__m128i *>(sums),
                        sum_lanes(sum[0], sum[1], sum[2], sum[3]));
        for (int i = 0; i < 4 && r + i < rows; i++)
            y[r + i] = sums[i];
    }
}

// ---- layers of rows ----

constexpr bool kUnpacks = false, kSignedInputs = false;
constexpr int kRowBlock = 4, kOutputBlock = 2, kGruBlock = 4, kChainBlock = 4;
typedef __m256i ByteVector;
typedef __m256i Spread;

inline ByteVector load_weights(const int8_t *w) {
    return load_bytes(w);
}
inline Spread spread(const uint8_t *x) {
    return spread_four(x);
}
inline IntVector add_products(IntVector sum, ByteVector w, Spread x) {
    const __m256i pairs = _mm256_maddubs_epi16(x, w);
    return sum + reinterpret_cast<IntVector>(_mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

#include "kernels/quick_gates.inl"
#include "kernels/rows_int8.inl"
#include "kernels/table.inl"

} // namespace

extern const Kernels kAvx2 = table("avx2");

} // namespace percepnet::kernels

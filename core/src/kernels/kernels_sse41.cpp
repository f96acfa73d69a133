// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// SSE4.1 (x86, 2008 and later), which includes SSSE3. Reached only after a check of the processor.
#include <immintrin.h>

#include "kernels/kernels.hpp"
#include "kernels/levels.hpp"

namespace percepnet::kernels {
namespace {

constexpr int kVectorFloats = 4;

#include "kernels/vector.inl"

inline Vector smaller(Vector a, Vector b) {
    return _mm_min_ps(a, b);
}
inline Vector larger(Vector a, Vector b) {
    return _mm_max_ps(a, b);
}
inline void store_bytes(uint8_t *to, IntVector v) {
    const __m128i words = _mm_packs_epi32(reinterpret_cast<__m128i>(v), __m128i{});
    const int32_t bytes = _mm_cvtsi128_si32(_mm_packus_epi16(words, words));
    __builtin_memcpy(to, &bytes, sizeof bytes);
}

#include "kernels/dsp_generic.inl"
#include "kernels/nn_generic.inl"
#include "kernels/rows_generic.inl"

inline __m128i load_bytes(const int8_t *p) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i *>(p));
}

// As at the AVX2 level: 16 products, summed in fours.
inline __m128i products(__m128i row, __m128i x, __m128i magnitude) {
    const __m128i pairs = _mm_maddubs_epi16(magnitude, _mm_sign_epi8(row, x));
    return _mm_madd_epi16(pairs, _mm_set1_epi16(1));
}

// Four rows at a time; at the end the last row stands in for those that are missing.
void matvec_s8(int32_t *y, const int8_t *w, const int8_t *x, int rows, int cols) {
    const int64_t step = cols;
    for (int r = 0; r < rows; r += 4) {
        const int last = rows - 1 - r;
        const int8_t *row[4];
        for (int i = 0; i < 4; i++)
            row[i] = w + (r + (last < i ? last : i)) * step;
        __m128i sum[4] = {};
        for (int c = 0; c < cols; c += 16) {
            const __m128i v = load_bytes(x + c), magnitude = _mm_abs_epi8(v);
            for (int i = 0; i < 4; i++)
                sum[i] = _mm_add_epi32(sum[i], products(load_bytes(row[i] + c), v, magnitude));
        }
        alignas(16) int32_t sums[4];
        _mm_store_si128(
            reinterpret_cast<__m128i *>(sums),
            _mm_hadd_epi32(_mm_hadd_epi32(sum[0], sum[1]), _mm_hadd_epi32(sum[2], sum[3])));
        for (int i = 0; i < 4 && r + i < rows; i++)
            y[r + i] = sums[i];
    }
}

// ---- layers of rows ----

constexpr bool kUnpacks = false, kSignedInputs = false;
constexpr int kRowBlock = 2, kOutputBlock = 4, kGruBlock = 2, kChainBlock = 4;
typedef __m128i ByteVector;
typedef __m128i Spread;

inline ByteVector load_weights(const int8_t *w) {
    return load_bytes(w);
}
inline Spread spread(const uint8_t *x) {
    int32_t four;
    __builtin_memcpy(&four, x, 4);
    return _mm_set1_epi32(four);
}
inline IntVector add_products(IntVector sum, ByteVector w, Spread x) {
    const __m128i pairs = _mm_maddubs_epi16(x, w);
    return sum + reinterpret_cast<IntVector>(_mm_madd_epi16(pairs, _mm_set1_epi16(1)));
}

#include "kernels/quick_gates.inl"
#include "kernels/rows_int8.inl"
#include "kernels/table.inl"

} // namespace

extern const Kernels kSse41 = table("sse41");

} // namespace percepnet::kernels

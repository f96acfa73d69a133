// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Plain C++ for any processor: the truth that the other levels are checked against. Where compilers
// do not find an instruction that every x86-64 processor has, it is named.
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "kernels/kernels.hpp"
#include "kernels/levels.hpp"

namespace percepnet::kernels {
namespace {

constexpr int kVectorFloats = 4;

#include "kernels/vector.inl"

#include "kernels/quad_vector.inl"

// a if it is the smaller one, else (also if one is not a number) b.
inline Vector smaller(Vector a, Vector b) {
#ifdef __SSE2__
    return _mm_min_ps(a, b);
#else
    return a < b ? a : b;
#endif
}
inline Vector larger(Vector a, Vector b) {
#ifdef __SSE2__
    return _mm_max_ps(a, b);
#else
    return a > b ? a : b;
#endif
}
inline Vector root(Vector v) {
#ifdef __SSE2__
    return _mm_sqrt_ps(v);
#else
    for (int i = 0; i < kVectorFloats; i++)
        v[i] = __builtin_sqrtf(v[i]);
    return v;
#endif
}
inline void store_bytes(uint8_t *to, IntVector v) {
#ifdef __SSE2__
    const __m128i words = _mm_packs_epi32(reinterpret_cast<__m128i>(v & 255), __m128i{});
    const int32_t bytes = _mm_cvtsi128_si32(_mm_packus_epi16(words, words));
    __builtin_memcpy(to, &bytes, sizeof bytes);
#else
    for (int i = 0; i < kVectorFloats; i++)
        to[i] = static_cast<uint8_t>(v[i]);
#endif
}

#include "kernels/dsp_generic.inl"
#include "kernels/nn_generic.inl"
#include "kernels/rows_generic.inl"
#include "kernels/sums_generic.inl"

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

// ---- layers of rows ----

constexpr bool kUnpacks = true, kSignedInputs = false;
constexpr int kRowBlock = 1, kOutputBlock = 12, kGruBlock = 4, kChainBlock = 4;
typedef int16_t ShortVector __attribute__((vector_size(16)));
typedef uint16_t UnsignedShortVector __attribute__((vector_size(16)));
typedef int16_t LooseShortVector __attribute__((vector_size(16), aligned(1), may_alias));

// Pairs of 16 bits: inputs 0 and 2 in even, 1 and 3 in odd.
struct ByteVector {
    ShortVector even, odd;
};
typedef ByteVector Spread;

inline ByteVector load_weights(const int8_t *w) {
    const ShortVector pairs = *reinterpret_cast<const LooseShortVector *>(w);
    return {(pairs << 8) >> 8, pairs >> 8};
}
inline Spread spread(const uint8_t *x) {
    int32_t four;
    __builtin_memcpy(&four, x, 4);
    const auto all = reinterpret_cast<UnsignedShortVector>(IntVector{} + four);
    return {reinterpret_cast<ShortVector>(all & 255), reinterpret_cast<ShortVector>(all >> 8)};
}

// Sums of the products of neighbours.
inline IntVector pair_products(ShortVector a, ShortVector b) {
#ifdef __SSE2__
    return reinterpret_cast<IntVector>(
        _mm_madd_epi16(reinterpret_cast<__m128i>(a), reinterpret_cast<__m128i>(b)));
#elif defined(__wasm_simd128__)
    return __builtin_wasm_dot_s_i32x4_i16x8(a, b);
#else
    const IntVector wide_a = reinterpret_cast<IntVector>(a);
    const IntVector wide_b = reinterpret_cast<IntVector>(b);
    return ((wide_a << 16) >> 16) * ((wide_b << 16) >> 16) + (wide_a >> 16) * (wide_b >> 16);
#endif
}
inline IntVector add_products(IntVector sum, ByteVector w, Spread x) {
    return sum + pair_products(w.even, x.even) + pair_products(w.odd, x.odd);
}

#include "kernels/quick_gates.inl"
#include "kernels/rows_int8.inl"
#include "kernels/chains_int8.inl"
#include "kernels/table.inl"

} // namespace

extern const Kernels kPlain = table("c");

} // namespace percepnet::kernels

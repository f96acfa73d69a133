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

#include "kernels/quad_vector.inl"

inline Vector smaller(Vector a, Vector b) {
    return _mm_min_ps(a, b);
}
inline Vector larger(Vector a, Vector b) {
    return _mm_max_ps(a, b);
}
inline Vector root(Vector v) {
    return _mm_sqrt_ps(v);
}
inline void store_bytes(uint8_t *to, IntVector v) {
    const __m128i words = _mm_packs_epi32(reinterpret_cast<__m128i>(v & 255), __m128i{});
    const int32_t bytes = _mm_cvtsi128_si32(_mm_packus_epi16(words, words));
    __builtin_memcpy(to, &bytes, sizeof bytes);
}

#include "kernels/dsp_generic.inl"
#include "kernels/nn_generic.inl"
#include "kernels/rows_generic.inl"
#include "kernels/sums_generic.inl"

inline __m128i load_bytes(const int8_t *p) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i *>(p));
}

// As at the AVX2 level: 16 products, summed in fours.
inline __m128i products(__m128i row, __m128i x, __m128i magnitude) {
    const __m128i pairs = _mm_maddubs_epi16(magnitude, _mm_sign_epi8(row, x));
    return _mm_madd_epi16(pairs, _mm_set1_epi16(1));
}

typedef __m128i Bytes;

inline Bytes absolute(Bytes v) {
    return _mm_abs_epi8(v);
}
inline Bytes add_signed(Bytes sum, const int8_t *w, Bytes v, Bytes magnitude) {
    return _mm_add_epi32(sum, products(load_bytes(w), v, magnitude));
}
inline __m128i sum_lanes(__m128i a, __m128i b, __m128i c, __m128i d) {
    return _mm_hadd_epi32(_mm_hadd_epi32(a, b), _mm_hadd_epi32(c, d));
}

#include "kernels/matvec_signed.inl"

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
#include "kernels/chains_int8.inl"
#include "kernels/table.inl"

} // namespace

extern const Kernels kSse41 = table("sse41");

} // namespace percepnet::kernels

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
#include "kernels/sums_generic.inl"

// 32 products, summed in fours. Bytes are multiplied unsigned by signed, so x gives its sign to w.
// As both stay within -127..127, sums of two fit 16 bits and nothing can saturate.
inline __m256i products(const int8_t *w, __m256i x, __m256i magnitude) {
    const __m256i pairs = _mm256_maddubs_epi16(magnitude, _mm256_sign_epi8(load_bytes(w), x));
    return _mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
}

typedef __m256i Bytes;

inline Bytes absolute(Bytes v) {
    return _mm256_abs_epi8(v);
}
inline Bytes add_signed(Bytes sum, const int8_t *w, Bytes v, Bytes magnitude) {
    return _mm256_add_epi32(sum, products(w, v, magnitude));
}

#include "kernels/matvec_signed.inl"

// ---- layers of rows ----

inline IntVector add_products(IntVector sum, ByteVector w, Spread x) {
    const __m256i pairs = _mm256_maddubs_epi16(x, w);
    return sum + reinterpret_cast<IntVector>(_mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

#include "kernels/quick_gates.inl"
#include "kernels/rows_int8.inl"
#include "kernels/chains_int8.inl"
#include "kernels/table.inl"

} // namespace

extern const Kernels kAvx2 = table("avx2");

} // namespace percepnet::kernels

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

inline Vector smaller(Vector a, Vector b) {
    return _mm512_maskz_min_ps(65535, a, b);
}
inline Vector larger(Vector a, Vector b) {
    return _mm512_maskz_max_ps(65535, a, b);
}
inline Vector root(Vector v) {
    return _mm512_maskz_sqrt_ps(65535, v);
}
// 16 lanes to 8 to 4, halves upon each other.
inline Quad quarter(const Vector *lane) {
    const __m256 eight = _mm512_maskz_extractf32x8_ps(255, lane[0], 0) +
                         _mm512_maskz_extractf32x8_ps(255, lane[0], 1);
    return _mm256_castps256_ps128(eight) + _mm256_extractf128_ps(eight, 1);
}
inline void store_bytes(uint8_t *to, IntVector v) {
    _mm_storeu_si128(reinterpret_cast<__m128i *>(to),
                     _mm512_maskz_cvtepi32_epi8(65535, reinterpret_cast<__m512i>(v)));
}

#include "kernels/dsp_generic.inl"
#include "kernels/nn_generic.inl"
#include "kernels/rows_generic.inl"
#include "kernels/sums_generic.inl"

inline __m256i halve(__m512i v) {
    return _mm256_add_epi32(_mm512_maskz_extracti64x4_epi64(255, v, 0),
                            _mm512_maskz_extracti64x4_epi64(255, v, 1));
}

// The sums of four vectors, side by side.
inline __m128i sum_lanes(__m512i a, __m512i b, __m512i c, __m512i d) {
    const __m256i s = _mm256_hadd_epi32(_mm256_hadd_epi32(halve(a), halve(b)),
                                        _mm256_hadd_epi32(halve(c), halve(d)));
    return _mm_add_epi32(_mm256_castsi256_si128(s), _mm256_extracti128_si256(s, 1));
}

inline __m512i load_bytes(const int8_t *p) {
    return _mm512_loadu_si512(p);
}
inline __m512i load_half(const int8_t *p) {
    return _mm512_maskz_loadu_epi32(255, p);
}

// vpdpbusd multiplies unsigned by signed bytes, so w + 128 is used: exchanging the top bit adds it.
// The sums of four products go straight into 32 bits: nothing can saturate.
inline __m512i add_products(__m512i sum, __m512i w, __m512i x) {
    return _mm512_dpbusd_epi32(sum, _mm512_xor_si512(w, _mm512_set1_epi8(-128)), x);
}

// -128 * sum(x), spread over the lanes: what takes the 128 off again.
inline __m512i offset_sum(const int8_t *x, int cols) {
    const __m512i zero = _mm512_setzero_si512();
    __m512i sum = zero;
    int c = 0;
    for (; c + 64 <= cols; c += 64)
        sum = add_products(sum, zero, load_bytes(x + c));
    if (c < cols)
        sum = add_products(sum, zero, load_half(x + c));
    return _mm512_sub_epi32(zero, sum);
}

// Four rows at a time; at the end the last row stands in for those that are missing.
void matvec_s8(int32_t *y, const int8_t *w, const int8_t *x, int rows, int cols) {
    const __m512i start = offset_sum(x, cols);
    const int64_t step = cols;
    for (int r = 0; r < rows; r += 4) {
        const int last = rows - 1 - r;
        const int8_t *row[4];
        for (int i = 0; i < 4; i++)
            row[i] = w + (r + (last < i ? last : i)) * step;
        __m512i sum[4] = {start, start, start, start};
        int c = 0;
        for (; c + 64 <= cols; c += 64) {
            const __m512i v = load_bytes(x + c);
            for (int i = 0; i < 4; i++)
                sum[i] = add_products(sum[i], load_bytes(row[i] + c), v);
        }
        for (int i = 0; i < 4 && c < cols; i++)
            sum[i] = add_products(sum[i], load_half(row[i] + c), load_half(x + c));
        alignas(16) int32_t sums[4];
        _mm_store_si128(reinterpret_cast<__m128i *>(sums),
                        sum_lanes(sum[0], sum[1], sum[2], sum[3]));
        for (int i = 0; i < 4 && r + i < rows; i++)
            y[r + i] = sums[i];
    }
}

// ---- layers of rows ----

constexpr bool kUnpacks = false, kSignedInputs = false;
constexpr int kRowBlock = 6, kOutputBlock = 4, kGruBlock = 6, kChainBlock = 2;
typedef __m512i ByteVector;
typedef __m512i Spread;

inline ByteVector load_weights(const int8_t *w) {
    return load_bytes(w);
}
inline Spread spread(const uint8_t *x) {
    return _mm512_maskz_broadcastd_epi32(65535, _mm_loadu_si32(x));
}
inline IntVector add_products(IntVector sum, ByteVector w, Spread x) {
    return reinterpret_cast<IntVector>(_mm512_dpbusd_epi32(reinterpret_cast<__m512i>(sum), x, w));
}

#include "kernels/quick_gates.inl"
#include "kernels/rows_int8.inl"
#include "kernels/chains_int8.inl"
#include "kernels/table.inl"

} // namespace

extern const Kernels kAvx512Vnni = table("avx512vnni");

} // namespace percepnet::kernels

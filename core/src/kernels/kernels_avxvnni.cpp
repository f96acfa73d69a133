// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// AVX2 with AVX-VNNI (x86 without AVX-512, 2021 and later). Reached only after a check of the
// processor. Compiled for AVX-512-VNNI with 256 bits it gives the same instructions in another
// encoding: so the tests run it where there is no AVX-VNNI.
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

// Unsigned x by signed w; sums of four products go straight into 32 bits: nothing can saturate.
inline __m256i dot_fours(__m256i sum, __m256i x, __m256i w) {
#ifdef __AVXVNNI__
    return _mm256_dpbusd_avx_epi32(sum, x, w);
#else
    return _mm256_dpbusd_epi32(sum, x, w);
#endif
}

// Four rows at a time; at the end the last row stands in for those that are missing. As one factor
// must be unsigned, x gives its sign to w.
void matvec_s8(int32_t *y, const int8_t *w, const int8_t *x, int rows, int cols) {
    const int64_t step = cols;
    for (int r = 0; r < rows; r += 4) {
        const int last = rows - 1 - r;
        const int8_t *row[4];
        for (int i = 0; i < 4; i++)
            row[i] = w + (r + (last < i ? last : i)) * step;
        __m256i sum[4] = {};
        for (int c = 0; c < cols; c += 32) {
            const __m256i v = load_bytes(x + c), magnitude = _mm256_abs_epi8(v);
            for (int i = 0; i < 4; i++)
                sum[i] = dot_fours(sum[i], magnitude, _mm256_sign_epi8(load_bytes(row[i] + c), v));
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
    return reinterpret_cast<IntVector>(dot_fours(reinterpret_cast<__m256i>(sum), x, w));
}

#include "kernels/quick_gates.inl"
#include "kernels/rows_int8.inl"
#include "kernels/table.inl"

} // namespace

extern const Kernels kAvxVnni = table("avxvnni");

} // namespace percepnet::kernels

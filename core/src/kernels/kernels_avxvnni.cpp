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
#include "kernels/sums_generic.inl"

// Unsigned x by signed w; sums of four products go straight into 32 bits: nothing can saturate.
inline __m256i dot_fours(__m256i sum, __m256i x, __m256i w) {
#ifdef __AVXVNNI__
    return _mm256_dpbusd_avx_epi32(sum, x, w);
#else
    return _mm256_dpbusd_epi32(sum, x, w);
#endif
}

typedef __m256i Bytes;

inline Bytes absolute(Bytes v) {
    return _mm256_abs_epi8(v);
}
inline Bytes add_signed(Bytes sum, const int8_t *w, Bytes v, Bytes magnitude) {
    return dot_fours(sum, magnitude, _mm256_sign_epi8(load_bytes(w), v));
}

#include "kernels/matvec_signed.inl"

// ---- layers of rows ----

inline IntVector add_products(IntVector sum, ByteVector w, Spread x) {
    return reinterpret_cast<IntVector>(dot_fours(reinterpret_cast<__m256i>(sum), x, w));
}

#include "kernels/quick_gates.inl"
#include "kernels/rows_int8.inl"
#include "kernels/chains_int8.inl"
#include "kernels/table.inl"

} // namespace

extern const Kernels kAvxVnni = table("avxvnni");

} // namespace percepnet::kernels

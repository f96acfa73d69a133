// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Vectors of 16 floats for the layers that train on a CPU with AVX-512-BF16.
#pragma once

#include <immintrin.h>

#include <cstdint>
#include <initializer_list>

namespace percepnet::training {

using Bf16 = uint16_t;
constexpr int kLanes = 16;

inline __m512 load(const float *p) {
    return _mm512_loadu_ps(p);
}
inline void store(float *p, __m512 v) {
    _mm512_storeu_ps(p, v);
}

inline __m512 widen(__m256i half) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(half), 16));
}
inline __m512 load(const Bf16 *p) {
    return widen(_mm256_loadu_si256(reinterpret_cast<const __m256i *>(p)));
}
inline void store(Bf16 *p, __m512 v) {
    _mm256_storeu_si256(reinterpret_cast<__m256i *>(p), (__m256i)_mm512_cvtneps_pbh(v));
}

// 2^t for t <= 126, with a polynomial on the fraction of t: error below 1e-7.
inline __m512 exp2_ps(__m512 t) {
    const __m512 f = _mm512_reduce_ps(t, 0x09); // t - floor(t)
    __m512 p = _mm512_set1_ps(1.87757467e-3f);
    for (const float c : {8.98934493e-3f, 5.5826314e-2f, 2.40153618e-1f, 6.93153073e-1f, 1.f})
        p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(c));
    return _mm512_scalef_ps(p, t); // which takes the floor of t
}

// 1 / x by the processor's estimate and one Newton step: error below 1e-7, cheaper than dividing.
inline __m512 reciprocal_ps(__m512 x) {
    const __m512 y = _mm512_rcp14_ps(x);
    return _mm512_mul_ps(y, _mm512_fnmadd_ps(x, y, _mm512_set1_ps(2.f)));
}

// 1 / (1 + exp(-scale x))
inline __m512 logistic_ps(__m512 x, float scale) {
    constexpr float kLog2e = 1.44269504f;
    const __m512 t = _mm512_mul_ps(x, _mm512_set1_ps(-scale * kLog2e));
    const __m512 power = exp2_ps(_mm512_min_ps(t, _mm512_set1_ps(126.f)));
    return reciprocal_ps(_mm512_add_ps(_mm512_set1_ps(1.f), power));
}

inline __m512 sigmoid_ps(__m512 x) {
    return logistic_ps(x, 1.f);
}

inline __m512 tanh_ps(__m512 x) {
    return _mm512_fmsub_ps(_mm512_set1_ps(2.f), logistic_ps(x, 2.f), _mm512_set1_ps(1.f));
}

} // namespace percepnet::training

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// What the levels of 256 bits share. Included after vector.inl.

inline Vector smaller(Vector a, Vector b) {
    return _mm256_min_ps(a, b);
}
inline Vector larger(Vector a, Vector b) {
    return _mm256_max_ps(a, b);
}
inline Vector root(Vector v) {
    return _mm256_sqrt_ps(v);
}
inline void store_bytes(uint8_t *to, IntVector v) {
    const __m256i whole = reinterpret_cast<__m256i>(v & 255);
    const __m128i words =
        _mm_packs_epi32(_mm256_castsi256_si128(whole), _mm256_extracti128_si256(whole, 1));
    _mm_storel_epi64(reinterpret_cast<__m128i *>(to), _mm_packus_epi16(words, words));
}

// 16 lanes to 8 to 4, halves upon each other.
inline Quad quarter(const Vector *lane) {
    const Vector eight = lane[0] + lane[1];
    return _mm256_castps256_ps128(eight) + _mm256_extractf128_ps(eight, 1);
}

inline __m256i load_bytes(const int8_t *p) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i *>(p));
}

// The sums of four vectors, side by side.
inline __m128i sum_lanes(__m256i a, __m256i b, __m256i c, __m256i d) {
    const __m256i s = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
    return _mm_add_epi32(_mm256_castsi256_si128(s), _mm256_extracti128_si256(s, 1));
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
    int32_t four;
    __builtin_memcpy(&four, x, 4);
    return _mm256_set1_epi32(four);
}

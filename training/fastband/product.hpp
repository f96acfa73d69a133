// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Products of bf16 matrices with sums in f32, for matrices so small that they stay in the cache.
//
// vdpbf16ps multiplies pairs: 16 sums take two products each. Products along a row of A find their
// pairs in place, and B is packed so that two rows alternate. Gradients of weights sum over the
// rows of both matrices: there both are kept as pairs of rows (see interleave).
#pragma once

#include <type_traits>
#include <vector>

#include "vector.hpp"

namespace percepnet::training {

inline __m512 multiply(__m512 sum, __m512i a, __m512i b) {
    return _mm512_dpbf16_ps(sum, (__m512bh)a, (__m512bh)b);
}
inline __m512i load_pairs(const Bf16 *p) {
    return _mm512_loadu_si512(p);
}
inline __m512i broadcast_pair(const Bf16 *p) {
    return _mm512_set1_epi32(*reinterpret_cast<const int32_t *>(p));
}

// Two rows of 16 bf16, first row in the lower half -> 16 pairs.
inline __m512i interleave(__m512i rows) {
    const __m512i order =
        _mm512_set_epi32(0x001f000f, 0x001e000e, 0x001d000d, 0x001c000c, 0x001b000b, 0x001a000a,
                         0x00190009, 0x00180008, 0x00170007, 0x00160006, 0x00150005, 0x00140004,
                         0x00130003, 0x00120002, 0x00110001, 0x00100000);
    return _mm512_permutexvar_epi16(order, rows);
}
inline __m512i interleave(__m512 first, __m512 second) {
    return interleave((__m512i)_mm512_cvtne2ps_pbh(second, first));
}

// Rows of bf16 as pairs of rows: dst (rows / 2, columns, 2). Columns: a multiple of 16.
void pair_rows(int rows, int columns, const Bf16 *src, int stride, Bf16 *dst);
// The same of floats; also rounds them into dst_rows (rows, columns).
void round_rows(int rows, int columns, const float *src, Bf16 *dst_rows, Bf16 *dst_pairs);

// Calls body(integral_constant<int, count>, first) for tiles of at most 6 rows.
template <class Body> void by_tiles(int rows, Body body) {
    for (int at = 0; at < rows;) {
        const int left = rows - at;
        const int count = left >= 12 || left == 6 ? 6 : left > 6 ? (left + 1) / 2 : left;
        switch (count) {
        case 6:
            body(std::integral_constant<int, 6>{}, at);
            break;
        case 5:
            body(std::integral_constant<int, 5>{}, at);
            break;
        case 4:
            body(std::integral_constant<int, 4>{}, at);
            break;
        case 3:
            body(std::integral_constant<int, 3>{}, at);
            break;
        case 2:
            body(std::integral_constant<int, 2>{}, at);
            break;
        default:
            body(std::integral_constant<int, 1>{}, at);
        }
        at += count;
    }
}

// Calls body(integral_constant<int, vectors>) with the widest tile that divides the width.
template <class Body> void by_width(int vectors, Body body) {
    if (vectors % 4 == 0)
        body(std::integral_constant<int, 4>{});
    else if (vectors % 3 == 0)
        body(std::integral_constant<int, 3>{});
    else if (vectors % 2 == 0)
        body(std::integral_constant<int, 2>{});
    else
        body(std::integral_constant<int, 1>{});
}

// The right-hand matrix of a product, (inner, width): inner is even, width a multiple of 16.
class Packed {
public:
    // value(k, n): the element of row k and column n.
    template <class Value> void pack(int inner, int width, Value value);

    int inner() const { return inner_; }
    int width() const { return width_; }
    const Bf16 *data() const { return data_.data(); }

private:
    int inner_ = 0, width_ = 0;
    std::vector<Bf16> data_; // (width / tile, inner / 2, tile, 2)
};

enum class Sum { kStore, kAdd };

// C (rows, b.width()) = or += A (rows, b.inner()) * b + bias (may be null).
void product(int rows, const Bf16 *a, int stride_a, const Packed &b, const float *bias, float *c,
             int stride_c, Sum sum);

// G (height, width) += A^T B over pairs of rows: A (pairs, height, 2), B (pairs, width, 2), the
// strides of both in pairs. Width: a multiple of 16.
void gradient(int pairs, const Bf16 *a, int stride_a, int height, const Bf16 *b, int stride_b,
              int width, float *g);

inline Bf16 to_bf16(float value) {
    return static_cast<Bf16>(_mm_extract_epi16((__m128i)_mm_cvtneps_pbh(_mm_set_ss(value)), 0));
}

template <class Value> void Packed::pack(int inner, int width, Value value) {
    inner_ = inner;
    width_ = width;
    data_.resize(static_cast<size_t>(inner) * width);
    by_width(width / kLanes, [&](auto vectors) {
        constexpr int kTile = decltype(vectors)::value * kLanes;
        Bf16 *out = data_.data();
        for (int tile = 0; tile < width; tile += kTile)
            for (int k = 0; k < inner; k += 2)
                for (int n = tile; n < tile + kTile; n++)
                    for (int i = 0; i < 2; i++)
                        *out++ = to_bf16(value(k + i, n));
    });
}

} // namespace percepnet::training

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "product.hpp"

namespace percepnet::training {
namespace {

template <int kRows, int kVectors>
void product_tile(const Bf16 *a, int stride_a, int inner, const Bf16 *b, const float *bias,
                  float *c, int stride_c, Sum sum) {
    __m512 s[kRows][kVectors];
#pragma GCC unroll 6
    for (int m = 0; m < kRows; m++)
#pragma GCC unroll 4
        for (int n = 0; n < kVectors; n++) {
            s[m][n] = bias ? load(bias + n * kLanes) : _mm512_setzero_ps();
            if (sum == Sum::kAdd)
                s[m][n] = _mm512_add_ps(s[m][n], load(c + m * stride_c + n * kLanes));
        }
    for (int k = 0; k < inner; k += 2, b += kVectors * 2 * kLanes) {
        __m512i right[kVectors];
#pragma GCC unroll 4
        for (int n = 0; n < kVectors; n++)
            right[n] = load_pairs(b + n * 2 * kLanes);
#pragma GCC unroll 6
        for (int m = 0; m < kRows; m++) {
            const __m512i left = broadcast_pair(a + m * stride_a + k);
#pragma GCC unroll 4
            for (int n = 0; n < kVectors; n++)
                s[m][n] = multiply(s[m][n], left, right[n]);
        }
    }
#pragma GCC unroll 6
    for (int m = 0; m < kRows; m++)
#pragma GCC unroll 4
        for (int n = 0; n < kVectors; n++)
            store(c + m * stride_c + n * kLanes, s[m][n]);
}

template <int kRows, int kVectors>
void gradient_tile(int pairs, const Bf16 *a, int stride_a, const Bf16 *b, int stride_b, float *g,
                   int stride_g) {
    __m512 s[kRows][kVectors];
#pragma GCC unroll 6
    for (int m = 0; m < kRows; m++)
#pragma GCC unroll 4
        for (int n = 0; n < kVectors; n++)
            s[m][n] = load(g + m * stride_g + n * kLanes);
    for (int k = 0; k < pairs; k++, a += 2 * stride_a, b += 2 * stride_b) {
        __m512i right[kVectors];
#pragma GCC unroll 4
        for (int n = 0; n < kVectors; n++)
            right[n] = load_pairs(b + n * 2 * kLanes);
#pragma GCC unroll 6
        for (int m = 0; m < kRows; m++) {
            const __m512i left = broadcast_pair(a + 2 * m);
#pragma GCC unroll 4
            for (int n = 0; n < kVectors; n++)
                s[m][n] = multiply(s[m][n], left, right[n]);
        }
    }
#pragma GCC unroll 6
    for (int m = 0; m < kRows; m++)
#pragma GCC unroll 4
        for (int n = 0; n < kVectors; n++)
            store(g + m * stride_g + n * kLanes, s[m][n]);
}

} // namespace

void product(int rows, const Bf16 *a, int stride_a, const Packed &b, const float *bias, float *c,
             int stride_c, Sum sum) {
    by_width(b.width() / kLanes, [&](auto vectors) {
        constexpr int kTile = decltype(vectors)::value * kLanes;
        for (int n = 0; n < b.width(); n += kTile)
            by_tiles(rows, [&](auto count, int m) {
                product_tile<decltype(count)::value, decltype(vectors)::value>(
                    a + m * stride_a, stride_a, b.inner(), b.data() + n * b.inner(),
                    bias ? bias + n : nullptr, c + m * stride_c + n, stride_c, sum);
            });
    });
}

void gradient(int pairs, const Bf16 *a, int stride_a, int height, const Bf16 *b, int stride_b,
              int width, float *g) {
    constexpr int kChunk = 64; // pairs of both that stay in the first cache
    for (int k = 0; k < pairs; k += kChunk) {
        const int count = pairs - k < kChunk ? pairs - k : kChunk;
        const Bf16 *ak = a + static_cast<int64_t>(k) * 2 * stride_a;
        const Bf16 *bk = b + static_cast<int64_t>(k) * 2 * stride_b;
        by_width(width / kLanes, [&](auto vectors) {
            constexpr int kTile = decltype(vectors)::value * kLanes;
            for (int n = 0; n < width; n += kTile)
                by_tiles(height, [&](auto rows, int m) {
                    gradient_tile<decltype(rows)::value, decltype(vectors)::value>(
                        count, ak + 2 * m, stride_a, bk + 2 * n, stride_b, g + m * width + n,
                        width);
                });
        });
    }
}

void pair_rows(int rows, int columns, const Bf16 *src, int stride, Bf16 *dst) {
    for (int row = 0; row < rows; row += 2, src += 2 * stride)
        for (int c = 0; c < columns; c += kLanes, dst += 2 * kLanes) {
            const auto *first = reinterpret_cast<const __m256i *>(src + c);
            const auto *second = reinterpret_cast<const __m256i *>(src + stride + c);
            const __m512i low = _mm512_castsi256_si512(_mm256_loadu_si256(first));
            const __m512i both = _mm512_inserti64x4(low, _mm256_loadu_si256(second), 1);
            _mm512_storeu_si512(dst, interleave(both));
        }
}

void round_rows(int rows, int columns, const float *src, Bf16 *dst_rows, Bf16 *dst_pairs) {
    for (int row = 0; row < rows; row += 2, src += 2 * columns, dst_rows += 2 * columns)
        for (int c = 0; c < columns; c += kLanes, dst_pairs += 2 * kLanes) {
            const __m512 first = load(src + c), second = load(src + columns + c);
            store(dst_rows + c, first);
            store(dst_rows + columns + c, second);
            _mm512_storeu_si512(dst_pairs, interleave(first, second));
        }
}

} // namespace percepnet::training

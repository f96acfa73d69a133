// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Included by levels whose products of bytes take one unsigned factor: x gives its sign to w. They
// define Bytes (a vector), load_bytes(), absolute(), add_signed() and sum_lanes(), which adds the
// lanes of four vectors.

// Four rows at a time; at the end the last row stands in for those that are missing.
void matvec_s8(int32_t *y, const int8_t *w, const int8_t *x, int rows, int cols) {
    const int64_t step = cols;
    for (int r = 0; r < rows; r += 4) {
        const int last = rows - 1 - r;
        const int8_t *row[4];
        for (int i = 0; i < 4; i++)
            row[i] = w + (r + (last < i ? last : i)) * step;
        Bytes sum[4] = {};
        for (int c = 0; c < cols; c += int(sizeof(Bytes))) {
            const Bytes v = load_bytes(x + c), magnitude = absolute(v);
            for (int i = 0; i < 4; i++)
                sum[i] = add_signed(sum[i], row[i] + c, v, magnitude);
        }
        alignas(16) int32_t sums[4];
        _mm_store_si128(reinterpret_cast<__m128i *>(sums),
                        sum_lanes(sum[0], sum[1], sum[2], sum[3]));
        for (int i = 0; i < 4 && r + i < rows; i++)
            y[r + i] = sums[i];
    }
}

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// What the NEON levels share. Included after vector.inl.

#include "kernels/quad_vector.inl"

// a if it is the smaller one, else (also if one is not a number) b: not what vminq_f32() does.
inline Vector smaller(Vector a, Vector b) {
    return vbslq_f32(vcltq_f32(a, b), a, b);
}
inline Vector larger(Vector a, Vector b) {
    return vbslq_f32(vcgtq_f32(a, b), a, b);
}
inline Vector root(Vector v) {
    return vsqrtq_f32(v);
}
inline void store_bytes(uint8_t *to, IntVector v) {
    const int16x4_t words = vmovn_s32(reinterpret_cast<int32x4_t>(v));
    const uint8x8_t bytes = vmovn_u16(vreinterpretq_u16_s16(vcombine_s16(words, words)));
    const uint32_t four = vget_lane_u32(vreinterpret_u32_u8(bytes), 0);
    __builtin_memcpy(to, &four, sizeof four);
}

// Four rows at a time; at the end the last row stands in for those that are missing. 16 columns of
// a row go into four sums by add(sum, w, x).
template <typename Add>
inline void matvec_fours(int32_t *y, const int8_t *w, const int8_t *x, int rows, int cols,
                         Add add) {
    const int64_t step = cols;
    for (int r = 0; r < rows; r += 4) {
        const int last = rows - 1 - r;
        const int8_t *row[4];
        for (int i = 0; i < 4; i++)
            row[i] = w + (r + (last < i ? last : i)) * step;
        int32x4_t sum[4] = {};
        for (int c = 0; c < cols; c += 16) {
            const int8x16_t v = vld1q_s8(x + c);
            for (int i = 0; i < 4; i++)
                sum[i] = add(sum[i], vld1q_s8(row[i] + c), v);
        }
        for (int i = 0; i < 4 && r + i < rows; i++)
            y[r + i] = vaddvq_s32(sum[i]);
    }
}

// ---- layers of rows: inputs less 128, so that both factors are signed ----

constexpr bool kUnpacks = false, kSignedInputs = true;
constexpr int kRowBlock = 4, kOutputBlock = 4, kGruBlock = 4, kChainBlock = 4;
typedef int8x16_t ByteVector;
typedef int8x16_t Spread;

inline ByteVector load_weights(const int8_t *w) {
    return vld1q_s8(w);
}
inline Spread spread(const uint8_t *x) {
    uint32_t four;
    __builtin_memcpy(&four, x, 4);
    return vreinterpretq_s8_u32(vdupq_n_u32(four ^ 0x80808080u));
}

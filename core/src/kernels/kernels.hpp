// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The one table of fast functions. Every level (instruction set) fills it with functions that give
// the same results bit for bit: integers because they are exact, floats because every sum has its
// 16 lanes and their order fixed (see vector.inl) and nothing is contracted or reordered.
//
// This header is read by files compiled for newer processors than the one they may be linked for:
// it must define no inline functions and include no header that does.
#pragma once

#include <stdint.h>

namespace percepnet::kernels {

// Lanes of every sum.
constexpr int kLanes = 16;

// Roots of unity for fft480(): exp(-2 pi i n1 k2 / 480) at [16 k2 + n1], exp(-2 pi i n / 30) and
// exp(-2 pi i n / 16).
struct Fft480Twiddles {
    float re[480], im[480];
    float re30[30], im30[30];
    float re16[16], im16[16];
};

// For fold2880(): a window of 2880 values, exp(-2 pi i n / 2880), n < 960, and exp(-2 pi i n /
// 960), n < 480.
struct Fold2880Tables {
    float window[2880];
    float root_re[960], root_im[960];
    float half_root_re[480], half_root_im[480];
};

// A matrix in 8 bits for rows of inputs; inputs a multiple of 16 and at most kMaxRowInputs, outputs
// a multiple of 16. Inputs are x + 128
// with x in -127..127: with weights of no more than 64, two products fit 16 bits.
constexpr int kMaxRowWeight = 64;
constexpr int kMaxRowInputs = 512;
constexpr int kInputZero = 128;
struct RowWeights {
    int inputs, outputs;
    const int8_t *weight;  // [input / 4][output][input % 4], -kMaxRowWeight .. kMaxRowWeight
    const int32_t *offset; // for each output, -128 times the sum of its weights
    const float *scale;    // what one unit of an integer sum is worth
    const float *bias;
};

// Outputs of both are reset, update, new.
struct GruWeights {
    int units;
    RowWeights input, recurrent;
};

constexpr int kMaxChainUnits = 256;

// Normalised values in 8 bits count in 4 / 127 and end at -4 and 4.
constexpr float kNormalRange = 4.0f;

// Values in a sum of run_energies().
constexpr int kEnergyRun = 80;
constexpr int kMaxEnergies = 512;

struct Kernels {
    const char *name;

    // ---- sums ----
    // Sum of a[i] * b[i], i < n; lane i % 16 takes element i.
    float (*dot)(const float *a, const float *b, int n);

    // out[lag] = sum over i < count of x[i] * y[i + lag], lag < lags, a multiple of 32.
    // Reads y[0 .. count + lags - 2].
    void (*correlate)(const float *x, const float *y, int count, int lags, float *out);
    // out[i] = sum over t < terms of weights[t] * inputs[t][i], i < n, a multiple of 16.
    void (*weighted_sum)(const float *const *inputs, const float *weights, int terms, float *out,
                         int n);

    // out[i] = a_re[i] b_re[i] + a_im[i] b_im[i], i < n, a multiple of 16.
    void (*bin_products)(const float *a_re, const float *a_im, const float *b_re, const float *b_im,
                         float *out, int n);
    // sums[r] = dot(weights of r, x + first[r], size[r]), r < runs, a multiple of 4; the weights of
    // a run follow those of the one before, sizes are multiples of 16.
    void (*run_sums)(const float *x, const float *weights, const int32_t *first,
                     const int32_t *size, int runs, float *sums);
    // sums[i] = x[i]^2 + ... + x[i + kEnergyRun - 1]^2, i < n, a multiple of 16 and at most
    // kMaxEnergies.
    void (*run_energies)(const float *x, int n, float *sums);

    // In place, for n (a multiple of 16) normal positive values; relative error below 1e-6, near 1
    // absolute.
    void (*log2)(float *x, int n);

    // ---- dynamic programming ----
    // Where the first of the largest of n values is, n >= 1; 0 if there are no numbers.
    int (*largest)(const float *x, int n);
    // For every i < n, a multiple of 16: the best of best[i] and of score[i + m] - cost[m + reach],
    // -reach <= m <= reach, into best[i]; its m into move[i] unless best[i] stays.
    void (*best_move)(const float *score, const float *cost, int reach, int n, float *best,
                      int32_t *move);

    // ---- transform ----
    // Complex DFT of 480 points, unnormalised; out has room for 482 values.
    void (*fft480)(const float *re, const float *im, float *out_re, float *out_im,
                   const Fft480Twiddles &twiddles);
    // Bins 0..479 of a real DFT of 960 points from Z = DFT(even samples) + i DFT(odd samples), re
    // and im of 481 values, the last one equal to the first: E(k) + exp(-2 pi i k / 960) O(k) with
    // E = (Z(k) + conj Z(480 - k)) / 2, O = (Z(k) - conj Z(480 - k)) / 2 i. cosine and sine: of
    // 2 pi k / 960.
    void (*join_halves)(const float *re, const float *im, const float *cosine, const float *sine,
                        float *out_re, float *out_im);

    // The way back, and to the conjugate of Z: re and im of 481 values, their results of 480
    // times 2.
    void (*split_halves)(const float *re, const float *im, const float *cosine, const float *sine,
                         float *out_re, float *out_im);
    // What a transform of 2880 samples needs of three of 480 points and one of 960 real ones. Of
    // samples a, b, c (thirds) under the window: sum = a + b + c, and y = root (a + v b + v^2 c)
    // with v = exp(-2 pi i / 3), of which even = y(n) + y(n + 480), odd = half_root (y(n) - y(n +
    // 480)).
    void (*fold2880)(const float *samples, const Fold2880Tables &tables, float *sum, float *even_re,
                     float *even_im, float *odd_re, float *odd_im);
    // power[k] += share (re[k]^2 + im[k]^2), k < n, a multiple of 16.
    void (*add_power)(const float *re, const float *im, int n, float share, float *power);

    // ---- network ----
    // y[r] = sum over c of w[r * cols + c] * x[c], each row as dot().
    void (*matvec_f32)(float *y, const float *w, const float *x, int rows, int cols);
    // The same in integers, exact: w and x in -127..127, cols a multiple of 32.
    void (*matvec_s8)(int32_t *y, const int8_t *w, const int8_t *x, int rows, int cols);
    // y[i] = round(127 * x[i]) for x in [-1, 1], clamped to -127..127; NaN gives -127.
    void (*quantise)(int8_t *y, const float *x, int n);
    // Row r of y (outputs wide) = bias + x_r w, and what was there if add; x_r: inputs wide,
    // w: [input][output], outputs a multiple of 16. Each sum takes bias, then the inputs in order.
    void (*rows_f32)(float *y, const float *x, const float *w, const float *bias, int rows,
                     int inputs, int outputs, bool add);
    // Each row of n values (a multiple of 16) less its mean, over its deviation: y = (x - mean) /
    // sqrt(variance + 1e-5).
    void (*normalise)(float *y, const float *x, int rows, int n);
    // One hop of a GRU: h = (1 - z) n + z old with z = sigmoid(input + recurrent), n =
    // tanh(input + r recurrent). input and recurrent hold reset, update, new, of units values each,
    // a multiple of 16; old and h may be the same.
    void (*gru_gates)(float *h, const float *old, const float *input, const float *recurrent,
                      int units);
    // The same in 8 bits; sums are exact integers before bias + scale sum.
    void (*rows_s8)(float *y, const uint8_t *x, const RowWeights &w, int rows, bool add);
    // y = 128 + round(127 / kNormalRange normalise(x)), within 1..255.
    void (*normalise_s8)(uint8_t *y, const float *x, int rows, int n);
    // One hop of a GRU in every row: h as gru_gates() has it, next = 128 + round(127 h); x and last
    // (the next of the hop before) in 8 bits. Gates within 2e-4 of those of gru_gates().
    void (*gru_rows_s8)(float *h, uint8_t *next, const uint8_t *x, const uint8_t *last,
                        const GruWeights &w, int rows);
    // Two GRUs along the rows from no state, one from the first row on and one from the last:
    // 128 + round(127 h) of both of each row into states, 2 units wide. up and down: what the
    // inputs give to the gates, 3 units wide; units at most kMaxChainUnits.
    void (*gru_chains_s8)(uint8_t *states, const float *up, const float *down,
                          const RowWeights &up_weights, const RowWeights &down_weights, int rows);
    // In place; error below 1e-6. NaN gives a finite value.
    void (*tanh)(float *x, int n);
    void (*sigmoid)(float *x, int n);
};

// The best level that this processor runs, or what the environment variable PERCEPNET_SIMD names
// (c, sse41, avx2, avxvnni, avx512vnni, neon, dotprod; for tests) if the processor runs it. Chosen
// at the first call.
const Kernels &active() noexcept;

// The levels that this processor runs, slowest first; nullptr past the last one. For tests.
const Kernels *level(int index) noexcept;

} // namespace percepnet::kernels

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

struct Kernels {
    const char *name;

    // ---- sums ----
    // Sum of a[i] * b[i], i < n; lane i % 16 takes element i.
    float (*dot)(const float *a, const float *b, int n);

    // ---- network ----
    // y[r] = sum over c of w[r * cols + c] * x[c], each row as dot().
    void (*matvec_f32)(float *y, const float *w, const float *x, int rows, int cols);
    // The same in integers, exact: w and x in -127..127, cols a multiple of 32.
    void (*matvec_s8)(int32_t *y, const int8_t *w, const int8_t *x, int rows, int cols);
    // y[i] = round(127 * x[i]) for x in [-1, 1], clamped to -127..127; NaN gives -127.
    void (*quantise)(int8_t *y, const float *x, int n);
    // In place; error below 1e-6. NaN gives a finite value.
    void (*tanh)(float *x, int n);
    void (*sigmoid)(float *x, int n);
};

// The best level that this processor runs, or what the environment variable PERCEPNET_SIMD names
// (c, avx2, avx512vnni; for tests) if the processor runs it. Chosen at the first call.
const Kernels &active() noexcept;

// The levels that this processor runs, slowest first; nullptr past the last one. For tests.
const Kernels *level(int index) noexcept;

} // namespace percepnet::kernels

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The level's table. Included last.

constexpr Kernels table(const char *name) {
    Kernels kernels = {};
    kernels.name = name;
    kernels.dot = dot;
    kernels.matvec_f32 = matvec_f32;
    kernels.matvec_s8 = matvec_s8;
    kernels.quantise = quantise;
    kernels.tanh = tanh_in_place;
    kernels.sigmoid = sigmoid_in_place;
    return kernels;
}

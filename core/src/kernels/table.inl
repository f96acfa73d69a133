// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The level's table. Included last.

constexpr Kernels table(const char *name) {
    Kernels kernels = {};
    kernels.name = name;
    kernels.dot = dot;
    kernels.correlate = correlate;
    kernels.weighted_sum = weighted_sum;
    kernels.bin_products = bin_products;
    kernels.run_sums = run_sums;
    kernels.run_energies = run_energies;
    kernels.log2 = log2_in_place;
    kernels.best_move = best_move;
    kernels.largest = largest;
    kernels.fft480 = fft480;
    kernels.join_halves = join_halves;
    kernels.split_halves = split_halves;
    kernels.fold2880 = fold2880;
    kernels.add_power = add_power;
    kernels.matvec_f32 = matvec_f32;
    kernels.matvec_s8 = matvec_s8;
    kernels.quantise = quantise;
    kernels.rows_f32 = rows_f32;
    kernels.normalise = normalise;
    kernels.gru_gates = gru_gates;
    kernels.rows_s8 = rows_s8;
    kernels.normalise_s8 = normalise_s8;
    kernels.gru_rows_s8 = gru_rows_s8;
    kernels.gru_chains_s8 = gru_chains_s8;
    kernels.tanh = tanh_in_place;
    kernels.sigmoid = sigmoid_in_place;
    return kernels;
}

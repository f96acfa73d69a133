// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "nn/layers.hpp"

#include <algorithm>
#include <cassert>

namespace percepnet::nn {

void Activation::clear() noexcept {
    std::fill(f32.begin(), f32.end(), 0.0f);
    std::fill(int8.begin(), int8.end(), std::int8_t(0));
}

Layers::Layers(const kernels::Kernels &kernels, int max_rows)
    : kernels_(kernels), sums_(max_rows), input_(max_rows), recurrent_(max_rows) {}

void Layers::linear(const Matrix &weight, const std::vector<float> &bias, const Activation &x,
                    float *y) noexcept {
    assert(x.f32.size() == std::size_t(weight.stride));
    if (!weight.quantised()) {
        kernels_.matvec_f32(y, weight.f32.data(), x.f32.data(), weight.rows, weight.stride);
        for (int r = 0; r < weight.rows; r++)
            y[r] += bias[r];
        return;
    }
    kernels_.matvec_s8(sums_.data(), weight.int8.data(), x.int8.data(), weight.rows, weight.stride);
    for (int r = 0; r < weight.rows; r++)
        y[r] = float(sums_[r]) * weight.scale[r] + bias[r];
}

void Layers::dense_tanh(const Dense &layer, const Activation &x, Activation &y,
                        int first) noexcept {
    float *out = y.f32.data() + first;
    linear(layer.weight, layer.bias, x, out);
    kernels_.tanh(out, layer.weight.rows);
    kernels_.quantise(y.int8.data() + first, out, layer.weight.rows);
}

void Layers::dense_sigmoid(const Dense &layer, const Activation &x, float *y) noexcept {
    linear(layer.weight, layer.bias, x, y);
    kernels_.sigmoid(y, layer.weight.rows);
}

// h <- (1 - z) n + z h with n = tanh(W_n x + b_n + r (U_n h + c_n)).
void Layers::gru(const Gru &layer, const Activation &x, Activation &state) noexcept {
    const int n = layer.units;
    linear(layer.weight_ih, layer.bias_ih, x, input_.data());
    linear(layer.weight_hh, layer.bias_hh, state, recurrent_.data());
    float *reset = input_.data(), *update = reset + n, *fresh = update + n;
    const float *recurrent_new = recurrent_.data() + 2 * n;
    for (int i = 0; i < 2 * n; i++)
        input_[i] += recurrent_[i];
    kernels_.sigmoid(reset, 2 * n);
    for (int i = 0; i < n; i++)
        fresh[i] += reset[i] * recurrent_new[i];
    kernels_.tanh(fresh, n);
    float *h = state.f32.data();
    for (int i = 0; i < n; i++)
        h[i] = (1.0f - update[i]) * fresh[i] + update[i] * h[i];
    kernels_.quantise(state.int8.data(), h, n);
}

} // namespace percepnet::nn

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Parameters of the layers, and the products that they are made of. Weights are int8 with a scale
// for each row, or float32; the activations that meet int8 weights are tanh outputs as
// round(127 x), so integer sums are exact and no path can saturate.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/kernels.hpp"
#include "nn/aligned.hpp"

namespace percepnet::nn {

// Columns are padded with zeros to a multiple of this.
constexpr int kColumnGrain = 32;

constexpr int padded(int columns) {
    return (columns + kColumnGrain - 1) / kColumnGrain * kColumnGrain;
}

struct Matrix {
    int rows = 0, columns = 0;       // as in the file
    int stride = 0;                  // padded(columns)
    AlignedVector<float> f32;        // rows * stride; empty if int8
    AlignedVector<std::int8_t> int8; // rows * stride; empty if float32
    std::vector<float> scale;        // int8 only: what one unit of an integer sum is worth

    bool quantised() const { return f32.empty(); }
};

struct Dense {
    Matrix weight;
    std::vector<float> bias;
};

// PyTorch's order: rows are reset, update, new; the reset gate acts after the matrix product.
struct Gru {
    int units = 0;
    Matrix weight_ih, weight_hh;
    std::vector<float> bias_ih, bias_hh;
};

// A vector of values in -1..1 both as they are and in 8 bits, padded with zeros.
struct Activation {
    AlignedVector<float> f32;
    AlignedVector<std::int8_t> int8;

    explicit Activation(int size) : f32(padded(size)), int8(padded(size)) {}
    void clear() noexcept;
};

// The products, with their scratch memory: enough for layers of at most max_rows rows.
class Layers {
public:
    Layers(const kernels::Kernels &kernels, int max_rows);

    // y = weight x + bias; y has room for the rows.
    void linear(const Matrix &weight, const std::vector<float> &bias, const Activation &x,
                float *y) noexcept;
    // y = tanh(weight x + bias), into both forms from index first on.
    void dense_tanh(const Dense &layer, const Activation &x, Activation &y, int first) noexcept;
    void dense_sigmoid(const Dense &layer, const Activation &x, float *y) noexcept;
    // One hop: state <- GRU(x, state).
    void gru(const Gru &layer, const Activation &x, Activation &state) noexcept;

private:
    const kernels::Kernels &kernels_;
    AlignedVector<std::int32_t> sums_;
    AlignedVector<float> input_, recurrent_;
};

} // namespace percepnet::nn

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Layers whose weights are shared by many rows (the bands): products are of all rows at once, and
// vectors run over the outputs. Weights are float32, or int8 with a scale for each output; then the
// values that meet them are in 8 bits too, as 128 + round(127 x / range).
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/kernels.hpp"
#include "nn/aligned.hpp"

namespace percepnet::nn {

// Outputs are padded with zeros to a multiple of this.
constexpr int kRowGrain = 16;

constexpr int padded_outputs(int outputs) {
    return (outputs + kRowGrain - 1) / kRowGrain * kRowGrain;
}

struct RowMatrix {
    int inputs = 0, outputs = 0;     // outputs: padded
    AlignedVector<float> f32;        // [input][output]; empty if int8
    AlignedVector<std::int8_t> int8; // as kernels::RowWeights has it; empty if float32
    AlignedVector<std::int32_t> offset;
    AlignedVector<float> scale;

    bool quantised() const { return f32.empty(); }
};

struct RowDense {
    RowMatrix weight;
    AlignedVector<float> bias;
};

// Outputs are reset, update, new, as in layers.hpp.
struct RowGru {
    int units = 0;
    RowMatrix weight_ih, weight_hh;
    AlignedVector<float> bias_ih, bias_hh;
};

// Rows of values, in the one form that the matrix after them takes.
struct RowActivation {
    AlignedVector<float> f32;
    AlignedVector<std::uint8_t> bytes;

    explicit RowActivation(std::size_t size) : f32(size), bytes(size) {}
    RowActivation(std::size_t size, bool int8) : f32(int8 ? 0 : size), bytes(int8 ? size : 0) {}
};

// The state of a GRU in every row.
struct RowState {
    RowActivation now;
    AlignedVector<std::uint8_t> next;

    explicit RowState(std::size_t size) : now(size), next(size) {}
    void clear() noexcept;
};

// The layers, with their scratch memory: for some rows and layers of at most max_outputs outputs.
class RowLayers {
public:
    RowLayers(const kernels::Kernels &kernels, int rows, int max_outputs);

    // y = x weight + bias, of all rows, or added to y.
    void dense(const RowDense &layer, const RowActivation &x, float *y, bool add) noexcept;
    // The same for float32 weights.
    void dense_f32(const RowDense &layer, const float *x, float *y, int rows, bool add) noexcept;
    // Each row less its mean over its deviation; int8: in 8 bits.
    void normalise(const float *x, int width, bool int8, RowActivation &y) noexcept;
    // One hop in every row.
    void gru(const RowGru &layer, const RowActivation &x, RowState &state) noexcept;
    // Two GRUs along the rows, both ways, from no state: y has both states of a row side by side.
    void chains(const RowGru &up, const RowGru &down, const RowActivation &x,
                RowActivation &y) noexcept;

private:
    void inputs_of(const RowGru &layer, const RowActivation &x, float *gates) noexcept;
    void chain(const RowGru &layer, const float *gates, bool upwards, RowActivation &y) noexcept;

    const kernels::Kernels &kernels_;
    const int rows_;
    AlignedVector<float> first_, second_;
};

} // namespace percepnet::nn

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Layers whose weights are shared by many rows (the bands): products are of all rows at once, and
// vectors run over the outputs, so that every sum takes its inputs in their order.
#pragma once

#include <vector>

#include "nn/aligned.hpp"

namespace percepnet::nn {

// Outputs are padded with zeros to a multiple of this.
constexpr int kRowGrain = 16;

constexpr int padded_outputs(int outputs) {
    return (outputs + kRowGrain - 1) / kRowGrain * kRowGrain;
}

struct RowMatrix {
    int inputs = 0, outputs = 0; // outputs: padded
    AlignedVector<float> f32;    // [input][output]
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

} // namespace percepnet::nn

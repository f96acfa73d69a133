// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "nn/row_layers.hpp"

#include <algorithm>

namespace percepnet::nn {
namespace {

kernels::RowWeights view(const RowMatrix &weight, const AlignedVector<float> &bias) noexcept {
    return {weight.inputs,        weight.outputs,      weight.int8.data(),
            weight.offset.data(), weight.scale.data(), bias.data()};
}

} // namespace

void RowState::clear() noexcept {
    std::fill(now.f32.begin(), now.f32.end(), 0.0f);
    std::fill(now.bytes.begin(), now.bytes.end(), std::uint8_t(kernels::kInputZero));
}

RowLayers::RowLayers(const kernels::Kernels &kernels, int rows, int max_outputs)
    : kernels_(kernels), rows_(rows), first_(std::size_t(rows) * max_outputs),
      second_(std::size_t(rows) * max_outputs) {}

void RowLayers::dense(const RowDense &layer, const RowActivation &x, float *y, bool add) noexcept {
    if (layer.weight.quantised())
        kernels_.rows_s8(y, x.bytes.data(), view(layer.weight, layer.bias), rows_, add);
    else
        dense_f32(layer, x.f32.data(), y, rows_, add);
}

void RowLayers::dense_f32(const RowDense &layer, const float *x, float *y, int rows,
                          bool add) noexcept {
    const RowMatrix &w = layer.weight;
    kernels_.rows_f32(y, x, w.f32.data(), layer.bias.data(), rows, w.inputs, w.outputs, add);
}

void RowLayers::normalise(const float *x, int width, bool int8, RowActivation &y) noexcept {
    if (int8)
        kernels_.normalise_s8(y.bytes.data(), x, rows_, width);
    else
        kernels_.normalise(y.f32.data(), x, rows_, width);
}

void RowLayers::inputs_of(const RowGru &layer, const RowActivation &x, float *gates) noexcept {
    const RowMatrix &w = layer.weight_ih;
    if (w.quantised())
        kernels_.rows_s8(gates, x.bytes.data(), view(w, layer.bias_ih), rows_, false);
    else
        kernels_.rows_f32(gates, x.f32.data(), w.f32.data(), layer.bias_ih.data(), rows_, w.inputs,
                          w.outputs, false);
}

void RowLayers::gru(const RowGru &layer, const RowActivation &x, RowState &state) noexcept {
    const RowMatrix &w = layer.weight_hh;
    float *h = state.now.f32.data();
    if (w.quantised()) {
        const kernels::GruWeights weights{layer.units, view(layer.weight_ih, layer.bias_ih),
                                          view(w, layer.bias_hh)};
        kernels_.gru_rows_s8(h, state.next.data(), x.bytes.data(), state.now.bytes.data(), weights,
                             rows_);
        state.now.bytes.swap(state.next);
        return;
    }
    inputs_of(layer, x, first_.data());
    kernels_.rows_f32(second_.data(), h, w.f32.data(), layer.bias_hh.data(), rows_, w.inputs,
                      w.outputs, false);
    for (int r = 0; r < rows_; r++, h += layer.units)
        kernels_.gru_gates(h, h, &first_[std::size_t(r) * w.outputs],
                           &second_[std::size_t(r) * w.outputs], layer.units);
}

void RowLayers::chains(const RowGru &up, const RowGru &down, const RowActivation &x,
                       RowActivation &y) noexcept {
    inputs_of(up, x, first_.data());
    inputs_of(down, x, second_.data());
    if (up.weight_hh.quantised()) {
        kernels_.gru_chains_s8(y.bytes.data(), first_.data(), second_.data(),
                               view(up.weight_hh, up.bias_hh), view(down.weight_hh, down.bias_hh),
                               rows_);
        return;
    }
    chain(up, first_.data(), true, y);
    chain(down, second_.data(), false, y);
}

void RowLayers::chain(const RowGru &layer, const float *gates, bool upwards,
                      RowActivation &y) noexcept {
    constexpr int kMaxGates = 3 * kernels::kMaxChainUnits;
    alignas(64) float memory[kMaxGates];
    alignas(64) const float nothing[kernels::kMaxChainUnits] = {};
    const RowMatrix &w = layer.weight_hh;
    const float *last = nothing;
    for (int step = 0; step < rows_; step++) {
        const int r = upwards ? step : rows_ - 1 - step;
        float *h = y.f32.data() + (2 * r + (upwards ? 0 : 1)) * layer.units;
        kernels_.rows_f32(memory, last, w.f32.data(), layer.bias_hh.data(), 1, w.inputs, w.outputs,
                          false);
        kernels_.gru_gates(h, last, gates + r * w.outputs, memory, layer.units);
        last = h;
    }
}

} // namespace percepnet::nn

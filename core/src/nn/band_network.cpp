// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// One hop through the band network: in, the features of the newest hop; out, gains and strengths of
// the hop look_ahead before it. Each band runs the same small network over time; at every hop GRUs
// up and down over the bands let them hear each other (docs/algorithm.md).
#include "nn/band_network.hpp"

#include <algorithm>
#include <cassert>

namespace percepnet::nn {
namespace {

constexpr std::size_t kRows = kBands;

// Drops the oldest of hops groups of size values, and makes room for the newest.
float *shift(float *row, int size, int hops) noexcept {
    std::copy(row + size, row + size * hops, row);
    return row + size * (hops - 1);
}

// Writes the newest of hops groups by fill(to), and in the beginning all others like it.
template <typename Fill> void push(float *row, int size, int hops, bool fresh, Fill fill) noexcept {
    float *newest = shift(row, size, hops);
    fill(newest);
    for (int hop = 0; fresh && hop < hops - 1; hop++)
        std::copy_n(newest, size, row + hop * size);
}

float at_edge(const float *values, int i, int count) noexcept {
    return values[std::clamp(i, 0, count - 1)];
}

} // namespace

BandNetwork::BandNetwork(std::shared_ptr<const Model> model, const kernels::Kernels &kernels)
    : model_(std::move(model)), kernels_(kernels), layers_(model_->bands()),
      shape_(model_->architecture().band), common_(std::size_t(layers_.common.weight.inputs)),
      local_(kRows * layers_.local.weight.inputs), channels_(kRows * shape_.channels),
      base_(std::size_t(shape_.channels)), normal_(kRows * shape_.channels),
      memory_(kRows * 3 * shape_.time_units + 3 * shape_.band_units),
      hidden_(kRows * 2 * shape_.band_units), zeros_(std::size_t(shape_.band_units)),
      states_(std::size_t(shape_.blocks), Rows(kRows * shape_.time_units)),
      answer_(kRows * layers_.out2.weight.outputs) {
    for (Rows &gates : gates_)
        gates.resize(kRows * 3 * std::max(shape_.band_units, shape_.time_units));
}

void BandNetwork::reset() noexcept {
    fresh_ = true;
    for (Rows &state : states_)
        std::fill(state.begin(), state.end(), 0.0f);
}

void BandNetwork::product(const RowMatrix &w, const Rows &bias, const float *x, Rows &y, int rows,
                          bool add) noexcept {
    kernels_.rows_f32(y.data(), x, w.f32.data(), bias.data(), rows, w.inputs, w.outputs, add);
}

void BandNetwork::remember_inputs(Span<const float> features) noexcept {
    const float *energy = features.data(), *coherence = energy + kBands;
    const float *pitch = coherence + kBands, *fine = pitch + 2;
    push(common_.data(), kCommonInputs, shape_.past, fresh_, [&](float *to) {
        float sum = 0.0f;
        for (int b = 0; b < kBands; b++)
            sum += energy[b];
        to[0] = pitch[0];
        to[1] = pitch[1];
        to[2] = sum / float(kBands);
        to[3] = *std::max_element(energy, energy + kBands);
    });
    for (int b = 0; b < kBands; b++) {
        float *row = &local_[std::size_t(b) * layers_.local.weight.inputs];
        push(row, kLocalInputs, shape_.past, fresh_, [&](float *to) {
            for (int i = 0; i < 5; i++)
                to[i] = at_edge(energy, b + 2 - i, kBands);
            for (int i = 0; i < 3; i++)
                to[5 + i] = at_edge(coherence, b + 1 - i, kBands);
        });
        if (shape_.fine == 0)
            continue;
        push(row + kLocalInputs * shape_.past, kFineInputs, shape_.fine_past, fresh_,
             [&](float *to) {
                 for (int i = 0; i < kFineInputs; i++)
                     to[i] = at_edge(fine, kFineParts * b + i - 1, kFineFeatures) - energy[b];
             });
    }
    fresh_ = false;
}

void BandNetwork::first_layer() noexcept {
    product(layers_.common.weight, layers_.common.bias, common_.data(), base_, 1, false);
    for (std::size_t i = 0; i < channels_.size(); i++)
        channels_[i] = layers_.band[i] + base_[i % base_.size()];
    product(layers_.local.weight, layers_.local.bias, local_.data(), channels_, kBands, true);
}

// Both chains start from nothing at every hop.
void BandNetwork::over_bands(const BandBlock &block) noexcept {
    const RowGru *const chains[2] = {&block.up, &block.down};
    const int units = shape_.band_units;
    kernels_.normalise(normal_.data(), channels_.data(), kBands, shape_.channels);
    for (int d = 0; d < 2; d++)
        product(chains[d]->weight_ih, chains[d]->bias_ih, normal_.data(), gates_[d], kBands, false);
    for (int step = 0; step < kBands; step++)
        for (int d = 0; d < 2; d++) {
            const int b = d == 0 ? step : kBands - 1 - step;
            float *h = hidden_.data() + (2 * b + d) * units;
            const float *old = step == 0 ? zeros_.data() : h + (d == 0 ? -2 : 2) * units;
            product(chains[d]->weight_hh, chains[d]->bias_hh, old, memory_, 1, false);
            kernels_.gru_gates(h, old, gates_[d].data() + b * 3 * units, memory_.data(), units);
        }
    product(block.band_out.weight, block.band_out.bias, hidden_.data(), channels_, kBands, true);
}

void BandNetwork::over_time(const BandBlock &block, Rows &state) noexcept {
    const int units = shape_.time_units;
    kernels_.normalise(normal_.data(), channels_.data(), kBands, shape_.channels);
    product(block.time.weight_ih, block.time.bias_ih, normal_.data(), gates_[0], kBands, false);
    product(block.time.weight_hh, block.time.bias_hh, state.data(), memory_, kBands, false);
    for (int b = 0; b < kBands; b++) {
        float *h = state.data() + b * units;
        kernels_.gru_gates(h, h, gates_[0].data() + b * 3 * units, memory_.data() + b * 3 * units,
                           units);
    }
    product(block.time_out.weight, block.time_out.bias, state.data(), channels_, kBands, true);
}

void BandNetwork::answer(NetworkOutput &out) noexcept {
    const std::size_t channels = base_.size(), width = std::size_t(layers_.out2.weight.outputs);
    kernels_.normalise(normal_.data(), channels_.data(), kBands, shape_.channels);
    product(layers_.out1.weight, layers_.out1.bias, normal_.data(), channels_, kBands, false);
    kernels_.tanh(channels_.data(), int(channels_.size()));
    product(layers_.out2.weight, layers_.out2.bias, channels_.data(), answer_, kBands, false);
    std::fill(base_.begin(), base_.end(), 0.0f);
    for (std::size_t b = 0; b < kBands; b++) {
        out.gain_b[b] = answer_[b * width] + layers_.gain_bias[b];
        out.strength_b[b] = answer_[b * width + 1] + layers_.strength_bias[b];
        for (std::size_t i = 0; i < channels; i++)
            base_[i] += channels_[b * channels + i];
    }
    out.voice_probability =
        kernels_.dot(base_.data(), layers_.voice.data(), int(channels)) / float(kBands) +
        layers_.voice_bias[0];
    kernels_.sigmoid(out.gain_b.data(), kBands);
    kernels_.sigmoid(out.strength_b.data(), kBands);
    kernels_.sigmoid(&out.voice_probability, 1);
}

void BandNetwork::step(Span<const float> features, NetworkOutput &out) noexcept {
    assert(features.size() == std::size_t(model_->architecture().features));
    remember_inputs(features);
    first_layer();
    for (std::size_t i = 0; i < layers_.blocks.size(); i++) {
        over_bands(layers_.blocks[i]);
        over_time(layers_.blocks[i], states_[i]);
    }
    answer(out);
}

} // namespace percepnet::nn

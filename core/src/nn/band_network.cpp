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
    : model_(std::move(model)), kernels_(kernels), parameters_(model_->bands()),
      shape_(model_->architecture().band), int8_(parameters_.out1.weight.quantised()),
      common_(std::size_t(parameters_.common.weight.inputs)),
      local_(kRows * parameters_.local.weight.inputs), channels_(kRows * shape_.channels),
      states_(std::size_t(shape_.blocks), RowState(kRows * shape_.time_units)),
      scratch_{{kernels, kBands, 3 * std::max(shape_.band_units, int8_ ? 0 : shape_.time_units)},
               AlignedVector<float>(std::size_t(shape_.channels)),
               {kRows * shape_.channels, int8_},
               {kRows * 2 * shape_.band_units, int8_},
               AlignedVector<float>(kRows * parameters_.out2.weight.outputs)} {
    reset();
}

void BandNetwork::reset() noexcept {
    fresh_ = true;
    for (RowState &state : states_)
        state.clear();
}

void BandNetwork::remember_inputs(Span<const float> features) noexcept {
    assert(features.size() == std::size_t(model_->architecture().features));
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
        float *row = &local_[std::size_t(b) * parameters_.local.weight.inputs];
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

void BandNetwork::first_layer(Scratch &scratch) noexcept {
    AlignedVector<float> &base = scratch.base;
    scratch.layers.dense_f32(parameters_.common, common_.data(), base.data(), 1, false);
    const std::size_t width = base.size();
    for (std::size_t b = 0; b < kRows; b++)
        for (std::size_t i = 0; i < width; i++)
            channels_[b * width + i] = parameters_.band[b * width + i] + base[i];
    scratch.layers.dense_f32(parameters_.local, local_.data(), channels_.data(), kBands, true);
}

void BandNetwork::over_bands(const BandBlock &block, Scratch &scratch) noexcept {
    scratch.layers.normalise(channels_.data(), shape_.channels, int8_, scratch.normal);
    scratch.layers.chains(block.up, block.down, scratch.normal, scratch.hidden);
    scratch.layers.dense(block.band_out, scratch.hidden, channels_.data(), true);
}

void BandNetwork::over_time(const BandBlock &block, RowState &state, Scratch &scratch) noexcept {
    scratch.layers.normalise(channels_.data(), shape_.channels, int8_, scratch.normal);
    scratch.layers.gru(block.time, scratch.normal, state);
    scratch.layers.dense(block.time_out, state.now, channels_.data(), true);
}

void BandNetwork::answer(Scratch &scratch, NetworkOutput &out) noexcept {
    AlignedVector<float> &base = scratch.base, &answer = scratch.answer;
    const std::size_t width = base.size(), apart = std::size_t(parameters_.out2.weight.outputs);
    scratch.layers.normalise(channels_.data(), shape_.channels, int8_, scratch.normal);
    scratch.layers.dense(parameters_.out1, scratch.normal, channels_.data(), false);
    kernels_.tanh(channels_.data(), int(channels_.size()));
    scratch.layers.dense_f32(parameters_.out2, channels_.data(), answer.data(), kBands, false);
    std::fill(base.begin(), base.end(), 0.0f);
    for (std::size_t b = 0; b < kRows; b++) {
        out.gain_b[b] = answer[b * apart] + parameters_.gain_bias[b];
        out.strength_b[b] = answer[b * apart + 1] + parameters_.strength_bias[b];
        for (std::size_t i = 0; i < width; i++)
            base[i] += channels_[b * width + i];
    }
    out.voice_probability =
        kernels_.dot(base.data(), parameters_.voice.data(), int(width)) / float(kBands) +
        parameters_.voice_bias[0];
    kernels_.sigmoid(out.gain_b.data(), kBands);
    kernels_.sigmoid(out.strength_b.data(), kBands);
    kernels_.sigmoid(&out.voice_probability, 1);
}

void BandNetwork::step(Span<const float> features, NetworkOutput &out) noexcept {
    const Turn turn{this, features, &out};
    step_together({&turn, 1});
}

void BandNetwork::step_together(Span<const Turn> turns) noexcept {
    Scratch &scratch = turns[0].network->scratch_;
    const BandParameters &parameters = turns[0].network->parameters_;
    const auto each = [&](Stage stage, auto layer) {
        for (const Turn &turn : turns) {
            layer(*turn.network, turn);
            done(turn.network->clock_, stage);
        }
    };
    each(Stage::kFirstLayer, [&](BandNetwork &network, const Turn &turn) {
        assert(network.model_ == turns[0].network->model_);
        network.remember_inputs(turn.features);
        network.first_layer(scratch);
    });
    for (std::size_t i = 0; i < parameters.blocks.size(); i++) {
        const BandBlock &block = parameters.blocks[i];
        each(Stage::kOverBands,
             [&](BandNetwork &network, const Turn &) { network.over_bands(block, scratch); });
        each(Stage::kOverTime, [&](BandNetwork &network, const Turn &) {
            network.over_time(block, network.states_[i], scratch);
        });
    }
    each(Stage::kAnswer,
         [&](BandNetwork &network, const Turn &turn) { network.answer(scratch, *turn.out); });
}

} // namespace percepnet::nn

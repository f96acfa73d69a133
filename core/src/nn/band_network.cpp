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

bool is_int8(const Model &model) {
    return model.bands().out1.weight.quantised();
}

// Of a layer that keeps its sums in the scratch memory.
int most_outputs(const Model &model) {
    const BandShape &shape = model.architecture().band;
    return 3 * std::max(shape.band_units, is_int8(model) ? 0 : shape.time_units);
}

// Values with what stands beyond their edges: the first and the last one, kBeyond times.
template <int kCount> struct Edged {
    static constexpr int kBeyond = 2;
    float value[kCount + 2 * kBeyond];

    explicit Edged(const float *values) {
        std::copy_n(values, kCount, value + kBeyond);
        std::fill_n(value, kBeyond, values[0]);
        std::fill_n(value + kBeyond + kCount, kBeyond, values[kCount - 1]);
    }
    float operator[](int i) const { return value[i + kBeyond]; }
};

} // namespace

BandNetwork::Scratch::Scratch(const Model &model, const kernels::Kernels &kernels)
    : layers(kernels, kBands, most_outputs(model)),
      base(std::size_t(model.architecture().band.channels)),
      normal(kRows * model.architecture().band.channels, is_int8(model)),
      hidden(kRows * 2 * model.architecture().band.band_units, is_int8(model)),
      answer(kRows * model.bands().out2.weight.outputs) {}

BandNetwork::BandNetwork(std::shared_ptr<const Model> model, const kernels::Kernels &kernels)
    : model_(std::move(model)), kernels_(kernels), parameters_(model_->bands()),
      shape_(model_->architecture().band), int8_(is_int8(*model_)),
      common_(std::size_t(parameters_.common.weight.inputs)),
      local_(kRows * parameters_.local.weight.inputs), channels_(kRows * shape_.channels),
      states_(std::size_t(shape_.blocks), RowState(kRows * shape_.time_units)),
      scratch_(*model_, kernels) {
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
    const Edged<kBands> energies(energy), coherences(coherence);
    for (int b = 0; b < kBands; b++) {
        float *row = &local_[std::size_t(b) * parameters_.local.weight.inputs];
        push(row, kLocalInputs, shape_.past, fresh_, [&](float *to) {
            for (int i = 0; i < 5; i++)
                to[i] = energies[b + 2 - i];
            for (int i = 0; i < 3; i++)
                to[5 + i] = coherences[b + 1 - i];
        });
        if (shape_.fine == 0)
            continue;
        push(row + kLocalInputs * shape_.past, kFineInputs, shape_.fine_past, fresh_,
             [&](float *to) {
                 for (int i = 0; i < kFineInputs; i++)
                     to[i] =
                         fine[std::clamp(kFineParts * b + i - 1, 0, kFineFeatures - 1)] - energy[b];
             });
    }
    fresh_ = false;
}

void BandNetwork::first_layer(float *channels, Scratch &scratch) noexcept {
    AlignedVector<float> &base = scratch.base;
    scratch.layers.dense_f32(parameters_.common, common_.data(), base.data(), 1, false);
    const std::size_t width = base.size();
    for (std::size_t b = 0; b < kRows; b++)
        for (std::size_t i = 0; i < width; i++)
            channels[b * width + i] = parameters_.band[b * width + i] + base[i];
    scratch.layers.dense_f32(parameters_.local, local_.data(), channels, kBands, true);
}

void BandNetwork::over_bands(const BandBlock &block, float *channels, Scratch &scratch) noexcept {
    scratch.layers.normalise(channels, shape_.channels, int8_, scratch.normal);
    scratch.layers.chains(block.up, block.down, scratch.normal, scratch.hidden);
    scratch.layers.dense(block.band_out, scratch.hidden, channels, true);
}

void BandNetwork::over_time(const BandBlock &block, RowState &state, float *channels,
                            Scratch &scratch) noexcept {
    scratch.layers.normalise(channels, shape_.channels, int8_, scratch.normal);
    scratch.layers.gru(block.time, scratch.normal, state);
    scratch.layers.dense(block.time_out, state.now, channels, true);
}

void BandNetwork::answer(float *channels, Scratch &scratch, NetworkOutput &out) noexcept {
    AlignedVector<float> &base = scratch.base, &answer = scratch.answer;
    const std::size_t width = base.size(), apart = std::size_t(parameters_.out2.weight.outputs);
    scratch.layers.normalise(channels, shape_.channels, int8_, scratch.normal);
    scratch.layers.dense(parameters_.out1, scratch.normal, channels, false);
    kernels_.tanh(channels, int(kRows * width));
    scratch.layers.dense_f32(parameters_.out2, channels, answer.data(), kBands, false);
    std::fill(base.begin(), base.end(), 0.0f);
    for (std::size_t b = 0; b < kRows; b++) {
        out.gain_b[b] = answer[b * apart] + parameters_.gain_bias[b];
        out.strength_b[b] = answer[b * apart + 1] + parameters_.strength_bias[b];
        for (std::size_t i = 0; i < width; i++)
            base[i] += channels[b * width + i];
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
    const BandNetwork &first = *turns[0].network;
    for (std::size_t part = 0; part < first.parts(); part++)
        for (const Turn &turn : turns) {
            BandNetwork &network = *turn.network;
            assert(network.model_ == first.model_);
            network.step_part(part, {turn.features, network.channels_.data(), turn.out},
                              turns[0].network->scratch_);
            done(network.clock_, first.stage_of(part));
        }
}

Stage BandNetwork::stage_of(std::size_t part) const noexcept {
    if (part == 0)
        return Stage::kFirstLayer;
    if (part == parts() - 1)
        return Stage::kAnswer;
    return part % 2 == 1 ? Stage::kOverBands : Stage::kOverTime;
}

void BandNetwork::step_part(std::size_t part, const Hop &hop, Scratch &scratch) noexcept {
    const std::size_t block = (part - 1) / 2;
    switch (stage_of(part)) {
    case Stage::kFirstLayer:
        remember_inputs(hop.features);
        return first_layer(hop.channels, scratch);
    case Stage::kOverBands:
        return over_bands(parameters_.blocks[block], hop.channels, scratch);
    case Stage::kOverTime:
        return over_time(parameters_.blocks[block], states_[block], hop.channels, scratch);
    default:
        return answer(hop.channels, scratch, *hop.out);
    }
}

} // namespace percepnet::nn

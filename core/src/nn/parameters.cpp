// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "nn/parameters.hpp"

#include <string>

namespace percepnet::nn {
namespace {

// Inputs first .. first + count of each hop's.
void take_inputs(const RowMatrix &from, int hops, int first, int count, RowMatrix &to) {
    const int each = from.inputs / hops;
    for (int hop = 0; hop < hops; hop++)
        for (int i = first; i < first + count; i++) {
            const auto row = from.f32.begin() + std::ptrdiff_t(hop * each + i) * from.outputs;
            to.f32.insert(to.f32.end(), row, row + from.outputs);
        }
    to.outputs = from.outputs;
    to.inputs += hops * count;
}

BandBlock read_block(ParameterReader &reader, const BandShape &shape, const std::string &number) {
    const int channels = shape.channels;
    BandBlock block;
    block.up = reader.row_gru("up" + number, shape.band_units, channels);
    block.down = reader.row_gru("down" + number, shape.band_units, channels);
    block.band_out = reader.row_dense("band_out" + number, channels, 2 * shape.band_units);
    block.time = reader.row_gru("time" + number, shape.time_units, channels);
    block.time_out = reader.row_dense("time_out" + number, channels, shape.time_units);
    return block;
}

} // namespace

DenseParameters read_dense(ParameterReader &reader, const Architecture &a) {
    DenseParameters p;
    p.feature_mean = reader.optional_vector("feature_mean", a.features, 0.0f);
    p.feature_scale = reader.optional_vector("feature_scale", a.features, 1.0f);
    p.fc = reader.dense("fc", a.fc, a.features, Weights::kFloat);
    p.conv1 = reader.dense("conv1", a.width, a.conv1_kernel * a.fc, Weights::kAny);
    p.conv2 = reader.dense("conv2", a.width, a.conv2_kernel * a.width, Weights::kAny);
    for (int i = 1; i <= a.gru_layers; i++)
        p.gru.push_back(reader.gru("gru" + std::to_string(i), a.width, a.width));
    p.gru_g = reader.gru("gru_g", a.width, a.width);
    p.fc_g = reader.dense("fc_g", a.bands, a.concat(), Weights::kFloat);
    p.fc_v = reader.dense("fc_v", 1, a.concat(), Weights::kFloat);
    p.gru_r = reader.gru("gru_r", a.strength_width, 2 * a.width);
    p.fc_r = reader.dense("fc_r", a.bands, a.strength_width, Weights::kFloat);
    return p;
}

BandParameters read_bands(ParameterReader &reader, const Architecture &a) {
    const BandShape &shape = a.band;
    BandParameters p;
    const RowMatrix inputs =
        reader.row_matrix("inp.weight", shape.channels, kBandInputs * shape.past, Weights::kFloat);
    take_inputs(inputs, shape.past, 0, kLocalInputs, p.local.weight);
    take_inputs(inputs, shape.past, kLocalInputs, kCommonInputs, p.common.weight);
    if (shape.fine) {
        const int each = kFineInputs;
        take_inputs(reader.row_matrix("fine_inp.weight", shape.channels, each * shape.fine_past,
                                      Weights::kFloat),
                    shape.fine_past, 0, each, p.local.weight);
    }
    p.local.bias.assign(std::size_t(shape.channels), 0.0f);
    p.common.bias.assign(std::size_t(shape.channels), 0.0f);
    p.band = reader.floats("band", {a.bands, shape.channels});
    for (int i = 0; i < shape.blocks; i++)
        p.blocks.push_back(read_block(reader, shape, std::to_string(i)));
    p.out1 = reader.row_dense("out1", shape.channels, shape.channels);
    p.out2.weight = reader.row_matrix("out2.weight", 2, shape.channels, Weights::kFloat);
    p.out2.bias.assign(std::size_t(p.out2.weight.outputs), 0.0f);
    p.gain_bias = reader.floats("gain_bias", {a.bands});
    p.strength_bias = reader.floats("strength_bias", {a.bands});
    p.voice = reader.floats("voice.weight", {shape.channels});
    p.voice_bias = reader.floats("voice.bias", {1});
    return p;
}

} // namespace percepnet::nn

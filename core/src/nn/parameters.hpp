// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// What the networks compute with, as the model file has it (docs/model-format.md).
#pragma once

#include <variant>
#include <vector>

#include "nn/architecture.hpp"
#include "nn/layers.hpp"
#include "nn/parameter_reader.hpp"
#include "nn/row_layers.hpp"

namespace percepnet::nn {

// Features enter as (feature - mean) * scale.
struct DenseParameters {
    std::vector<float> feature_mean, feature_scale;
    Dense fc, conv1, conv2; // convolutions: a row holds kernel * inputs weights, oldest hop first
    std::vector<Gru> gru;
    Gru gru_g, gru_r;
    Dense fc_g, fc_v, fc_r;
};

// One block of the band network. Gains and biases of the normalisations are in the matrices.
struct BandBlock {
    RowGru up, down; // over the bands
    RowDense band_out;
    RowGru time;
    RowDense time_out;
};

struct BandParameters {
    RowDense common;           // inputs that all bands share, of the last hops, oldest first
    RowDense local;            // inputs of a band, of the last hops, then its fine parts
    AlignedVector<float> band; // bands x channels: what each band adds to its first layer
    std::vector<BandBlock> blocks;
    RowDense out1;
    RowDense out2;                                 // gain, strength; padded
    AlignedVector<float> gain_bias, strength_bias; // for each band
    AlignedVector<float> voice, voice_bias;        // channels; 1
};

// Throw std::runtime_error with a sentence.
DenseParameters read_dense(ParameterReader &reader, const Architecture &architecture);
BandParameters read_bands(ParameterReader &reader, const Architecture &architecture);

} // namespace percepnet::nn

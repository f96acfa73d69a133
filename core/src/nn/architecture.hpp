// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The shape of the network, read from the model file (docs/algorithm.md gives the paper's).
#pragma once

#include <string>

#include "constants.hpp"

namespace percepnet::nn {

enum class Kind { kDense, kBands };

// Inputs of a band for each hop, in the order of the model file: log energies of bands b + 2 .. b -
// 2 and coherences of bands b + 1 .. b - 1 (at the edges those of the last band); then what all
// bands share: pitch period and correlation, mean and largest log energy.
constexpr int kLocalInputs = 8;
constexpr int kCommonInputs = 4;
constexpr int kBandInputs = kLocalInputs + kCommonInputs;
// With fine features: of the band's six parts and one on each side, less the band's log energy.
constexpr int kFineInputs = kFineParts + 2;

// A network whose weights are shared by the bands (docs/algorithm.md):
//   inputs -> channels;  blocks x { + GRUs up and down over the bands, + GRU over time };
//   tanh layer -> gains, strengths (sigmoid);  its mean over the bands -> voice probability
struct BandShape {
    int channels = 48;   // of each band; these three are multiples of 16
    int time_units = 64; // of the GRU over time
    int band_units = 32; // of each GRU over the bands
    int blocks = 2;
    int past = 5;      // hops that the inputs see, the newest included
    int fine = 0;      // 1: with fine features
    int fine_past = 3; // hops that the fine inputs see
};

// The dense network, when kind is kDense: the paper's.
// features -> fc -> conv1 -> conv2 -> gru x gru_layers -> { gain branch, strength branch }
//   gain:     gru_g;  fc_g over concat(conv2, gru 1..n, gru_g) -> 34 gains (sigmoid)
//             fc_v over the same concatenation -> voice probability (sigmoid)
//   strength: gru_r over concat(gru n, conv2);  fc_r -> 34 strengths (sigmoid)
// All hidden activations are tanh, so that they fit 8 bits with a fixed range.
struct Architecture {
    Kind kind = Kind::kDense;
    BandShape band;           // of kBands; the rest from fc on is of kDense
    int features = kFeatures; // kFineFeatures more with fine features
    int bands = kBands;
    int look_ahead = 2;   // hops, 0 .. 3: the delay is kHop * (look_ahead + 1)
    int fc = 128;         // units
    int conv1_kernel = 5; // hops, causal at arrival time
    int conv2_kernel = 3;
    int width = 512; // units of conv1, conv2, the GRUs and gru_g
    int gru_layers = 3;
    int strength_width = 128; // units of gru_r

    bool fine() const { return features > kFeatures; }
    int concat() const { return width * (gru_layers + 2); } // inputs of fc_g and fc_v
};

// Reads the JSON text of the metadata entry percepnet.architecture and checks every number against
// the bounds in docs/model-format.md. Throws std::runtime_error with a sentence.
Architecture parse_architecture(const std::string &text);

} // namespace percepnet::nn

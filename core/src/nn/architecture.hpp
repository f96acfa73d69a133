// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The shape of the network, read from the model file (docs/algorithm.md gives the paper's).
#pragma once

#include <string>

#include "constants.hpp"

namespace percepnet::nn {

// features -> fc -> conv1 -> conv2 -> gru x gru_layers -> { gain branch, strength branch }
//   gain:     gru_g;  fc_g over concat(conv2, gru 1..n, gru_g) -> 34 gains (sigmoid)
//             fc_v over the same concatenation -> voice probability (sigmoid)
//   strength: gru_r over concat(gru n, conv2);  fc_r -> 34 strengths (sigmoid)
// All hidden activations are tanh, so that they fit 8 bits with a fixed range.
struct Architecture {
    int features = kFeatures;
    int bands = kBands;
    int look_ahead = 2;   // hops, 0 .. 3: the delay is kHop * (look_ahead + 1)
    int fc = 128;         // units
    int conv1_kernel = 5; // hops, causal at arrival time
    int conv2_kernel = 3;
    int width = 512; // units of conv1, conv2, the GRUs and gru_g
    int gru_layers = 3;
    int strength_width = 128; // units of gru_r

    int concat() const { return width * (gru_layers + 2); } // inputs of fc_g and fc_v
};

// Reads the JSON text of the metadata entry percepnet.architecture and checks every number against
// the bounds in docs/model-format.md. Throws std::runtime_error with a sentence.
Architecture parse_architecture(const std::string &text);

} // namespace percepnet::nn

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "constants.hpp"
#include "kernels/kernels.hpp"
#include "nn/layers.hpp"
#include "nn/model.hpp"
#include "span.hpp"

namespace percepnet::nn {

struct NetworkOutput {
    std::array<float, kBands> gain_b;     // 0..1
    std::array<float, kBands> strength_b; // 0..1, of the comb filter
    float voice_probability;              // 0..1
};

// The network with its memory of one stream: one step for each hop. Layers in architecture.hpp.
class Network {
public:
    explicit Network(std::shared_ptr<const Model> model,
                     const kernels::Kernels &kernels = kernels::active());

    // As new, bit for bit.
    void reset() noexcept;
    // features: kFeatures values, any; the output is finite and in range whatever they are.
    void step(Span<const float> features, NetworkOutput &out) noexcept;

private:
    void front_end(Span<const float> features) noexcept;
    void gain_branch(NetworkOutput &out) noexcept;
    void strength_branch(NetworkOutput &out) noexcept;

    std::shared_ptr<const Model> model_;
    Layers layers_;
    Activation features_;
    Activation fc_history_, conv1_history_; // inputs of the convolutions, oldest hop first
    Activation conv2_;
    std::vector<Activation> gru_;
    Activation gru_g_, gru_r_;
    Activation gain_input_;     // conv2, gru 1..n, gru_g
    Activation strength_input_; // gru n, conv2
};

} // namespace percepnet::nn

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <memory>
#include <vector>

#include "kernels/kernels.hpp"
#include "nn/layers.hpp"
#include "nn/model.hpp"
#include "nn/network_output.hpp"
#include "span.hpp"
#include "stage_clock.hpp"

namespace percepnet::nn {

// The dense network with its memory of one stream; functions as in network.hpp. Layers in
// architecture.hpp.
class DenseNetwork {
public:
    DenseNetwork(std::shared_ptr<const Model> model, const kernels::Kernels &kernels);

    void reset() noexcept;
    void step(Span<const float> features, NetworkOutput &out) noexcept;
    // nullptr: none; it must live as long as this one.
    void measure(StageClock *clock) noexcept { clock_ = clock; }

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
    StageClock *clock_ = nullptr;
};

} // namespace percepnet::nn

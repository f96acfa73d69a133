// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <memory>
#include <variant>

#include "kernels/kernels.hpp"
#include "nn/band_network.hpp"
#include "nn/dense_network.hpp"
#include "nn/model.hpp"
#include "nn/network_output.hpp"
#include "span.hpp"
#include "stage_clock.hpp"

namespace percepnet::nn {

// The network of a model, of whatever kind, with its memory of one stream: one step for each hop.
class Network {
public:
    // One hop of one network.
    struct Turn {
        Network *network;
        Span<const float> features;
        NetworkOutput *out;
    };

    explicit Network(std::shared_ptr<const Model> model,
                     const kernels::Kernels &kernels = kernels::active());

    // As new, bit for bit.
    void reset() noexcept;
    // features: as many values as the architecture has, any; the output is finite and in range
    // whatever they are.
    void step(Span<const float> features, NetworkOutput &out) noexcept;
    // One hop of each of at most kTogether networks, bit for bit as step(); band networks of one
    // model go layer by layer.
    static void step_together(Span<const Turn> turns) noexcept;
    // nullptr: none; it must live as long as this one.
    void measure(StageClock *clock) noexcept;

private:
    std::shared_ptr<const Model> model_;
    std::variant<DenseNetwork, BandNetwork> network_;
};

} // namespace percepnet::nn

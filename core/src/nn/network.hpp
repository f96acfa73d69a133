// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "kernels/kernels.hpp"
#include "nn/aligned.hpp"
#include "nn/band_network.hpp"
#include "nn/dense_network.hpp"
#include "nn/model.hpp"
#include "nn/network_output.hpp"
#include "span.hpp"
#include "stage_clock.hpp"

namespace percepnet::nn {

// Hops of one stream on their way through a network: their features, which the caller fills in,
// what the network says of them, and the memory that its layers need.
class HopBatch {
public:
    HopBatch(const Model &model, std::size_t hops,
             const kernels::Kernels &kernels = kernels::active());

    Span<float> features(std::size_t hop) noexcept;
    NetworkOutput &output(std::size_t hop) noexcept { return outputs_[hop]; }

private:
    friend class Network;
    const std::size_t feature_count_;
    std::vector<float> features_;
    std::vector<NetworkOutput> outputs_;
    AlignedVector<float> channels_;
    std::optional<BandNetwork::Scratch> scratch_;
};

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
    // A step in parts, of the first count hops of a batch; what comes out is, bit for bit, as by
    // step(). Parts follow each other as in band_network.hpp, with batches for hops; a dense
    // network has one.
    std::size_t parts() const noexcept;
    void step_part(std::size_t part, HopBatch &batch, std::size_t count) noexcept;
    // nullptr: none; it must live as long as this one.
    void measure(StageClock *clock) noexcept;

private:
    std::shared_ptr<const Model> model_;
    std::variant<DenseNetwork, BandNetwork> network_;
};

} // namespace percepnet::nn

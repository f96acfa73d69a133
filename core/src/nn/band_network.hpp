// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <memory>
#include <vector>

#include "kernels/kernels.hpp"
#include "nn/aligned.hpp"
#include "nn/model.hpp"
#include "nn/network_output.hpp"
#include "span.hpp"

namespace percepnet::nn {

// The network whose weights are shared by the bands, with its memory of one stream; functions as in
// network.hpp. Layers in architecture.hpp. Matrices here have a row for each band.
class BandNetwork {
public:
    BandNetwork(std::shared_ptr<const Model> model, const kernels::Kernels &kernels);

    void reset() noexcept;
    void step(Span<const float> features, NetworkOutput &out) noexcept;

private:
    using Rows = AlignedVector<float>;

    void remember_inputs(Span<const float> features) noexcept;
    void first_layer() noexcept;
    void over_bands(const BandBlock &block) noexcept;
    void over_time(const BandBlock &block, Rows &state) noexcept;
    void answer(NetworkOutput &out) noexcept;
    void product(const RowMatrix &weight, const Rows &bias, const float *x, Rows &y, int rows,
                 bool add) noexcept;

    std::shared_ptr<const Model> model_;
    const kernels::Kernels &kernels_;
    const BandParameters &layers_;
    const BandShape shape_;
    bool fresh_ = true;        // no hop yet: the first one stands for those before it
    Rows common_, local_;      // inputs of the last hops: one row; bands
    Rows channels_;            // what the blocks add to
    Rows base_, normal_;       // of the common inputs; channels_ normalised
    Rows gates_[2], memory_;   // of inputs, for both directions; of states
    Rows hidden_, zeros_;      // states of both directions side by side; the first one
    std::vector<Rows> states_; // over time, of each block
    Rows answer_;
};

} // namespace percepnet::nn

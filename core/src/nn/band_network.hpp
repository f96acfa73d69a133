// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <memory>
#include <vector>

#include "kernels/kernels.hpp"
#include "nn/aligned.hpp"
#include "nn/model.hpp"
#include "nn/network_output.hpp"
#include "nn/row_layers.hpp"
#include "span.hpp"
#include "stage_clock.hpp"

namespace percepnet::nn {

// The network whose weights are shared by the bands, with its memory of one stream; functions as in
// network.hpp. Layers in architecture.hpp. Matrices here have a row for each band.
class BandNetwork {
public:
    BandNetwork(std::shared_ptr<const Model> model, const kernels::Kernels &kernels);

    void reset() noexcept;
    void step(Span<const float> features, NetworkOutput &out) noexcept;
    // nullptr: none; it must live as long as this one.
    void measure(StageClock *clock) noexcept { clock_ = clock; }

private:
    void remember_inputs(Span<const float> features) noexcept;
    void first_layer() noexcept;
    void answer(NetworkOutput &out) noexcept;

    std::shared_ptr<const Model> model_;
    const kernels::Kernels &kernels_;
    const BandParameters &parameters_;
    const BandShape shape_;
    const bool int8_;
    RowLayers layers_;
    bool fresh_ = true;                    // no hop yet: the first one stands for those before it
    AlignedVector<float> common_, local_;  // inputs of the last hops: one row; bands
    AlignedVector<float> base_, channels_; // of the common inputs; what the blocks add to
    RowActivation normal_, hidden_;        // channels_ normalised; states over the bands
    std::vector<RowState> states_;         // over time, of each block
    AlignedVector<float> answer_;
    StageClock *clock_ = nullptr;
};

} // namespace percepnet::nn

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
    // One hop of one network.
    struct Turn {
        BandNetwork *network;
        Span<const float> features;
        NetworkOutput *out;
    };

    // What no layer hands to the next but through the channels.
    struct Scratch {
        RowLayers layers;
        AlignedVector<float> base;    // of the common inputs
        RowActivation normal, hidden; // channels normalised; states over the bands
        AlignedVector<float> answer;

        Scratch(const Model &model, const kernels::Kernels &kernels);
    };
    // One hop on its way through the layers.
    struct Hop {
        Span<const float> features;
        float *channels; // of every band: what the blocks add to
        NetworkOutput *out;
    };

    BandNetwork(std::shared_ptr<const Model> model, const kernels::Kernels &kernels);

    void reset() noexcept;
    void step(Span<const float> features, NetworkOutput &out) noexcept;
    // One hop of each, bit for bit as step(). All have one model. Layer by layer, so that weights
    // stay near, and in the scratch memory of the first, so that this does.
    static void step_together(Span<const Turn> turns) noexcept;
    // A step in parts: the first layer, two for each block, the answer. Part p of a hop needs part
    // p - 1 of that hop and part p of the hop before; so several hops may be under way, each part
    // in another thread.
    std::size_t parts() const noexcept { return 2 * states_.size() + 2; }
    void step_part(std::size_t part, const Hop &hop, Scratch &scratch) noexcept;
    // nullptr: none; it must live as long as this one.
    void measure(StageClock *clock) noexcept { clock_ = clock; }

private:
    Stage stage_of(std::size_t part) const noexcept;
    void remember_inputs(Span<const float> features) noexcept;
    void first_layer(float *channels, Scratch &scratch) noexcept;
    void over_bands(const BandBlock &block, float *channels, Scratch &scratch) noexcept;
    void over_time(const BandBlock &block, RowState &state, float *channels,
                   Scratch &scratch) noexcept;
    void answer(float *channels, Scratch &scratch, NetworkOutput &out) noexcept;

    std::shared_ptr<const Model> model_;
    const kernels::Kernels &kernels_;
    const BandParameters &parameters_;
    const BandShape shape_;
    const bool int8_;
    bool fresh_ = true;                   // no hop yet: the first one stands for those before it
    AlignedVector<float> common_, local_; // inputs of the last hops: one row; bands
    AlignedVector<float> channels_;       // of a hop that goes through all parts at once
    std::vector<RowState> states_;        // over time, of each block
    Scratch scratch_;
    StageClock *clock_ = nullptr;
};

} // namespace percepnet::nn

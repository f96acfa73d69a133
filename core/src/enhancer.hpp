// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <memory>
#include <vector>

#include "channel.hpp"
#include "constants.hpp"
#include "nn/model.hpp"
#include "percepnet/percepnet.h"
#include "settings.hpp"
#include "span.hpp"
#include "stage_clock.hpp"

namespace percepnet {

// A stream: any block size in, as many samples out, N channels, controls, flush, reset.
// Turns blocks into hops for the channels and blends their output with the delayed input.
class Enhancer {
public:
    // A block of one stream.
    struct Turn {
        Enhancer *enhancer;
        const float *const *in;
        float *const *out;
    };

    Enhancer(std::shared_ptr<const nn::Model> model, int channels, int block_size,
             percepnet_channel_mode mode);

    // frames must be a multiple of quantum(); out[c] may be in[c].
    void process(const float *const *in, float *const *out, std::size_t frames) noexcept;
    // A block of frames of each of at most kTogether different streams; as process() of each.
    static void process_together(Span<const Turn> turns, std::size_t frames) noexcept;
    // As process(), on several threads; allocates. std::bad_alloc: nothing was consumed.
    void process_bulk(const float *const *in, float *const *out, std::size_t frames, int threads);
    // Of no capacity: nothing.
    std::size_t flush(float *const *out, std::size_t capacity) noexcept;
    void reset() noexcept;
    // nullptr: none; it must live as long as this one.
    void measure(StageClock *clock) noexcept;

    int channels() const noexcept { return channels_; }
    int quantum() const noexcept { return quantum_; }
    int latency() const noexcept;
    percepnet_readout readout(int channel) const noexcept;
    percepnet_bands bands(int channel) const noexcept;

    Settings &settings() noexcept { return settings_; }
    const Settings &settings() const noexcept { return settings_; }

private:
    // One hop of every channel: being filled, and waiting to be read.
    struct Fifo {
        std::vector<float> in;  // kHop
        std::vector<float> out; // ring of kFifo
    };
    static constexpr std::size_t kFifo = 2 * kHop;

    class Bulk;

    const Channel &channel(int index) const noexcept;
    void restart() noexcept;
    // Of streams whose Fifo::in is full.
    static void process_hops(Span<Enhancer *const> ready) noexcept;
    // enhanced: overwritten with what is put out.
    void blend_hop(float *const *enhanced, const float *const *dry) noexcept;
    void push_input(const float *const *in, std::size_t offset, std::size_t count) noexcept;
    void push_output(const float *hop, Fifo &fifo) noexcept;
    void pull_output(float *const *out, std::size_t offset, std::size_t count) noexcept;

    Settings settings_;
    const std::shared_ptr<const nn::Model> model_;
    const int channels_;
    const int quantum_; // greatest length that divides every block and the hop
    std::vector<std::unique_ptr<Channel>> groups_;
    std::vector<Fifo> fifos_;
    std::vector<float> enhanced_, dry_; // channels x kHop
    std::vector<const float *> hop_in_;
    std::vector<float *> hop_enhanced_, hop_dry_;

    std::size_t filled_ = 0;  // samples in Fifo::in
    std::size_t waiting_ = 0; // samples in Fifo::out
    std::size_t read_ = 0;    // position of the next one
    std::size_t tail_ = 0;    // samples that flush() still owes
    bool flushing_ = false;
    OutputWeights weights_{1.0f, 0.0f};
    StageClock *clock_ = nullptr;
};

} // namespace percepnet

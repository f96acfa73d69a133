// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "constants.hpp"
#include "dsp/analysis.hpp"
#include "dsp/offset.hpp"
#include "dsp/stft.hpp"
#include "nn/model.hpp"
#include "nn/network.hpp"
#include "percepnet/percepnet.h"
#include "span.hpp"
#include "stage_clock.hpp"

namespace percepnet {

// One voice to enhance: one estimate (pitch, gains, strengths) applied to one signal, or to several
// linked ones. process_hops() is the block diagram of the paper (figure 1).
class Channel {
public:
    // One hop of one channel; for each of its signals kHop samples in, and the enhanced and the
    // equally delayed input samples out.
    struct Turn {
        Channel *channel;
        const float *const *in;
        float *const *enhanced, *const *dry;
        float post_filter;
    };

    // Some hops on their way through the channel, a part of the work after the other.
    class Batch {
    public:
        Batch(const nn::Model &model, int signals, std::size_t hops);

        // What the last part leaves: kHop samples, and those of the input, equally delayed.
        float *enhanced(std::size_t hop, int signal) noexcept;
        const float *dry(std::size_t hop, int signal) const noexcept;

    private:
        friend class Channel;
        struct Signal { // what the synthesis needs of the analysis
            dsp::Spectrum noisy, comb;
            dsp::BandVector energy_b;
            dsp::Offset::Hop leaving;
            float enhanced[kHop];
        };
        const std::size_t signal_count_;
        std::vector<Signal> signals_; // of each hop
        std::vector<dsp::BandVector> joint_energy_b_;
        nn::HopBatch network_;
    };

    Channel(std::shared_ptr<const nn::Model> model, int signals);

    // At most kTogether channels; what comes out does not depend on which are together.
    static void process_hops(Span<const Turn> turns) noexcept;
    // The same in parts, of the first count hops of a batch: analysis, parts of the network,
    // synthesis. Part p of a batch needs part p - 1 of it and part p of the batch before, and may
    // run in any thread. in: for each signal count times kHop samples.
    std::size_t parts() const noexcept { return network_.parts() + 2; }
    void process_part(std::size_t part, Batch &batch, std::size_t count, const float *const *in,
                      float post_filter) noexcept;
    void reset() noexcept;
    // nullptr: none; it must live as long as this one.
    void measure(StageClock *clock) noexcept;

    // Of the hop put out last; any thread.
    percepnet_readout readout() const noexcept;
    // The same hop; not while process_hops() runs.
    percepnet_bands bands() const noexcept;

private:
    // What the synthesis needs of one signal's analysis.
    struct Frame {
        const dsp::Spectrum &noisy, &comb;
        const dsp::BandVector &energy_b;
        const dsp::Offset::Hop &leaving;
    };
    Frame newest_frame(int signal) const noexcept;

    void analyse(const float *const *in) noexcept;
    void analyse_batch(Batch &batch, std::size_t count, const float *const *in) noexcept;
    void put_out(float *const *enhanced, float *const *dry, float post_filter) noexcept;
    void put_out_batch(Batch &batch, std::size_t count, float post_filter) noexcept;
    void filter_gains(const dsp::BandVector &energy_b, float post_filter) noexcept;
    void guard_input(const float *const *in) noexcept;
    void synthesise(int signal, const Frame &frame, float *enhanced) noexcept;
    void update_readout(const dsp::BandVector &energy_b) noexcept;

    dsp::Analysis analysis_;
    nn::Network network_;
    nn::NetworkOutput estimate_{};
    dsp::BandVector gain_b_; // after the post-filter
    std::vector<dsp::Synthesis> synthesis_;
    std::vector<dsp::Offset> offsets_;
    std::vector<float> input_; // signals x kHop, without bad numbers and offset
    std::vector<const float *> input_signals_;
    dsp::Spectrum mixed_;
    std::atomic<float> voice_probability_{0.0f}, snr_db_{0.0f}, mean_gain_db_{0.0f};
    StageClock *clock_ = nullptr;
};

} // namespace percepnet

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

    Channel(std::shared_ptr<const nn::Model> model, int signals);

    // At most kTogether channels; what comes out does not depend on which are together.
    static void process_hops(Span<const Turn> turns) noexcept;
    void reset() noexcept;
    // nullptr: none; it must live as long as this one.
    void measure(StageClock *clock) noexcept;

    // Of the hop put out last; any thread.
    percepnet_readout readout() const noexcept;
    // The same hop; not while process_hops() runs.
    percepnet_bands bands() const noexcept;

private:
    void analyse(const float *const *in) noexcept;
    void put_out(float *const *enhanced, float *const *dry, float post_filter) noexcept;
    void guard_input(const float *const *in) noexcept;
    void synthesise(int signal, float *enhanced) noexcept;
    void update_readout() noexcept;

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

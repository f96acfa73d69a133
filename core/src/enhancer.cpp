// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "enhancer.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <numeric>

#include "dsp/guard.hpp"

namespace percepnet {

namespace {

// A change of the weights is faded in over the hop.
void blend(float *enhanced, const float *dry, OutputWeights from, OutputWeights to) noexcept {
    const float step_enhanced = (to.enhanced - from.enhanced) / kHop;
    const float step_dry = (to.dry - from.dry) / kHop;
    for (int i = 0; i < kHop; i++) {
        const float steps_left = float(kHop - 1 - i);
        enhanced[i] = (to.enhanced - step_enhanced * steps_left) * enhanced[i] +
                      (to.dry - step_dry * steps_left) * dry[i];
    }
}

} // namespace

OutputWeights output_weights(const Settings &settings) noexcept {
    const float limit = settings.get(PERCEPNET_CONTROL_ATTENUATION_LIMIT);
    const float mix = settings.get(PERCEPNET_CONTROL_MIX);
    const float floor = limit >= 100.0f ? 0.0f : float(std::pow(10.0, -double(limit) / 20.0));
    const float enhanced = mix * (1.0f - floor);
    switch (int(settings.get(PERCEPNET_CONTROL_OUTPUT))) {
    case PERCEPNET_OUTPUT_RESIDUAL:
        return {-enhanced, enhanced};
    case PERCEPNET_OUTPUT_BYPASS:
        return {0.0f, 1.0f};
    default:
        return {enhanced, 1.0f - enhanced};
    }
}

Enhancer::Enhancer(std::shared_ptr<const nn::Model> model, int channels, int block_size,
                   percepnet_channel_mode mode)
    : model_(std::move(model)), channels_(channels),
      quantum_(block_size == 0 ? 1 : std::gcd(block_size, kHop)), fifos_(channels),
      enhanced_(std::size_t(channels) * kHop), dry_(std::size_t(channels) * kHop) {
    const int group_size = mode == PERCEPNET_CHANNELS_LINKED ? channels : 1;
    for (int first = 0; first < channels; first += group_size)
        groups_.push_back(std::make_unique<Channel>(model_, group_size));
    for (int c = 0; c < channels; c++) {
        fifos_[c].in.assign(kHop, 0.0f);
        fifos_[c].out.assign(kFifo, 0.0f);
        hop_in_.push_back(fifos_[c].in.data());
        hop_enhanced_.push_back(&enhanced_[std::size_t(c) * kHop]);
        hop_dry_.push_back(&dry_[std::size_t(c) * kHop]);
    }
    restart();
}

int Enhancer::latency() const noexcept {
    return model_->latency() + kHop - quantum_;
}

percepnet_readout Enhancer::readout(int channel) const noexcept {
    return this->channel(channel).readout();
}

percepnet_bands Enhancer::bands(int channel) const noexcept {
    return this->channel(channel).bands();
}

const Channel &Enhancer::channel(int index) const noexcept {
    return *groups_[groups_.size() == 1 ? 0 : std::size_t(index)];
}

void Enhancer::reset() noexcept {
    for (auto &group : groups_)
        group->reset();
    restart();
}

void Enhancer::measure(StageClock *clock) noexcept {
    clock_ = clock;
    for (auto &group : groups_)
        group->measure(clock);
}

void Enhancer::restart() noexcept {
    for (Fifo &fifo : fifos_)
        std::fill(fifo.out.begin(), fifo.out.end(), 0.0f);
    filled_ = 0;
    read_ = 0;
    waiting_ = std::size_t(kHop - quantum_);
    flushing_ = false;
    weights_ = output_weights(settings_);
}

void Enhancer::process(const float *const *in, float *const *out, std::size_t frames) noexcept {
    const Turn turn{this, in, out};
    process_together({&turn, 1}, frames);
}

// In rounds: each stream goes on to the end of its hop, or of its block.
void Enhancer::process_together(Span<const Turn> turns, std::size_t frames) noexcept {
    const dsp::FloatGuard guard;
    assert(turns.size() <= kTogether);
    for (const Turn &turn : turns)
        if (turn.enhancer->flushing_)
            turn.enhancer->reset();
    std::array<std::size_t, kTogether> done{}, count;
    for (bool more = frames > 0; more;) {
        std::array<Enhancer *, kTogether> ready;
        std::size_t hops = 0;
        for (std::size_t i = 0; i < turns.size(); i++) {
            Enhancer &enhancer = *turns[i].enhancer;
            count[i] = std::min(frames - done[i], kHop - enhancer.filled_);
            enhancer.push_input(turns[i].in, done[i], count[i]);
            if (enhancer.filled_ == kHop)
                ready[hops++] = &enhancer;
        }
        process_hops({ready.data(), hops});
        more = false;
        for (std::size_t i = 0; i < turns.size(); i++) {
            turns[i].enhancer->pull_output(turns[i].out, done[i], count[i]);
            done[i] += count[i];
            more |= done[i] < frames;
        }
    }
    for (const Turn &turn : turns)
        percepnet::done(turn.enhancer->clock_, Stage::kFraming);
}

std::size_t Enhancer::flush(float *const *out, std::size_t capacity) noexcept {
    if (capacity == 0)
        return 0;
    const dsp::FloatGuard guard;
    if (!flushing_) {
        flushing_ = true;
        tail_ = std::size_t(latency());
    }
    std::size_t done = 0;
    while (done < capacity && tail_ > 0) {
        if (waiting_ == 0) {
            for (Fifo &fifo : fifos_)
                std::fill(fifo.in.begin() + std::ptrdiff_t(filled_), fifo.in.end(), 0.0f);
            Enhancer *const self = this;
            process_hops({&self, 1});
        }
        const std::size_t count = std::min({capacity - done, tail_, waiting_});
        pull_output(out, done, count);
        tail_ -= count;
        done += count;
    }
    if (done == 0 && tail_ == 0)
        reset();
    return done;
}

void Enhancer::process_hops(Span<Enhancer *const> ready) noexcept {
    std::array<Channel::Turn, kTogether> turns;
    std::size_t waiting = 0;
    const auto run = [&] {
        Channel::process_hops({turns.data(), waiting});
        waiting = 0;
    };
    for (Enhancer *const enhancer : ready) {
        const std::size_t count = enhancer->groups_.size();
        const std::size_t group_size = std::size_t(enhancer->channels_) / count;
        const float post_filter = enhancer->settings_.get(PERCEPNET_CONTROL_POST_FILTER);
        for (std::size_t g = 0; g < count; g++) {
            const std::size_t first = g * group_size;
            turns[waiting++] = {enhancer->groups_[g].get(), &enhancer->hop_in_[first],
                                &enhancer->hop_enhanced_[first], &enhancer->hop_dry_[first],
                                post_filter};
            if (waiting == kTogether)
                run();
        }
    }
    if (waiting > 0)
        run();
    for (Enhancer *const enhancer : ready)
        enhancer->blend_hop(enhancer->hop_enhanced_.data(), enhancer->hop_dry_.data());
}

void Enhancer::blend_hop(float *const *enhanced, const float *const *dry) noexcept {
    const OutputWeights weights = output_weights(settings_);
    for (int c = 0; c < channels_; c++) {
        blend(enhanced[c], dry[c], weights_, weights);
        push_output(enhanced[c], fifos_[c]);
    }
    weights_ = weights;
    waiting_ += kHop;
    filled_ = 0;
}

void Enhancer::push_input(const float *const *in, std::size_t offset, std::size_t count) noexcept {
    for (int c = 0; c < channels_; c++)
        std::copy_n(in[c] + offset, count, &fifos_[c].in[filled_]);
    filled_ += count;
}

void Enhancer::push_output(const float *hop, Fifo &fifo) noexcept {
    const std::size_t write = (read_ + waiting_) % kFifo;
    const std::size_t first = std::min<std::size_t>(kHop, kFifo - write);
    std::copy_n(hop, first, &fifo.out[write]);
    std::copy_n(hop + first, kHop - first, fifo.out.data());
}

void Enhancer::pull_output(float *const *out, std::size_t offset, std::size_t count) noexcept {
    const std::size_t first = std::min(count, kFifo - read_);
    for (int c = 0; c < channels_; c++) {
        std::copy_n(&fifos_[c].out[read_], first, out[c] + offset);
        std::copy_n(fifos_[c].out.data(), count - first, out[c] + offset + first);
    }
    read_ = (read_ + count) % kFifo;
    waiting_ -= count;
}

} // namespace percepnet

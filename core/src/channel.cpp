// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "channel.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

#include "dsp/gains.hpp"
#include "dsp/guard.hpp"
#include "dsp/post_filter.hpp"

namespace percepnet {
namespace {

// The network knows arrays, the signal chain vectors of bands.
template <typename Array> dsp::BandVector as_bands(const Array &value) noexcept {
    return dsp::BandVector::Map(value.data());
}

} // namespace

Channel::Channel(std::shared_ptr<const nn::Model> model, int signals)
    : analysis_(signals, model->architecture().look_ahead, model->architecture().fine()),
      network_(std::move(model)), synthesis_(std::size_t(signals)),
      input_(std::size_t(signals) * kHop) {
    offsets_.assign(std::size_t(signals), dsp::Offset(analysis_.look_ahead()));
    for (int s = 0; s < signals; s++)
        input_signals_.push_back(&input_[std::size_t(s) * kHop]);
    reset();
}

void Channel::reset() noexcept {
    analysis_.reset();
    network_.reset();
    for (dsp::Synthesis &synthesis : synthesis_)
        synthesis.reset();
    for (dsp::Offset &offset : offsets_)
        offset.reset();
    estimate_ = {};
    gain_b_.fill(0.0f);
    voice_probability_ = 0.0f;
    snr_db_ = 0.0f;
    mean_gain_db_ = 0.0f;
}

void Channel::measure(StageClock *clock) noexcept {
    clock_ = clock;
    analysis_.measure(clock);
    network_.measure(clock);
}

void Channel::process_hops(Span<const Turn> turns) noexcept {
    assert(turns.size() <= kTogether);
    std::array<nn::Network::Turn, kTogether> networks;
    for (std::size_t i = 0; i < turns.size(); i++) {
        Channel &channel = *turns[i].channel;
        channel.analyse(turns[i].in);
        networks[i] = {&channel.network_, channel.analysis_.features(), &channel.estimate_};
    }
    nn::Network::step_together({networks.data(), turns.size()});
    for (const Turn &turn : turns)
        turn.channel->put_out(turn.enhanced, turn.dry, turn.post_filter);
}

void Channel::analyse(const float *const *in) noexcept {
    done(clock_, Stage::kFraming);
    guard_input(in);
    done(clock_, Stage::kGuard);
    analysis_.push(input_signals_.data()); // bands, pitch, comb filter, features
}

void Channel::put_out(float *const *enhanced, float *const *dry, float post_filter) noexcept {
    filter_gains(analysis_.joint_energy(), post_filter);
    for (std::size_t s = 0; s < synthesis_.size(); s++) {
        const Frame frame = newest_frame(int(s));
        synthesise(int(s), frame, enhanced[s]);
        std::copy_n(frame.leaving.begin(), kHop, dry[s]);
    }
    update_readout(analysis_.joint_energy());
    done(clock_, Stage::kSynthesis);
}

void Channel::filter_gains(const dsp::BandVector &energy_b, float post_filter) noexcept {
    dsp::post_filter(as_bands(estimate_.gain_b), energy_b, estimate_.voice_probability, post_filter,
                     gain_b_);
}

Channel::Frame Channel::newest_frame(int signal) const noexcept {
    return {analysis_.noisy(signal), analysis_.comb(signal), analysis_.noisy_energy(signal),
            offsets_[std::size_t(signal)].leaving()};
}

void Channel::guard_input(const float *const *in) noexcept {
    float repaired[kHop];
    for (std::size_t s = 0; s < synthesis_.size(); s++) {
        const bool whole = dsp::repair(in[s], repaired, kHop, offsets_[s].last());
        offsets_[s].push(repaired, whole, &input_[s * kHop]);
    }
}

void Channel::synthesise(int signal, const Frame &frame, float *enhanced) noexcept {
    dsp::mix_comb(frame.noisy, frame.comb, as_bands(estimate_.strength_b), mixed_);
    dsp::scale_bands(mixed_, gain_b_, frame.energy_b);
    synthesis_[std::size_t(signal)].add(mixed_, enhanced);
    dsp::clip_to_peak(enhanced, frame.leaving.data(), kHop);
}

// ---- several hops ----

Channel::Batch::Batch(const nn::Model &model, int signals, std::size_t hops)
    : signal_count_(std::size_t(signals)), signals_(signal_count_ * hops), joint_energy_b_(hops),
      network_(model, hops) {}

float *Channel::Batch::enhanced(std::size_t hop, int signal) noexcept {
    return signals_[hop * signal_count_ + std::size_t(signal)].enhanced;
}

const float *Channel::Batch::dry(std::size_t hop, int signal) const noexcept {
    return signals_[hop * signal_count_ + std::size_t(signal)].leaving.data();
}

void Channel::process_part(std::size_t part, Batch &batch, std::size_t count,
                           const float *const *in, float post_filter) noexcept {
    if (part == 0)
        analyse_batch(batch, count, in);
    else if (part == parts() - 1)
        put_out_batch(batch, count, post_filter);
    else
        network_.step_part(part - 1, batch.network_, count);
}

void Channel::analyse_batch(Batch &batch, std::size_t count, const float *const *in) noexcept {
    std::array<const float *, kMaxChannels> hop_in;
    for (std::size_t hop = 0; hop < count; hop++) {
        for (std::size_t s = 0; s < synthesis_.size(); s++)
            hop_in[s] = in[s] + hop * kHop;
        analyse(hop_in.data());
        for (std::size_t s = 0; s < synthesis_.size(); s++) {
            const Frame frame = newest_frame(int(s));
            Batch::Signal &kept = batch.signals_[hop * batch.signal_count_ + s];
            kept.noisy = frame.noisy;
            kept.comb = frame.comb;
            kept.energy_b = frame.energy_b;
            kept.leaving = frame.leaving;
        }
        batch.joint_energy_b_[hop] = analysis_.joint_energy();
        const Span<const float> features = analysis_.features();
        std::copy(features.begin(), features.end(), batch.network_.features(hop).begin());
    }
}

void Channel::put_out_batch(Batch &batch, std::size_t count, float post_filter) noexcept {
    for (std::size_t hop = 0; hop < count; hop++) {
        const dsp::BandVector &joint_energy_b = batch.joint_energy_b_[hop];
        estimate_ = batch.network_.output(hop);
        filter_gains(joint_energy_b, post_filter);
        for (std::size_t s = 0; s < synthesis_.size(); s++) {
            Batch::Signal &kept = batch.signals_[hop * batch.signal_count_ + s];
            synthesise(int(s), {kept.noisy, kept.comb, kept.energy_b, kept.leaving}, kept.enhanced);
        }
        update_readout(joint_energy_b);
    }
}

percepnet_readout Channel::readout() const noexcept {
    return {voice_probability_.load(std::memory_order_relaxed),
            snr_db_.load(std::memory_order_relaxed), mean_gain_db_.load(std::memory_order_relaxed)};
}

percepnet_bands Channel::bands() const noexcept {
    static_assert(PERCEPNET_BANDS == kBands, "the public header has another number of bands");
    const dsp::Pitch &pitch = analysis_.pitch();
    percepnet_bands bands{};
    bands.pitch_hz = float(kSampleRate) / pitch.period;
    bands.pitch_correlation = pitch.correlation;
    for (std::size_t b = 0; b < kBands; b++) {
        bands.gain[b] = gain_b_[b];
        bands.strength[b] = estimate_.strength_b[b];
    }
    return bands;
}

// The network's gains split the frame's energy into speech and the rest.
void Channel::update_readout(const dsp::BandVector &energy_b) noexcept {
    constexpr float kTiny = 1e-12f;
    const float all = dsp::sum(energy_b, kTiny);
    const float speech = dsp::sum(as_bands(estimate_.gain_b).square() * energy_b, kTiny);
    const float put_out = dsp::sum(gain_b_.square() * energy_b, kTiny);
    const auto decibels = [](float ratio) { return 10.0f * std::log10(ratio); };
    const float noise = std::max(all - speech, kTiny);
    voice_probability_.store(estimate_.voice_probability, std::memory_order_relaxed);
    snr_db_.store(std::clamp(decibels(speech / noise), -30.0f, 60.0f), std::memory_order_relaxed);
    mean_gain_db_.store(std::clamp(decibels(put_out / all), -100.0f, 10.0f),
                        std::memory_order_relaxed);
}

} // namespace percepnet

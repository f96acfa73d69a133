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
    dsp::post_filter(as_bands(estimate_.gain_b), analysis_.joint_energy(), post_filter, gain_b_);
    for (std::size_t s = 0; s < synthesis_.size(); s++) {
        offsets_[s].delayed_input(dry[s]);
        synthesise(int(s), enhanced[s]);
        offsets_[s].put_back(enhanced[s]);
        dsp::clip_to_peak(enhanced[s], dry[s], kHop);
    }
    update_readout();
    done(clock_, Stage::kSynthesis);
}

void Channel::guard_input(const float *const *in) noexcept {
    float repaired[kHop];
    for (std::size_t s = 0; s < synthesis_.size(); s++) {
        dsp::repair(in[s], repaired, kHop);
        offsets_[s].push(repaired, &input_[s * kHop]);
    }
}

void Channel::synthesise(int signal, float *enhanced) noexcept {
    dsp::mix_comb(analysis_.noisy(signal), analysis_.comb(signal), as_bands(estimate_.strength_b),
                  mixed_);
    dsp::scale_bands(mixed_, gain_b_, analysis_.noisy_energy(signal));
    synthesis_[std::size_t(signal)].add(mixed_, enhanced);
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
void Channel::update_readout() noexcept {
    constexpr float kTiny = 1e-12f;
    const dsp::BandVector &energy_b = analysis_.joint_energy();
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

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "dsp/analysis.hpp"

#include <algorithm>
#include <cassert>

#include "dsp/comb_filter.hpp"
#include "dsp/stft.hpp"

namespace percepnet::dsp {

Analysis::Analysis(int signals, int look_ahead, bool fine)
    : look_ahead_(look_ahead), feature_count_(kFeatures + (fine ? kFineFeatures : 0)),
      signals_(std::size_t(signals)), tracker_(signals, look_ahead) {
    assert(signals >= 1 && signals <= kMaxChannels && look_ahead >= 0 &&
           look_ahead <= kMaxLookAhead);
    reset();
}

void Analysis::reset() noexcept {
    for (Signal &signal : signals_) {
        signal.history.reset();
        for (Frame &frame : signal.frames)
            frame = {};
        signal.comb = {};
    }
    tracker_.reset();
    newest_ = 0;
    pitch_ = {};
}

const Analysis::Frame &Analysis::current(const Signal &signal) const noexcept {
    return signal.frames[(newest_ + kDepth - std::size_t(look_ahead_)) % kDepth];
}

const Spectrum &Analysis::noisy(int signal) const noexcept {
    return current(signals_[std::size_t(signal)]).spectrum;
}

const BandVector &Analysis::noisy_energy(int signal) const noexcept {
    return current(signals_[std::size_t(signal)]).energy_b;
}

const Spectrum &Analysis::comb(int signal) const noexcept {
    return signals_[std::size_t(signal)].comb;
}

void Analysis::push(const float *const *in) noexcept {
    for (std::size_t s = 0; s < signals_.size(); s++)
        signals_[s].history.push(in[s]);
    done(clock_, Stage::kFraming);
    transform_newest();
    done(clock_, Stage::kTransform);
    measure_newest();
    done(clock_, Stage::kBands);
    track_pitch();
    done(clock_, Stage::kPitch);
    compare_with_comb();
    done(clock_, Stage::kComb);
    make_features(newest_energy_b_, coherence_b_, pitch_, features_.data());
    done(clock_, Stage::kFeatures);
    if (feature_count_ > kFeatures)
        make_fine();
    done(clock_, Stage::kFine);
}

void Analysis::make_fine() noexcept {
    fine_power_ = {};
    for (const Signal &signal : signals_)
        add_fine_power(signal.history.last(kFineWindow), 1.0f / float(signals_.size()),
                       fine_power_);
    make_fine_features(fine_power_, features_.data() + kFeatures);
}

void Analysis::transform_newest() noexcept {
    newest_ = (newest_ + 1) % kDepth;
    for (Signal &signal : signals_)
        analyse(signal.history.last(kWindow), signal.frames[newest_].spectrum);
}

void Analysis::measure_newest() noexcept {
    newest_energy_b_.fill(0.0f);
    const float share = 1.0f / float(signals_.size());
    for (Signal &signal : signals_) {
        Frame &frame = signal.frames[newest_];
        band_energy(frame.spectrum, frame.energy_b);
        newest_energy_b_ += share * frame.energy_b;
    }
}

void Analysis::track_pitch() noexcept {
    for (std::size_t s = 0; s < signals_.size(); s++)
        hops_[s] = signals_[s].history.last(kHop + kDecimatorTaps - 1) + kDecimatorTaps - 1;
    pitch_ = tracker_.push(hops_.data());
}

void Analysis::comb_with(int signal, float period, Spectrum &out) const noexcept {
    alignas(64) float periodic[kWindow];
    const int future = look_ahead_ * kHop;
    const CombShifts shifts = comb_shifts(period, future);
    const float *copies[kCombTaps];
    for (int i = 0; i < shifts.count; i++)
        copies[i] = signals_[std::size_t(signal)].history.last(kWindow + future - shifts.shift[i]);
    comb_filter(copies, shifts, periodic);
    analyse(periodic, out);
}

// Coherence q_b = sum Re<Y, P> / sqrt(sum <Y, Y> sum <P, P>), sums over the signals.
void Analysis::compare_with_comb() noexcept {
    constexpr float kTiny = 1e-12f;
    BandVector product_b, comb_energy_b;
    joint_energy_b_.fill(0.0f);
    for (std::size_t s = 0; s < signals_.size(); s++) {
        Signal &signal = signals_[s];
        comb_with(int(s), pitch_.period, signal.comb);
        BandVector comb_b, correlation_b;
        band_energy(signal.comb, comb_b);
        band_correlation(current(signal).spectrum, signal.comb, correlation_b);
        joint_energy_b_ += current(signal).energy_b;
        product_b += correlation_b;
        comb_energy_b += comb_b;
    }
    coherence_b_ = product_b / ((joint_energy_b_ + kTiny) * (comb_energy_b + kTiny)).sqrt();
    coherence_b_ = coherence_b_.max(-1.0f).min(1.0f);
}

} // namespace percepnet::dsp

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "dsp/pitch.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "kernels/kernels.hpp"

namespace percepnet::dsp {
namespace {

constexpr float kSilence = 1e-9f;    // energy of a sub-frame at about -90 dBFS
constexpr float kMoveCost = 0.01f;   // times the squared change of lag
constexpr int kMaxMove = 4;          // lags from one sub-frame to the next
constexpr float kJumpCost = 6.0f;    // to any other lag
constexpr std::int32_t kJump = 1000; // as a move: to Step::jump_from
constexpr float kMultiplePenalty = 0.8f;
constexpr float kMultipleMargin = 1.1f;
constexpr float kTaper = 0.1f; // less for the longest lag
constexpr float kNoPart = 1e9f;

const LagVector lag_taper = [] {
    LagVector taper;
    for (int i = 0; i < kLagCount; i++)
        taper.value[i] = 1.0f - kTaper * float(kLagCount - 1 - i) / float(kLagCount - 1);
    return taper;
}();

const std::array<float, 2 *kMaxMove + 1> move_cost = [] {
    std::array<float, 2 * kMaxMove + 1> cost;
    for (int m = -kMaxMove; m <= kMaxMove; m++)
        cost[std::size_t(m + kMaxMove)] = kMoveCost * float(m * m);
    return cost;
}();

// Third-sample interpolation: windowed sinc at +1/3; mirrored it serves -1/3.
constexpr int kThirdTaps = 7;
const std::array<float, kThirdTaps> third = [] {
    std::array<float, kThirdTaps> taps;
    double value[kThirdTaps], sum = 0.0;
    for (int i = 0; i < kThirdTaps; i++) {
        const double t = i - kThirdTaps / 2 - 1.0 / 3.0;
        value[i] = std::sin(M_PI * t) / (M_PI * t) * std::pow(std::cos(M_PI * t / 8.0), 2);
        sum += value[i];
    }
    for (std::size_t i = 0; i < kThirdTaps; i++)
        taps[i] = float(value[i] / sum);
    return taps;
}();

// By value, which the compiler turns into vectors; std::max() by reference it does not.
inline float greater(float a, float b) {
    return a < b ? b : a;
}

float interpolate_third(const float *centre, bool after) {
    float sum = 0.0f;
    for (int i = 0; i < kThirdTaps; i++)
        sum += third[std::size_t(i)] * centre[after ? i - kThirdTaps / 2 : kThirdTaps / 2 - i];
    return sum;
}

// A maximum between two lags counts for the nearer one.
void peak_between_lags(LagVector &c) {
    constexpr int kSide = kThirdTaps / 2, kInner = LagVector::kPadded - 32;
    const float *inputs[kThirdTaps];
    float mirrored[kThirdTaps];
    for (int t = 0; t < kThirdTaps; t++) {
        inputs[t] = c.value + t;
        mirrored[t] = third[std::size_t(kThirdTaps - 1 - t)];
    }
    alignas(64) float after[kInner], before[kInner];
    kernels::active().weighted_sum(inputs, third.data(), kThirdTaps, after, kInner);
    kernels::active().weighted_sum(inputs, mirrored, kThirdTaps, before, kInner);
    for (int i = 0; i + 2 * kSide < kLagCount; i++)
        c.value[i + kSide] = greater(c.value[i + kSide], greater(before[i], after[i]));
}

inline float penalty(float own, float at_part) {
    return own < kMultipleMargin * at_part ? kMultiplePenalty : 1.0f;
}

// A lag of which half or a third correlates nearly as well is a multiple of the true one; among
// equals the shortest wins by the taper.
void prefer_short_lags(LagVector &c) {
    const auto at = [](int lag) { return kMaxLag - lag; };
    LagVector around; // best of three neighbours
    for (int i = 1; i + 1 < kLagCount; i++)
        around.value[i] = greater(greater(c.value[i - 1], c.value[i]), c.value[i + 1]);
    LagVector at_half, at_third; // of lags that have one within the range; the others lose nothing
    std::fill_n(at_half.value, kLagCount, -kNoPart);
    std::fill_n(at_third.value, kLagCount, -kNoPart);
    constexpr int kFirst = kMinLag + 1;
    static_assert(kMaxLag % 2 == 0 && kMaxLag % 3 == 1);
    constexpr int kHalf = kMaxLag / 2, kThird = kMaxLag / 3;
    for (int i = 0; i < kHalf - kFirst; i++) // lags 2 part, 2 part - 1
        at_half.value[2 * i] = at_half.value[2 * i + 1] = around.value[at(kHalf) + i];
    at_half.value[at(2 * kFirst)] = around.value[at(kFirst)];
    for (int i = 0; i < kThird - kFirst; i++) // lags 3 part + 1, 3 part, 3 part - 1
        for (int j = 0; j < 3; j++)
            at_third.value[3 * i + j] = around.value[at(kThird) + i];
    at_third.value[at(3 * kFirst)] = at_third.value[at(3 * kFirst + 1)] = around.value[at(kFirst)];
    for (int i = 0; i < kLagCount; i++) {
        const float own = c.value[i];
        const float half = penalty(own, at_half.value[i]);
        const float thirds = penalty(own, at_third.value[i]);
        c.value[i] = own * half * thirds * lag_taper.value[i];
    }
}

} // namespace

int PitchTracker::Step::from(int at) const noexcept {
    return move[std::size_t(at)] == kJump ? jump_from : at + move[std::size_t(at)];
}

PitchTracker::PitchTracker(int signals, int look_ahead)
    : look_ahead_(look_ahead), signals_(std::size_t(signals)) {
    reset();
}

void PitchTracker::reset() noexcept {
    for (PitchSignal &signal : signals_)
        signal.reset();
    for (Step &step : steps_) {
        step.correlation = {};
        step.move.fill(0);
        step.jump_from = 0;
    }
    score_ = {};
    recent_energy_.fill(0.0f);
    best_end_ = 0;
    step_ = 0;
}

// c(lag) = 2 sum d(n) d(n - lag) / sum (d(n)^2 + d(n - lag)^2), over all signals.
// Returns the energy of the sub-frame.
float PitchTracker::correlate(int sub_frame, LagVector &correlation) const noexcept {
    LagVector product, norm;
    float energy = 0.0f;
    for (const PitchSignal &signal : signals_)
        energy += signal.add_correlation(sub_frame, product, norm);
    for (int i = 0; i < LagVector::kPadded; i++)
        correlation.value[i] = 2.0f * product.value[i] / (kSilence + norm.value[i]);
    peak_between_lags(correlation);
    prefer_short_lags(correlation);
    return energy;
}

// Louder sub-frames weigh more: energy over the mean of the last 8.
float PitchTracker::energy_weight(float energy) noexcept {
    recent_energy_[step_ % recent_energy_.size()] = energy;
    float sum = kSilence;
    for (const float e : recent_energy_)
        sum += e;
    return std::min(2.0f, energy * float(recent_energy_.size()) / sum);
}

void PitchTracker::advance(float weight, Step &step) noexcept {
    constexpr float kOutside = -1e9f;
    alignas(64) float padded[LagVector::kPadded + 32];
    std::fill(std::begin(padded), std::end(padded), kOutside);
    float *score = padded + 16;
    std::copy_n(score_.value, kLagCount, score);

    step.jump_from = best_end_;
    const float best_before = score_.value[step.jump_from];
    LagVector best;
    std::fill(std::begin(best.value), std::end(best.value), best_before - kJumpCost);
    step.move.fill(kJump);
    kernels::active().best_move(score, move_cost.data(), kMaxMove, LagVector::kPadded, best.value,
                                step.move.data());
    for (int i = 0; i < LagVector::kPadded; i++)
        score_.value[i] = best.value[i] - best_before + weight * step.correlation.value[i];
    best_end_ = kernels::active().largest(score_.value, kLagCount);
}

Pitch PitchTracker::push(const float *const *hops) noexcept {
    for (std::size_t s = 0; s < signals_.size(); s++)
        signals_[s].push(hops[s]);
    for (int sub_frame = 0; sub_frame < 2; sub_frame++) {
        Step &step = steps_[step_ % kSubFrames];
        const float energy = correlate(sub_frame, step.correlation);
        advance(energy_weight(energy), step);
        step_++;
    }
    // Back from the best end of the path to the two sub-frames of the wanted hop.
    const auto before_newest = [&](int steps) -> const Step & {
        return steps_[(step_ + 2 * kSubFrames - 1 - std::size_t(steps)) % kSubFrames];
    };
    int at = best_end_;
    for (int i = 0; i < 2 * look_ahead_; i++)
        at = before_newest(i).from(at);
    const Step &second_step = before_newest(2 * look_ahead_);
    const int second = at, first = second_step.from(at);
    const float second_c = second_step.correlation.value[second];
    const float first_c = before_newest(2 * look_ahead_ + 1).correlation.value[first];

    Pitch pitch;
    pitch.correlation = std::clamp(0.5f * (first_c + second_c), 0.0f, 1.0f);
    pitch.period = refine(kMaxLag - (first_c > second_c ? first : second));
    return pitch;
}

// On the waveform of the frame, pairs half a period before and after each sample where the
// look-ahead allows: within one lag of the coarse one, to a fraction of a sample.
float PitchTracker::refine(int lag) const noexcept {
    constexpr int kFrame = 2 * kPitchHop, kLags = 32, kReach = 5;
    const int shift = std::min(lag / 2, look_ahead_ * kPitchHop - kDecimatorDelay);
    alignas(64) float product[kLags], backward[kLags];
    std::fill_n(product, kLags, 0.0f);
    float energy[kLags] = {};
    float own = kSilence;
    for (const PitchSignal &signal : signals_) {
        const float *x =
            signal.wave_end() - (look_ahead_ + 2) * kPitchHop + kDecimatorDelay + shift;
        const float *y = x - (lag + kReach);
        kernels::active().correlate(x, y, kFrame, kLags, backward);
        const auto dot = kernels::active().dot;
        own += dot(x, x, kFrame);
        float shifted = dot(y, y, kFrame);
        for (int u = 0; u <= 2 * kReach; u++) {
            product[u] += backward[u];
            energy[u] += shifted;
            shifted += y[u + kFrame] * y[u + kFrame] - y[u] * y[u];
        }
    }
    float c[2 * kReach + 1]; // c[i] is lag - kReach + i
    for (int u = 0; u <= 2 * kReach; u++)
        c[2 * kReach - u] = 2.0f * product[u] / (own + std::max(energy[u], 0.0f));

    constexpr int kThirds = 9; // from lag - 4/3 to lag + 4/3
    float fine[kThirds];
    for (int i = 0; i < kThirds; i++) {
        const int offset = i - kThirds / 2;
        const int whole = (offset + 4) / 3 - 1, rest = offset - 3 * whole; // rest -1, 0, 1
        const float *centre = c + kReach + whole;
        fine[i] = rest == 0 ? *centre : interpolate_third(centre, rest > 0);
    }
    const int peak = int(std::max_element(fine + 1, fine + kThirds - 1) - fine);
    const float left = fine[peak - 1], middle = fine[peak], right = fine[peak + 1];
    const float curvature = left - 2.0f * middle + right;
    const float fraction =
        curvature < -1e-9f ? std::clamp(0.5f * (left - right) / curvature, -0.5f, 0.5f) : 0.0f;
    const float period = float(kPitchRatio * lag + peak - kThirds / 2) + fraction;
    return std::clamp(period, float(kMinPeriod), float(kMaxPeriod));
}

} // namespace percepnet::dsp

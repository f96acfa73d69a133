// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "targets.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "dsp/comb_filter.hpp"

namespace percepnet::training {
namespace {

constexpr float kTiny = 1e-12f;
// Both signals below this in a band: inaudible, nothing to learn (about -95 dBFS in a band).
constexpr float kInaudible = 5e-2f * (float(kWindow) / 32768.0f) * (float(kWindow) / 32768.0f);
// Weight of bands above the recording's bandwidth: the voice is missing there, the noise is not.
// Low, because a real voice would not have been.
constexpr float kBeyondBandwidth = 0.25f;
// Limit of noise masking tone: the most that a noisy voiced band is attenuated (-15.4 dB).
constexpr float kMaskingLimit = 0.03f;

using dsp::BandVector;
using BandFlags = Eigen::Array<bool, kBands, 1>;

BandVector centre_hz() noexcept {
    constexpr float kBinHz = float(kSampleRate) / kWindow;
    return kBinHz *
           Eigen::Map<const Eigen::Array<int, kBands, 1>>(kBandCentre.data()).cast<float>();
}

float smooth_step(float x, float low, float high) {
    const float t = std::clamp((x - low) / (high - low), 0.0f, 1.0f);
    return t * t * (3.0f - 2.0f * t);
}

void subtract(const dsp::Spectrum &a, const dsp::Spectrum &b, dsp::Spectrum &out) {
    for (int k = 0; k < dsp::Spectrum::kPadded; k++) {
        out.re[k] = a.re[k] - b.re[k];
        out.im[k] = a.im[k] - b.im[k];
    }
}

} // namespace

float debiased_coherence(float c, float centre, float noise_gain) noexcept {
    if (c <= 0.0f)
        return 0.0f;
    const float a = (1.0f - centre) * (1.0f - centre);
    const float b = 2.0f * centre * (1.0f - centre) - c * c * (1.0f - noise_gain);
    const float d = centre * centre - c * c * noise_gain;
    const float root = b * b - 4.0f * a * d;
    const float share = root > 0.0f ? (-b + std::sqrt(root)) / (2.0f * a) : 0.0f;
    return std::sqrt(std::clamp(share, 0.0f, 1.0f));
}

Targets::Targets(int look_ahead, bool fine)
    : look_ahead_(look_ahead), noisy_(1, look_ahead, fine), clean_(1, look_ahead),
      estimate_(1, look_ahead) {}

void Targets::reset() noexcept {
    noisy_.reset();
    clean_.reset();
    estimate_.reset();
}

// Section 6.4: the mix (1 - r) Y + r P whose coherence with the clean periodic part is that of the
// clean speech, or as near to it as mixing gets. u, v: projections of Y and P on that part.
Targets::Strength Targets::solve(float yy, float pp, float yp, float u, float v,
                                 float q) const noexcept {
    if (u >= q * std::sqrt(yy))
        return {0.0f, 1.0f};
    const float a = v * v - q * q * pp;
    const float b = u * v - q * q * yp;
    const float c = u * u - q * q * yy;
    const float discriminant = b * b - a * c;
    float alpha = -1.0f;
    if (std::fabs(a) < 1e-9f * pp) {
        alpha = b != 0.0f ? -c / (2.0f * b) : -1.0f;
    } else if (discriminant >= 0.0f) {
        const float s = std::sqrt(discriminant);
        const float low = std::min((-b - s) / a, (-b + s) / a);
        const float high = std::max((-b - s) / a, (-b + s) / a);
        alpha = low > 0.0f && u + low * v > 0.0f ? low : high;
    }
    if (alpha > 0.0f && u + alpha * v > 0.0f)
        return {alpha / (1.0f + alpha), 1.0f};
    const float numerator = v * yy - u * yp, denominator = u * pp - v * yp;
    if (numerator <= 0.0f)
        return {0.0f, 1.0f};
    const float best = denominator > 0.0f ? numerator / denominator : 1e6f;
    const float reached =
        (u + best * v) * (u + best * v) / std::max(yy + 2.0f * best * yp + best * best * pp, kTiny);
    const float attenuation = std::sqrt((1.0f + kMaskingLimit - q * q) /
                                        (1.0f + kMaskingLimit - std::min(reached, q * q)));
    return {best / (1.0f + best), std::clamp(attenuation, 0.0f, 1.0f)};
}

void Targets::answer(const dsp::Analysis &target, Answer &out) const noexcept {
    const BandVector &yy = noisy_.noisy_energy(0), &xx = target.noisy_energy(0);
    const BandVector &pp = comb_energy_b_, &yp = comb_correlation_b_;
    BandVector px, u, v;
    dsp::band_energy(target.comb(0), px);
    dsp::band_correlation(noisy_.noisy(0), target.comb(0), u);
    dsp::band_correlation(noisy_.comb(0), target.comb(0), v);
    const auto &comb = dsp::comb_weights(target.pitch().period, look_ahead_ * kHop);

    const BandVector zero = BandVector::Zero(), one = BandVector::Ones();
    out.gain_b = (xx / (yy + kTiny)).sqrt().min(one);
    const BandVector q = BandVector::Map(&target.features()[kBands]).max(zero);
    const BandVector norm = (px + kTiny).sqrt().inverse();
    u *= norm;
    v *= norm;
    for (std::size_t b = 0; b < kBands; b++) {
        const float voiced =
            smooth_step(debiased_coherence(q[b], comb.centre, comb.noise_gain), 0.2f, 0.5f);
        const Strength strength = voiced > 0.0f
                                      ? solve(yy[b] + kTiny, pp[b] + kTiny, yp[b], u[b], v[b], q[b])
                                      : Strength{0.0f, 1.0f};
        out.strength_b[b] = voiced * strength.value;
        out.attenuation_b[b] = 1.0f - voiced * (1.0f - strength.attenuation);
    }
}

// Of differences of spectra: differences of energies would cancel.
void Targets::measure_errors(BandErrors &out) const noexcept {
    const dsp::Spectrum &x = clean_.noisy(0);
    dsp::Spectrum d, q;
    subtract(noisy_.noisy(0), x, d);
    subtract(noisy_.comb(0), x, q);
    out.xx = clean_.noisy_energy(0);
    dsp::band_energy(d, out.dd);
    dsp::band_energy(q, out.qq);
    dsp::band_correlation(x, d, out.xd);
    dsp::band_correlation(x, q, out.xq);
    dsp::band_correlation(d, q, out.dq);
}

void Targets::push(const float *noisy, const float *clean, float bandwidth,
                   TrainingFrame &out) noexcept {
    noisy_.push(&noisy);
    clean_.push(&clean);
    dsp::band_energy(noisy_.comb(0), comb_energy_b_);
    dsp::band_correlation(noisy_.noisy(0), noisy_.comb(0), comb_correlation_b_);
    out.features = noisy_.features();
    answer(clean_, out);
    measure_errors(out.errors);

    const BandVector &yy = noisy_.noisy_energy(0), &xx = clean_.noisy_energy(0);
    const BandVector zero = BandVector::Zero(), one = BandVector::Ones();
    const BandFlags known = centre_hz() <= bandwidth;
    const BandFlags audible = yy > kInaudible || xx > kInaudible;
    const float loudest = std::max(kTiny, xx.maxCoeff());
    out.clean_energy = dsp::sum(xx);
    out.gain_weight_b = audible.select(known.select(one, kBeyondBandwidth * one), zero);
    out.strength_weight_b =
        (known && audible).select((xx / (1e-3f * loudest)).sqrt().min(one), zero);
}

void Targets::push_estimate(const float *estimate, Answer &out) noexcept {
    estimate_.push(&estimate);
    answer(estimate_, out);
}

void speech_activity(const float *clean_energy, int frames, float *active) {
    constexpr float kBelowLoud = 3.2e-4f; // -35 dB
    constexpr int kHold = 5;
    std::vector<float> sorted(clean_energy, clean_energy + frames);
    std::sort(sorted.begin(), sorted.end());
    const float loud = sorted.empty() ? 0.0f : sorted[sorted.size() * 19 / 20];
    const float threshold = std::max(kBelowLoud * loud, kInaudible * float(kBands));
    int held = 0;
    for (int t = 0; t < frames; t++) {
        held = clean_energy[t] > threshold ? kHold + 1 : std::max(0, held - 1);
        active[t] = held > 0 ? 1.0f : 0.0f;
    }
}

} // namespace percepnet::training

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "voice_warp.hpp"

#include "constants.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace percepnet::training {
namespace {

constexpr int kSize = 1024, kStep = kSize / 2, kHalf = kSize / 2;
constexpr float kBinHz = float(kSampleRate) / kSize;
constexpr int kSmooth = 4; // bins each way: harmonics lie closer
constexpr float kBendHz = 4000.f, kFixedHz = 10000.f;
constexpr float kLeastGain = 0.03f, kMostGain = 10.f; // of power

using Half = std::array<float, kHalf + 1>;

// Where the envelope at a frequency comes from, in bins.
float origin(int bin, float ratio) {
    const float f = float(bin) * kBinHz;
    const float bend = kBendHz * std::min(ratio, 1.f); // as a target frequency
    if (f >= kFixedHz)
        return float(bin);
    if (f <= bend)
        return float(bin) / ratio;
    const float share = (f - bend) / (kFixedHz - bend);
    return (bend / ratio + share * (kFixedHz - bend / ratio)) / kBinHz;
}

Half smoothed(const float *power) {
    std::array<double, kHalf + 2> sum{};
    for (int k = 0; k <= kHalf; k++)
        sum[k + 1] = sum[k] + power[k];
    Half envelope;
    for (int k = 0; k <= kHalf; k++) {
        const int first = std::max(0, k - kSmooth), last = std::min(kHalf, k + kSmooth);
        envelope[k] = float((sum[last + 1] - sum[first]) / (last + 1 - first));
    }
    return envelope;
}

} // namespace

VoiceWarp::VoiceWarp() : fft_(kSize), window_(kSize), re_(kSize), im_(kSize) {
    for (int i = 0; i < kSize; i++)
        window_[i] = std::sin(float(M_PI) * (float(i) + 0.5f) / kSize);
}

void VoiceWarp::gains(const float *power, float ratio, float *gain) {
    const Half envelope = smoothed(power);
    for (int k = 0; k <= kHalf; k++) {
        const float from = origin(k, ratio);
        const int below = std::min(int(from), kHalf - 1);
        const float share = from - float(below);
        const float wanted = envelope[below] + share * (envelope[below + 1] - envelope[below]);
        gain[k] = std::sqrt(std::clamp(wanted / (envelope[k] + 1e-20f), kLeastGain, kMostGain));
    }
}

// Two frames at a time, as the real and imaginary part of one transform.
void VoiceWarp::apply(float ratio, std::vector<float> &x) {
    const int length = int(x.size());
    out_.assign(x.size(), 0.f);
    for (int at = -kStep; at < length; at += 2 * kStep) {
        const auto sample = [&](int i) { return i >= 0 && i < length ? x[i] : 0.f; };
        for (int i = 0; i < kSize; i++) {
            re_[i] = window_[i] * sample(at + i);
            im_[i] = window_[i] * sample(at + kStep + i);
        }
        fft_.transform(re_.data(), im_.data());
        Half power1, power2, gain1, gain2;
        for (int k = 0; k <= kHalf; k++) {
            const int m = (kSize - k) % kSize;
            const float a = re_[k] + re_[m], b = im_[k] - im_[m];
            const float c = im_[k] + im_[m], d = re_[m] - re_[k];
            power1[k] = a * a + b * b;
            power2[k] = c * c + d * d;
        }
        gains(power1.data(), ratio, gain1.data());
        gains(power2.data(), ratio, gain2.data());
        for (int k = 0; k <= kHalf; k++) {
            const int m = (kSize - k) % kSize;
            const float a = gain1[k] * 0.5f * (re_[k] + re_[m]);
            const float b = gain1[k] * 0.5f * (im_[k] - im_[m]);
            const float c = gain2[k] * 0.5f * (im_[k] + im_[m]);
            const float d = gain2[k] * 0.5f * (re_[m] - re_[k]);
            re_[k] = a - d;
            im_[k] = b + c;
            re_[m] = a + d;
            im_[m] = c - b;
        }
        fft_.transform(im_.data(), re_.data()); // exchanged: the inverse
        for (int i = 0; i < kSize; i++) {
            const float scale = window_[i] / kSize;
            if (at + i >= 0 && at + i < length)
                out_[at + i] += scale * re_[i];
            if (at + kStep + i >= 0 && at + kStep + i < length)
                out_[at + kStep + i] += scale * im_[i];
        }
    }
    x.swap(out_);
}

} // namespace percepnet::training

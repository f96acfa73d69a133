// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "dsp/offset.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/kernels.hpp"

namespace percepnet::dsp {
namespace {

const std::array<float, kHop> kOnes = [] {
    std::array<float, kHop> ones;
    ones.fill(1.0f);
    return ones;
}();

} // namespace

Offset::Offset(int look_ahead) : hops_(std::size_t(look_ahead) + 2) {
    reset();
}

void Offset::reset() noexcept {
    for (Hop &hop : hops_)
        hop = {};
    newest_ = 0;
    mean_ = offset_ = 0.0f;
    seen_ = 0;
    muted_ = true;
}

// None up to a threshold, all of it from twice the threshold on.
float Offset::believed() const noexcept {
    if (seen_ == 0)
        return 0.0f;
    const float threshold = kIgnored * (1.0f + kDoubt / float(seen_));
    return mean_ * std::clamp(std::fabs(mean_) / threshold - 1.0f, 0.0f, 1.0f);
}

// At first the mean of all there is. A glitch counts as no more than full scale.
void Offset::learn(float mean) noexcept {
    seen_ = std::min(seen_ + 1, int(1.0f / kShare));
    mean_ += (std::clamp(mean, -1.0f, 1.0f) - mean_) / float(seen_);
}

void Offset::push(const float *in, bool whole, float *without) noexcept {
    newest_ = (newest_ + 1) % hops_.size();
    std::copy_n(in, kHop, hops_[newest_].begin());
    const bool muted = kernels::active().dot(in, in, kHop) == 0.0f;
    if (whole && !muted)
        learn(kernels::active().dot(in, kOnes.data(), kHop) / kHop);
    const float next = muted ? 0.0f : believed();
    const float first = muted || muted_ ? next : offset_; // it comes and goes at once with the rest
    const float step = (next - first) / kHop;
    for (int i = 0; i < kHop; i++)
        without[i] = in[i] - (first + step * float(i));
    offset_ = next;
    muted_ = muted;
}

} // namespace percepnet::dsp

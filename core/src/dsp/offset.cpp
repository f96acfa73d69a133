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
}

// None up to a threshold, all of it from twice the threshold on.
float Offset::believed() const noexcept {
    const float threshold = kIgnored * (1.0f + kDoubt / float(seen_));
    return mean_ * std::clamp(std::fabs(mean_) / threshold - 1.0f, 0.0f, 1.0f);
}

void Offset::push(const float *in, float *without) noexcept {
    newest_ = (newest_ + 1) % hops_.size();
    Hop &hop = hops_[newest_];
    std::copy_n(in, kHop, hop.input.begin());
    const float sum = kernels::active().dot(in, kOnes.data(), kHop);
    seen_ = std::min(seen_ + 1, int(1.0f / kShare));
    mean_ += (sum / kHop - mean_) / float(seen_); // at first the mean of all there is
    const float next = believed();
    hop.begin = seen_ == 1 ? next : offset_;
    hop.end = offset_ = next;
    const float step = (hop.end - hop.begin) / kHop;
    for (int i = 0; i < kHop; i++)
        without[i] = in[i] - (hop.begin + step * float(i));
}

void Offset::Hop::put_back(float *samples) const noexcept {
    const float step = (end - begin) / kHop;
    for (int i = 0; i < kHop; i++)
        samples[i] += begin + step * float(i);
}

} // namespace percepnet::dsp

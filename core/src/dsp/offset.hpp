// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Takes a constant offset (a cheap sound card's) out before the analysis. It is not put back: what
// is known of it lags, so that wind and rumble below the voice would come back in antiphase.
#pragma once

#include <array>
#include <vector>

#include "constants.hpp"

namespace percepnet::dsp {

// Of one signal. Small offsets are left in: a signal without one passes bit for bit. Until more is
// heard, only a large one counts, as the mean of a few hops of a low voice is not zero either.
class Offset {
public:
    using Hop = std::array<float, kHop>;

    explicit Offset(int look_ahead);
    void reset() noexcept;

    // Takes the kHop newest samples; whole: none stands for a gap; without: the same without the
    // offset. Muted hops, which are zero, have none, and tell nothing of it.
    void push(const float *in, bool whole, float *without) noexcept;
    // What was taken out last, at its end.
    float last() const noexcept { return offset_; }
    // The hop that comes out now, bit for bit.
    const Hop &leaving() const noexcept { return hops_[(newest_ + 1) % hops_.size()]; }

private:
    static constexpr float kIgnored = 2e-3f; // -54 dBFS, in the long run
    static constexpr float kDoubt = 25.0f;   // hops
    static constexpr float kShare = 0.01f;   // of a hop in the mean: a time constant of 1 s

    float believed() const noexcept;
    void learn(float mean) noexcept;

    std::vector<Hop> hops_; // ring
    std::size_t newest_ = 0;
    float mean_ = 0.0f, offset_ = 0.0f;
    int seen_ = 0;      // hops, up to 1 / kShare
    bool muted_ = true; // the hop before, or there was none
};

} // namespace percepnet::dsp

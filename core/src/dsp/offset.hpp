// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Keeps a constant offset (a cheap sound card's) away from the estimate: it is taken out before the
// analysis and put back into what comes out, so that the signal path passes it as it came.
#pragma once

#include <array>
#include <vector>

#include "constants.hpp"

namespace percepnet::dsp {

// Of one signal. Small offsets are left in: a signal without one passes bit for bit. Until more is
// heard, only a large one counts, as the mean of a few hops of a low voice is not zero either.
class Offset {
public:
    struct Hop {
        std::array<float, kHop> input;
        float begin, end; // the offset, a line between

        // Adds the offset to what was made of the hop.
        void put_back(float *samples) const noexcept;
    };

    explicit Offset(int look_ahead);
    void reset() noexcept;

    // Takes the kHop newest samples; without: the same without the offset.
    void push(const float *in, float *without) noexcept;
    // The hop that comes out now, its input bit for bit.
    const Hop &leaving() const noexcept { return hops_[(newest_ + 1) % hops_.size()]; }

private:
    static constexpr float kIgnored = 2e-3f; // -54 dBFS, in the long run
    static constexpr float kDoubt = 25.0f;   // hops
    static constexpr float kShare = 0.01f;   // of a hop in the mean: a time constant of 1 s

    float believed() const noexcept;

    std::vector<Hop> hops_; // ring
    std::size_t newest_ = 0;
    float mean_ = 0.0f, offset_ = 0.0f;
    int seen_ = 0; // hops, up to 1 / kShare
};

} // namespace percepnet::dsp

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The last samples of one signal, a hop at a time: a ring whose beginning stands once more after
// its end, so that nothing moves and reads are of one piece.
#pragma once

#include <algorithm>
#include <array>
#include <cassert>

#include "constants.hpp"

namespace percepnet::dsp {

class History {
public:
    // What can be asked for: samples back from the newest one, and at once.
    static constexpr int kReach = kCombSide * kMaxPeriod + 64 + kWindow + kMaxLookAhead * kHop;
    static constexpr int kPiece = kFineWindow;

    void reset() noexcept {
        ring_.fill(0.0f);
        newest_ = 0;
    }
    void push(const float *hop) noexcept {
        newest_ = (newest_ + 1) % kHops;
        std::copy_n(hop, kHop, &ring_[newest_ * kHop]);
        if (newest_ < kAgain)
            std::copy_n(hop, kHop, &ring_[(kHops + newest_) * kHop]);
    }
    // From the sample `back` before the end on, at most kPiece and not beyond the end.
    const float *last(int back) const noexcept {
        assert(back > 0 && back <= kReach);
        constexpr std::size_t kSize = kHops * kHop;
        return &ring_[((newest_ + 1) * kHop + kSize - std::size_t(back)) % kSize];
    }

private:
    static constexpr std::size_t kHops = (kReach + kHop - 1) / kHop;
    static constexpr std::size_t kAgain = kPiece / kHop;
    static_assert(kPiece % kHop == 0);

    std::array<float, (kHops + kAgain) * kHop> ring_;
    std::size_t newest_ = 0;
};

} // namespace percepnet::dsp

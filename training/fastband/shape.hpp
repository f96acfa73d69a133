// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Sizes of a band network at work, and memory by the piece.
#pragma once

#include <cstddef>
#include <cstdint>

namespace percepnet::training {

struct Shape {
    int hops, bands, batch; // batch: sequences side by side, even
    int channels, band_units, time_units, blocks;
    int past, features;  // hops seen by the input layer, numbers of a band in each
    int fine_past, fine; // the same of the fine spectrum; 0: none

    int rows() const { return bands * batch; } // of a hop, band by band
    int inputs() const { return past * features + fine_past * fine; }
    int padded_inputs() const { return (inputs() + 15) / 16 * 16; }
};

// Hands out pieces of a block of memory; begun at null it only counts.
class Arena {
public:
    explicit Arena(char *begin) : at_(reinterpret_cast<uintptr_t>(begin)) {}

    template <class T> T *take(size_t count) {
        T *piece = reinterpret_cast<T *>(at_);
        at_ += (count * sizeof(T) + 63) / 64 * 64;
        return piece;
    }
    uintptr_t end() const { return at_; }

private:
    uintptr_t at_;
};

} // namespace percepnet::training

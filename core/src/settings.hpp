// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <array>
#include <atomic>

#include "percepnet/percepnet.h"

namespace percepnet {

// The controls of a stream by their ids: written by any thread, read once a hop by the stream's.
class Settings {
public:
    float get(percepnet_control_id id) const noexcept {
        return values_[id].load(std::memory_order_relaxed);
    }
    void set(percepnet_control_id id, float value) noexcept {
        values_[id].store(value, std::memory_order_relaxed);
    }

private:
    std::array<std::atomic<float>, PERCEPNET_CONTROL_COUNT> values_{};
    static_assert(std::atomic<float>::is_always_lock_free);
};

// Weights of the enhanced and of the delayed input signal in the output.
struct OutputWeights {
    float enhanced;
    float dry;
};

// attenuation_limit A: at most A dB below the input, by leaving 10^(-A/20) of it in.
OutputWeights output_weights(const Settings &settings) noexcept;

} // namespace percepnet

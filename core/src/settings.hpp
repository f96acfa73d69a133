// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <atomic>

#include "percepnet/percepnet.h"

namespace percepnet {

// The live controls of a stream: written by any thread, read once a hop by the stream's.
struct Settings {
    std::atomic<float> attenuation_limit{100.0f};
    std::atomic<float> mix{1.0f};
    std::atomic<float> post_filter{1.0f};
    std::atomic<percepnet_output> output{PERCEPNET_OUTPUT_ENHANCED};

    static_assert(std::atomic<float>::is_always_lock_free);
    static_assert(std::atomic<percepnet_output>::is_always_lock_free);
};

// Weights of the enhanced and of the delayed input signal in the output.
struct OutputWeights {
    float enhanced;
    float dry;
};

// attenuation_limit A: at most A dB below the input, by leaving 10^(-A/20) of it in.
OutputWeights output_weights(const Settings &settings) noexcept;

} // namespace percepnet

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "actions.hpp"

#include <cstdio>

namespace percepnet::tools {

void print_info(const Options &options) {
    const ModelHandle model = open_model(options);
    const int latency = percepnet_model_latency(model.get());
    std::printf("percepnet   %s\n", percepnet_version());
    std::printf("kernels     %s\n", percepnet_simd_level());
    std::printf("model       %s\n", options.model.empty() ? "built in" : options.model.c_str());
    std::printf("parameters  %zu\n", percepnet_model_parameters(model.get()));
    std::printf("latency     %d samples (%.0f ms) at %d Hz\n", latency,
                1000.0 * latency / PERCEPNET_SAMPLE_RATE, PERCEPNET_SAMPLE_RATE);
    std::puts("metadata");
    for (size_t i = 0; const char *key = percepnet_model_metadata_key(model.get(), i); i++)
        std::printf("  %s: %s\n", key, percepnet_model_metadata(model.get(), key));
}

} // namespace percepnet::tools

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// features_tool LOOK_AHEAD FINE < SAMPLES > FEATURES: the analysis as the library has it, over raw
// float32 samples, for test_scenes.py. FINE: 1 with the fine features, 0 without.
#include <cstdio>
#include <cstdlib>

#include "dsp/analysis.hpp"

int main(int argc, char **argv) {
    using namespace percepnet;
    if (argc != 3) {
        std::fprintf(stderr, "usage: features_tool LOOK_AHEAD FINE < SAMPLES > FEATURES\n");
        return 2;
    }
    dsp::Analysis analysis(1, std::atoi(argv[1]), std::atoi(argv[2]) != 0);
    float hop[kHop];
    const float *in = hop;
    while (std::fread(hop, sizeof(float), kHop, stdin) == kHop) {
        analysis.push(&in);
        const auto features = analysis.features();
        std::fwrite(features.data(), sizeof(float), features.size(), stdout);
    }
    return 0;
}

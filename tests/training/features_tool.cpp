// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// features_tool LOOK_AHEAD < SAMPLES > FEATURES: the analysis as the library has it, over raw
// float32 samples, for test_scenes.py.
#include <cstdio>
#include <cstdlib>

#include "dsp/analysis.hpp"

int main(int argc, char **argv) {
    using namespace percepnet;
    if (argc != 2) {
        std::fprintf(stderr, "usage: features_tool LOOK_AHEAD < SAMPLES > FEATURES\n");
        return 2;
    }
    dsp::Analysis analysis(1, std::atoi(argv[1]));
    float hop[kHop];
    const float *in = hop;
    while (std::fread(hop, sizeof(float), kHop, stdin) == kHop) {
        analysis.push(&in);
        std::fwrite(analysis.features().data(), sizeof(float), kFeatures, stdout);
    }
    return 0;
}

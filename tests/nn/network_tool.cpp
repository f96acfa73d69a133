// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// network_tool MODEL LEVEL < FEATURES > OUTPUTS: runs the network over raw float32 hops of
// the model's features and writes gains, strengths and the voice probability of each, for
// parity_test.py. The exit status is 3 if this machine does not run the level.
#include <cstdio>
#include <cstring>
#include <exception>
#include <fstream>
#include <iterator>
#include <vector>

#include "nn/network.hpp"

namespace {

const percepnet::kernels::Kernels *level_named(const char *name) {
    for (int i = 0; const auto *kernels = percepnet::kernels::level(i); i++)
        if (std::strcmp(kernels->name, name) == 0)
            return kernels;
    return nullptr;
}

void run(const char *path, const percepnet::kernels::Kernels &kernels) {
    using namespace percepnet;
    std::ifstream file(path, std::ios::binary);
    const std::vector<char> data((std::istreambuf_iterator<char>(file)), {});
    const auto model = nn::Model::parse(data.data(), data.size());
    nn::Network network(model, kernels);
    nn::NetworkOutput out;
    std::vector<float> features(std::size_t(model->architecture().features));
    while (std::fread(features.data(), sizeof(float), features.size(), stdin) == features.size()) {
        network.step(features, out);
        std::fwrite(out.gain_b.data(), sizeof(float), kBands, stdout);
        std::fwrite(out.strength_b.data(), sizeof(float), kBands, stdout);
        std::fwrite(&out.voice_probability, sizeof(float), 1, stdout);
    }
}

} // namespace

int main(int argc, char **argv) {
    if (argc != 3) {
        std::fprintf(stderr, "usage: network_tool MODEL LEVEL < FEATURES > OUTPUTS\n");
        return 2;
    }
    const auto *kernels = level_named(argv[2]);
    if (!kernels)
        return 3;
    try {
        run(argv[1], *kernels);
    } catch (const std::exception &failure) {
        std::fprintf(stderr, "network_tool: %s\n", failure.what());
        return 1;
    }
    return 0;
}

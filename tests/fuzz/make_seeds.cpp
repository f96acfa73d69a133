// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Writes the seeds of the model fuzzer, after a change of the model format: make_seeds FOLDER
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "../nn/model_builder.hpp"
#include "nn/row_layers.hpp"

using percepnet::nn::Architecture;

namespace {

Architecture smallest_dense() {
    Architecture a;
    a.fc = a.width = a.strength_width = a.gru_layers = a.conv1_kernel = a.conv2_kernel = 1;
    return a;
}

Architecture smallest_bands() {
    constexpr int kGrain = percepnet::nn::kRowGrain;
    Architecture a = percepnet::test::band_architecture(kGrain, kGrain, kGrain, 1, false);
    a.band.past = a.band.fine_past = 1;
    return a;
}

void write(const std::string &path, const Architecture &architecture, bool quantised) {
    const std::string file = percepnet::test::ModelBuilder(architecture, quantised, 1).file();
    std::uint64_t length = 0;
    std::memcpy(&length, file.data(), 8);
    std::ofstream(path) << file.substr(8, length) << "\n01?;";
}

} // namespace

int main(int argc, char **argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    for (const bool quantised : {false, true}) {
        const std::string name = quantised ? "int8.seed" : "float.seed";
        write(argv[1] + ("/" + name), smallest_dense(), quantised);
        write(argv[1] + ("/bands-" + name), smallest_bands(), quantised);
    }
    return 0;
}

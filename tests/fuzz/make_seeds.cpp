// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Writes the seeds of the model fuzzer, after a change of the model format: make_seeds FOLDER
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "../nn/model_builder.hpp"

int main(int argc, char **argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    for (const bool quantised : {false, true}) {
        percepnet::nn::Architecture a;
        a.fc = a.width = a.strength_width = a.gru_layers = a.conv1_kernel = a.conv2_kernel = 1;
        const std::string file = percepnet::test::ModelBuilder(a, quantised, 1).file();
        std::uint64_t length = 0;
        std::memcpy(&length, file.data(), 8);
        std::ofstream seed(argv[1] + std::string(quantised ? "/int8.seed" : "/float.seed"));
        seed << file.substr(8, length) << "\n01?;";
    }
    return 0;
}

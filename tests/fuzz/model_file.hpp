// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <fstream>
#include <string>

#include <unistd.h>

#include "../nn/model_builder.hpp"

namespace percepnet::fuzz {

/** A small network, in a file for as long as this lives. */
struct ModelFile {
    std::string path = "/tmp/percepnet-fuzz-" + std::to_string(getpid()) + ".safetensors";
    ModelFile() {
        const std::string file =
            test::ModelBuilder(test::dense_architecture(2, 3, 2, 1), true, 1).file();
        std::ofstream(path, std::ios::binary).write(file.data(), std::streamsize(file.size()));
    }
    ~ModelFile() { unlink(path.c_str()); }
    ModelFile(const ModelFile &) = delete;
};

} // namespace percepnet::fuzz

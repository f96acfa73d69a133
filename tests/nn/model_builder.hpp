// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Makes model files in memory for tests: random weights, and every part open to damage.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "nn/architecture.hpp"

namespace percepnet::test {

// A small generator whose numbers are the same everywhere.
class Random {
public:
    explicit Random(std::uint32_t seed) : state_(seed * 2654435761u + 1u) {}
    std::uint32_t bits();
    float uniform(float low, float high); // [low, high)
    int below(int n) { return int(bits() % std::uint32_t(n)); }

private:
    std::uint32_t state_;
};

struct FileTensor {
    std::string name, dtype;
    std::vector<std::int64_t> shape;
    std::string data;
};

struct ModelBuilder {
    std::map<std::string, std::string> metadata;
    std::vector<FileTensor> tensors;
    bool with_checksum = true;

    // Weights uniform within size / sqrt(inputs), int8 where the engine allows it if quantised.
    ModelBuilder(const nn::Architecture &architecture, bool quantised, std::uint32_t seed,
                 float size = 1.0f);

    FileTensor &tensor(const std::string &name);
    void set_float(const std::string &name, std::size_t index, float value);
    float get_float(const std::string &name, std::size_t index);
    std::string file() const;

private:
    void layers(const nn::Architecture &architecture, bool quantised, float size);
    void bands(const nn::Architecture &architecture, bool quantised, float size);
    void add(const std::string &name, int rows, int columns, bool quantised, float limit);
    void add_vector(const std::string &name, int size, float limit);
    void dense(const std::string &name, int rows, int columns, bool quantised, float size);
    void gru(const std::string &name, int units, int inputs, bool quantised, float size);

    Random random_;
    long most_ = 127; // of an int8 weight
};

// A dense network; what is not given is as in nn::Architecture.
nn::Architecture dense_architecture(int fc, int width, int strength_width, int gru_layers);
// A band network; what is not given is as in nn::BandShape.
nn::Architecture band_architecture(int channels, int time_units, int band_units, int blocks,
                                   bool fine);
std::string architecture_text(const nn::Architecture &architecture);
// A safetensors file of this header text and these tensor bytes.
std::string container(const std::string &header, const std::string &data);

} // namespace percepnet::test

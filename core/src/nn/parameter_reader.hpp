// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Copies the tensors of a file into layers and checks each: shape, dtype, finite values, and in the
// end that none was left over.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "nn/layers.hpp"
#include "nn/row_layers.hpp"
#include "nn/safetensors.hpp"

namespace percepnet::nn {

enum class Weights { kFloat, kAny }; // kAny: int8 with "<name>_scale", or float32

// All functions throw std::runtime_error with a sentence.
class ParameterReader {
public:
    explicit ParameterReader(const Safetensors &file) : file_(file) {}

    std::vector<float> optional_vector(const std::string &name, int size, float otherwise);
    Dense dense(const std::string &name, int rows, int columns, Weights kind);
    Gru gru(const std::string &name, int units, int inputs);
    // Of (outputs, inputs) in the file.
    RowMatrix row_matrix(const std::string &name, int outputs, int inputs, Weights kind);
    AlignedVector<float> floats(const std::string &name, const std::vector<std::int64_t> &shape);
    RowDense row_dense(const std::string &name, int outputs, int inputs);
    RowGru row_gru(const std::string &name, int units, int inputs);
    void finish() const;
    std::size_t parameters() const { return parameters_; }

private:
    const Tensor &take(const std::string &name, const std::vector<std::int64_t> &shape);
    std::vector<float> vector(const std::string &name, int size);
    Matrix matrix(const std::string &name, int rows, int columns, Weights kind);

    const Safetensors &file_;
    std::set<std::string> taken_;
    std::size_t parameters_ = 0;
};

} // namespace percepnet::nn

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "nn/parameter_reader.hpp"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "shortened.hpp"

namespace percepnet::nn {
namespace {

[[noreturn]] void refuse(const std::string &name, const std::string &reason) {
    throw std::runtime_error("tensor \"" + shortened(name, kMostName) + "\" of the model file " +
                             reason);
}

std::string shape_text(const std::vector<std::int64_t> &shape) {
    std::string text = "(";
    for (std::size_t i = 0; i < shape.size(); i++)
        text += (i ? ", " : "") + std::to_string(shape[i]);
    return text + ")";
}

float read_float(const unsigned char *bytes) {
    const std::uint32_t bits = std::uint32_t(bytes[0]) | std::uint32_t(bytes[1]) << 8 |
                               std::uint32_t(bytes[2]) << 16 | std::uint32_t(bytes[3]) << 24;
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

void read_floats(const std::string &name, const unsigned char *bytes, float *out, int count) {
    for (int i = 0; i < count; i++) {
        out[i] = read_float(bytes + 4 * std::size_t(i));
        if (!std::isfinite(out[i]))
            refuse(name, "holds a value that is not finite; the training went wrong or the file "
                         "is damaged");
    }
}

void read_bytes(const std::string &name, const unsigned char *bytes, std::int8_t *out, int count) {
    for (int i = 0; i < count; i++) {
        out[i] = std::int8_t(bytes[i]);
        if (out[i] == -128)
            refuse(name, "holds the weight -128, beyond -127..127; export the model again");
    }
}

// In the order of the kernels; scales for inputs that count in input_range / 127.
void pack(const std::string &name, const Matrix &m, float input_range, RowMatrix &rows) {
    rows.int8.resize(std::size_t(m.columns) * rows.outputs);
    rows.offset.resize(std::size_t(rows.outputs));
    rows.scale.resize(std::size_t(rows.outputs));
    for (std::size_t o = 0; o < std::size_t(m.rows); o++) {
        int sum = 0;
        for (std::size_t i = 0; i < std::size_t(m.columns); i++) {
            const std::int8_t weight = m.int8[o * m.stride + i];
            if (std::abs(weight) > kernels::kMaxRowWeight)
                refuse(name, "holds a weight beyond -64..64; export the model again");
            rows.int8[(i / 4 * rows.outputs + o) * 4 + i % 4] = weight;
            sum += weight;
        }
        rows.offset[o] = -kernels::kInputZero * sum;
        rows.scale[o] = input_range * m.scale[o];
    }
}

} // namespace

const Tensor &ParameterReader::take(const std::string &name,
                                    const std::vector<std::int64_t> &shape) {
    const auto entry = file_.tensors().find(name);
    if (entry == file_.tensors().end())
        refuse(name, "is missing; export the model again");
    const Tensor &tensor = entry->second;
    if (tensor.shape != shape)
        refuse(name, "has shape " + shape_text(tensor.shape) + " where the architecture needs " +
                         shape_text(shape) + "; export the model again");
    taken_.insert(name);
    return tensor;
}

std::vector<float> ParameterReader::vector(const std::string &name, int size) {
    const Tensor &tensor = take(name, {size});
    if (tensor.dtype != Dtype::kFloat32)
        refuse(name, "must be F32; export the model again");
    std::vector<float> values(size);
    read_floats(name, tensor.data, values.data(), size);
    return values;
}

std::vector<float> ParameterReader::optional_vector(const std::string &name, int size,
                                                    float otherwise) {
    if (file_.tensors().count(name) == 0)
        return std::vector<float>(size, otherwise);
    return vector(name, size);
}

Matrix ParameterReader::matrix(const std::string &name, int rows, int columns, Weights kind) {
    const Tensor &tensor = take(name, {rows, columns});
    Matrix m;
    m.rows = rows;
    m.columns = columns;
    m.stride = padded(columns);
    parameters_ += std::size_t(rows) * columns;
    const std::size_t size = std::size_t(rows) * m.stride;
    if (tensor.dtype == Dtype::kFloat32) {
        m.f32.resize(size);
        for (std::size_t r = 0; r < std::size_t(rows); r++)
            read_floats(name, tensor.data + 4 * r * columns, &m.f32[r * m.stride], columns);
        return m;
    }
    if (kind == Weights::kFloat)
        refuse(name, "must be F32; export the model again");
    m.int8.resize(size);
    for (std::size_t r = 0; r < std::size_t(rows); r++)
        read_bytes(name, tensor.data + r * columns, &m.int8[r * m.stride], columns);
    m.scale = vector(name + "_scale", rows);
    for (float &scale : m.scale)
        scale /= 127.0f; // activations count in 1/127
    return m;
}

Dense ParameterReader::dense(const std::string &name, int rows, int columns, Weights kind) {
    Dense layer;
    layer.weight = matrix(name + ".weight", rows, columns, kind);
    layer.bias = vector(name + ".bias", rows);
    parameters_ += layer.bias.size();
    return layer;
}

Gru ParameterReader::gru(const std::string &name, int units, int inputs) {
    Gru layer;
    layer.units = units;
    layer.weight_ih = matrix(name + ".weight_ih", 3 * units, inputs, Weights::kAny);
    layer.weight_hh = matrix(name + ".weight_hh", 3 * units, units, Weights::kAny);
    layer.bias_ih = vector(name + ".bias_ih", 3 * units);
    layer.bias_hh = vector(name + ".bias_hh", 3 * units);
    parameters_ += layer.bias_ih.size() + layer.bias_hh.size();
    return layer;
}

AlignedVector<float> ParameterReader::floats(const std::string &name,
                                             const std::vector<std::int64_t> &shape) {
    const Tensor &tensor = take(name, shape);
    if (tensor.dtype != Dtype::kFloat32)
        refuse(name, "must be F32; export the model again");
    AlignedVector<float> values(tensor.bytes / 4);
    read_floats(name, tensor.data, values.data(), int(values.size()));
    parameters_ += values.size();
    return values;
}

RowMatrix ParameterReader::row_matrix(const std::string &name, int outputs, int inputs,
                                      Weights kind, float input_range) {
    const Matrix m = matrix(name, outputs, inputs, kind);
    RowMatrix rows;
    rows.inputs = inputs;
    rows.outputs = padded_outputs(outputs);
    if (kind == Weights::kAny && m.quantised() != rows_quantised_.value_or(m.quantised()))
        refuse(name, "must be I8 if the others are, or F32; export the model again");
    if (kind == Weights::kAny)
        rows_quantised_ = m.quantised();
    if (m.quantised()) {
        pack(name, m, input_range, rows);
        return rows;
    }
    rows.f32.resize(std::size_t(inputs) * rows.outputs);
    for (std::size_t o = 0; o < std::size_t(outputs); o++)
        for (std::size_t i = 0; i < std::size_t(inputs); i++)
            rows.f32[i * rows.outputs + o] = m.f32[o * m.stride + i];
    return rows;
}

RowDense ParameterReader::row_dense(const std::string &name, int outputs, int inputs,
                                    float input_range) {
    return {row_matrix(name + ".weight", outputs, inputs, Weights::kAny, input_range),
            floats(name + ".bias", {outputs})};
}

RowGru ParameterReader::row_gru(const std::string &name, int units, int inputs) {
    return {
        units,
        row_matrix(name + ".weight_ih", 3 * units, inputs, Weights::kAny, kernels::kNormalRange),
        row_matrix(name + ".weight_hh", 3 * units, units, Weights::kAny, 1.0f),
        floats(name + ".bias_ih", {3 * units}), floats(name + ".bias_hh", {3 * units})};
}

void ParameterReader::finish() const {
    for (const auto &[name, tensor] : file_.tensors())
        if (taken_.count(name) == 0)
            refuse(name, "is not one that the architecture knows; use a newer library, or export "
                         "the model again");
}

} // namespace percepnet::nn

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "model_builder.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>

#include "kernels/kernels.hpp"
#include "nn/checksum.hpp"

namespace percepnet::test {
namespace {

std::string quoted(const std::string &text) {
    std::string result = "\"";
    for (char c : text)
        result += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    return result + "\"";
}

std::string numbers(const std::vector<std::int64_t> &values) {
    std::string text = "[";
    for (std::size_t i = 0; i < values.size(); i++)
        text += (i ? "," : "") + std::to_string(values[i]);
    return text + "]";
}

std::string float_bytes(const std::vector<float> &values) {
    std::string bytes(values.size() * 4, '\0');
    std::memcpy(&bytes[0], values.data(), bytes.size());
    return bytes;
}

} // namespace

std::uint32_t Random::bits() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 17;
    state_ ^= state_ << 5;
    return state_;
}

float Random::uniform(float low, float high) {
    return low + (high - low) * float(bits() >> 8) / 16777216.0f;
}

std::string architecture_text(const nn::Architecture &a) {
    std::string text = "{\"band_centres\":";
    text += numbers({kBandCentre.begin(), kBandCentre.end()});
    std::vector<std::pair<const char *, int>> entries = {
        {"features", a.features}, {"bands", a.bands}, {"look_ahead", a.look_ahead}};
    if (a.kind == nn::Kind::kBands) {
        text += ",\"kind\":\"bands\"";
        entries.insert(entries.end(), {{"channels", a.band.channels},
                                       {"time_units", a.band.time_units},
                                       {"band_units", a.band.band_units},
                                       {"blocks", a.band.blocks},
                                       {"past", a.band.past},
                                       {"fine", a.band.fine},
                                       {"fine_past", a.band.fine_past}});
    } else {
        entries.insert(entries.end(), {{"fc", a.fc},
                                       {"conv1_kernel", a.conv1_kernel},
                                       {"conv2_kernel", a.conv2_kernel},
                                       {"width", a.width},
                                       {"gru_layers", a.gru_layers},
                                       {"strength_width", a.strength_width}});
    }
    for (const auto &[key, value] : entries)
        text += ",\"" + std::string(key) + "\":" + std::to_string(value);
    return text + "}";
}

nn::Architecture dense_architecture(int fc, int width, int strength_width, int gru_layers) {
    nn::Architecture a;
    a.fc = fc;
    a.width = width;
    a.strength_width = strength_width;
    a.gru_layers = gru_layers;
    return a;
}

nn::Architecture band_architecture(int channels, int time_units, int band_units, int blocks,
                                   bool fine) {
    nn::Architecture a;
    a.kind = nn::Kind::kBands;
    a.band.channels = channels;
    a.band.time_units = time_units;
    a.band.band_units = band_units;
    a.band.blocks = blocks;
    a.band.fine = fine;
    a.features = kFeatures + (fine ? kFineFeatures : 0);
    return a;
}

std::string container(const std::string &header, const std::string &data) {
    std::string bytes(8, '\0');
    for (int i = 0; i < 8; i++)
        bytes[i] = char(std::uint64_t(header.size()) >> (8 * i));
    return bytes + header + data;
}

ModelBuilder::ModelBuilder(const nn::Architecture &a, bool quantised, std::uint32_t seed,
                           float size)
    : random_(seed) {
    metadata["name"] = "random";
    metadata["percepnet.format"] = "1";
    metadata["percepnet.architecture"] = architecture_text(a);
    if (a.kind == nn::Kind::kBands)
        bands(a, quantised, size);
    else
        layers(a, quantised, size);
}

void ModelBuilder::bands(const nn::Architecture &a, bool quantised, float size) {
    const nn::BandShape &shape = a.band;
    const int channels = shape.channels;
    most_ = kernels::kMaxRowWeight;
    add("inp.weight", channels, nn::kBandInputs * shape.past, false, size / 8.0f);
    if (shape.fine)
        add("fine_inp.weight", channels, nn::kFineInputs * shape.fine_past, false, size / 8.0f);
    add("band", a.bands, channels, false, size);
    for (int i = 0; i < shape.blocks; i++) {
        const std::string number = std::to_string(i);
        gru("up" + number, shape.band_units, channels, quantised, size);
        gru("down" + number, shape.band_units, channels, quantised, size);
        dense("band_out" + number, channels, 2 * shape.band_units, quantised, size);
        gru("time" + number, shape.time_units, channels, quantised, size);
        dense("time_out" + number, channels, shape.time_units, quantised, size);
    }
    dense("out1", channels, channels, quantised, size);
    add("out2.weight", 2, channels, false, size / 4.0f);
    add_vector("gain_bias", a.bands, size);
    add_vector("strength_bias", a.bands, size);
    add_vector("voice.weight", channels, size);
    add_vector("voice.bias", 1, size);
}

void ModelBuilder::layers(const nn::Architecture &a, bool quantised, float size) {
    dense("fc", a.fc, a.features, false, size);
    dense("conv1", a.width, a.conv1_kernel * a.fc, quantised, size);
    dense("conv2", a.width, a.conv2_kernel * a.width, quantised, size);
    for (int i = 1; i <= a.gru_layers; i++)
        gru("gru" + std::to_string(i), a.width, a.width, quantised, size);
    gru("gru_g", a.width, a.width, quantised, size);
    dense("fc_g", a.bands, a.concat(), false, size);
    dense("fc_v", 1, a.concat(), false, size);
    gru("gru_r", a.strength_width, 2 * a.width, quantised, size);
    dense("fc_r", a.bands, a.strength_width, false, size);
}

// The same float weights whether they are then quantised or not.
void ModelBuilder::add(const std::string &name, int rows, int columns, bool quantised,
                       float limit) {
    std::vector<float> weights(std::size_t(rows) * columns);
    for (float &w : weights)
        w = random_.uniform(-limit, limit);
    if (!quantised) {
        tensors.push_back({name, "F32", {rows, columns}, float_bytes(weights)});
        return;
    }
    std::string bytes;
    std::vector<float> scales;
    for (int r = 0; r < rows; r++) {
        const float *row = &weights[std::size_t(r) * columns];
        float most = 0.0f;
        for (int c = 0; c < columns; c++)
            most = std::max(most, std::fabs(row[c]));
        scales.push_back(most > 0.0f ? most / float(most_) : 1.0f);
        for (int c = 0; c < columns; c++)
            bytes += char(std::clamp(std::lrint(row[c] / scales.back()), -most_, most_));
    }
    tensors.push_back({name, "I8", {rows, columns}, bytes});
    tensors.push_back({name + "_scale", "F32", {rows}, float_bytes(scales)});
}

void ModelBuilder::add_vector(const std::string &name, int size, float limit) {
    std::vector<float> values(size);
    for (float &v : values)
        v = random_.uniform(-limit, limit);
    tensors.push_back({name, "F32", {size}, float_bytes(values)});
}

void ModelBuilder::dense(const std::string &name, int rows, int columns, bool quantised,
                         float size) {
    add(name + ".weight", rows, columns, quantised, size / std::sqrt(float(columns)));
    add_vector(name + ".bias", rows, 0.1f * size);
}

void ModelBuilder::gru(const std::string &name, int units, int inputs, bool quantised, float size) {
    const float limit = size / std::sqrt(float(units));
    add(name + ".weight_ih", 3 * units, inputs, quantised, limit);
    add(name + ".weight_hh", 3 * units, units, quantised, limit);
    add_vector(name + ".bias_ih", 3 * units, 0.1f * size);
    add_vector(name + ".bias_hh", 3 * units, 0.1f * size);
}

FileTensor &ModelBuilder::tensor(const std::string &name) {
    for (FileTensor &tensor : tensors)
        if (tensor.name == name)
            return tensor;
    throw std::runtime_error("the test asks for tensor " + name);
}

void ModelBuilder::set_float(const std::string &name, std::size_t index, float value) {
    std::memcpy(&tensor(name).data[4 * index], &value, 4);
}

float ModelBuilder::get_float(const std::string &name, std::size_t index) {
    float value;
    std::memcpy(&value, &tensor(name).data[4 * index], 4);
    return value;
}

std::string ModelBuilder::file() const {
    std::string data, entries;
    for (const FileTensor &tensor : tensors) {
        const auto begin = std::int64_t(data.size());
        data += tensor.data;
        entries += "," + quoted(tensor.name) + ":{\"dtype\":" + quoted(tensor.dtype) +
                   ",\"shape\":" + numbers(tensor.shape) +
                   ",\"data_offsets\":" + numbers({begin, std::int64_t(data.size())}) + "}";
    }
    auto described = metadata;
    if (with_checksum)
        described["percepnet.checksum"] =
            nn::checksum_text(reinterpret_cast<const unsigned char *>(data.data()), data.size());
    std::string header;
    for (const auto &[key, value] : described)
        header +=
            (header.empty() ? "{\"__metadata__\":{" : ",") + quoted(key) + ":" + quoted(value);
    return container(header + "}" + entries + "}", data);
}

} // namespace percepnet::test

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "nn/model.hpp"

#include <stdexcept>

#include "nn/parameter_reader.hpp"
#include "nn/safetensors.hpp"

// core/model/default.safetensors, put into the library by embed.py.
extern "C" const unsigned char percepnet_default_model[];
extern "C" const unsigned char percepnet_default_model_end[];

namespace percepnet::nn {
namespace {

constexpr char kFormat[] = "1";

const std::string &required(const std::map<std::string, std::string> &metadata,
                            const std::string &key) {
    const auto entry = metadata.find(key);
    if (entry == metadata.end())
        throw std::runtime_error("not a percepnet model: its metadata has no \"" + key +
                                 "\"; make model files with training/export.py");
    return entry->second;
}

Parameters read_layers(ParameterReader &reader, const Architecture &a) {
    Parameters p;
    p.feature_mean = reader.optional_vector("feature_mean", a.features, 0.0f);
    p.feature_scale = reader.optional_vector("feature_scale", a.features, 1.0f);
    p.fc = reader.dense("fc", a.fc, a.features, Weights::kFloat);
    p.conv1 = reader.dense("conv1", a.width, a.conv1_kernel * a.fc, Weights::kAny);
    p.conv2 = reader.dense("conv2", a.width, a.conv2_kernel * a.width, Weights::kAny);
    for (int i = 1; i <= a.gru_layers; i++)
        p.gru.push_back(reader.gru("gru" + std::to_string(i), a.width, a.width));
    p.gru_g = reader.gru("gru_g", a.width, a.width);
    p.fc_g = reader.dense("fc_g", a.bands, a.concat(), Weights::kFloat);
    p.fc_v = reader.dense("fc_v", 1, a.concat(), Weights::kFloat);
    p.gru_r = reader.gru("gru_r", a.strength_width, 2 * a.width);
    p.fc_r = reader.dense("fc_r", a.bands, a.strength_width, Weights::kFloat);
    return p;
}

} // namespace

std::shared_ptr<const Model> Model::parse(const void *data, std::size_t size) {
    const Safetensors file(data, size);
    const auto &metadata = file.metadata();
    if (required(metadata, "percepnet.format") != kFormat)
        throw std::runtime_error("the model file has format " + metadata.at("percepnet.format") +
                                 " and this library reads format " + kFormat +
                                 "; use a newer library, or export the model again");
    required(metadata, "percepnet.checksum");
    auto model = std::make_shared<Model>();
    model->architecture_ = parse_architecture(required(metadata, "percepnet.architecture"));
    ParameterReader reader(file);
    model->layers_ = read_layers(reader, model->architecture_);
    reader.finish();
    model->parameters_ = reader.parameters();
    model->metadata_ = metadata;
    return model;
}

std::shared_ptr<const Model> Model::built_in() {
    static const std::shared_ptr<const Model> model =
        parse(percepnet_default_model,
              std::size_t(percepnet_default_model_end - percepnet_default_model));
    return model;
}

} // namespace percepnet::nn

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "nn/model.hpp"

#include <stdexcept>

#include "nn/parameter_reader.hpp"
#include "nn/safetensors.hpp"
#include "shortened.hpp"

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

} // namespace

std::shared_ptr<const Model> Model::parse(const void *data, std::size_t size) {
    const Safetensors file(data, size);
    const auto &metadata = file.metadata();
    const std::string &format = required(metadata, "percepnet.format");
    if (format != kFormat)
        throw std::runtime_error("the model file has format " + shortened(format, kMostName) +
                                 " and this library reads format " + kFormat +
                                 "; use a newer library, or export the model again");
    required(metadata, "percepnet.checksum");
    auto model = std::make_shared<Model>();
    model->architecture_ = parse_architecture(required(metadata, "percepnet.architecture"));
    ParameterReader reader(file);
    const Architecture &a = model->architecture_;
    if (a.kind == Kind::kBands)
        model->layers_ = read_bands(reader, a);
    else
        model->layers_ = read_dense(reader, a);
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

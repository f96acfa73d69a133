// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "constants.hpp"
#include "nn/architecture.hpp"
#include "nn/layers.hpp"

namespace percepnet::nn {

// What the network computes with. Features enter as (feature - mean) * scale.
struct Parameters {
    std::vector<float> feature_mean, feature_scale;
    Dense fc, conv1, conv2; // convolutions: a row holds kernel * inputs weights, oldest hop first
    std::vector<Gru> gru;
    Gru gru_g, gru_r;
    Dense fc_g, fc_v, fc_r;
};

// A loaded model file (docs/model-format.md): immutable, shared by all streams.
class Model {
public:
    // Throws std::runtime_error with a sentence for people if the data is not a sound model.
    static std::shared_ptr<const Model> parse(const void *data, std::size_t size);
    // The one built into the library.
    static std::shared_ptr<const Model> built_in();

    const Architecture &architecture() const noexcept { return architecture_; }
    const Parameters &layers() const noexcept { return layers_; }
    int latency() const noexcept { return kHop * (architecture_.look_ahead + 1); }
    // Weights and biases, without scales.
    std::size_t parameters() const noexcept { return parameters_; }
    const std::map<std::string, std::string> &metadata() const noexcept { return metadata_; }

private:
    Architecture architecture_;
    Parameters layers_;
    std::size_t parameters_ = 0;
    std::map<std::string, std::string> metadata_;
};

} // namespace percepnet::nn

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <variant>

#include "constants.hpp"
#include "nn/architecture.hpp"
#include "nn/parameters.hpp"

namespace percepnet::nn {

// A loaded model file (docs/model-format.md): immutable, shared by all streams.
class Model {
public:
    // Throws std::runtime_error with a sentence for people if the data is not a sound model.
    static std::shared_ptr<const Model> parse(const void *data, std::size_t size);
    // The one built into the library.
    static std::shared_ptr<const Model> built_in();

    const Architecture &architecture() const noexcept { return architecture_; }
    // Those of the architecture's kind; there are no others.
    const DenseParameters &dense() const noexcept {
        return *std::get_if<DenseParameters>(&layers_);
    }
    const BandParameters &bands() const noexcept { return *std::get_if<BandParameters>(&layers_); }
    int latency() const noexcept { return kHop * (architecture_.look_ahead + 1); }
    // Weights and biases, without scales.
    std::size_t parameters() const noexcept { return parameters_; }
    const std::map<std::string, std::string> &metadata() const noexcept { return metadata_; }

private:
    Architecture architecture_;
    std::variant<DenseParameters, BandParameters> layers_;
    std::size_t parameters_ = 0;
    std::map<std::string, std::string> metadata_;
};

} // namespace percepnet::nn

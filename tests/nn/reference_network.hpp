// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The network in double precision, slow, from the equations of docs/algorithm.md alone.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "nn/model.hpp"

namespace percepnet::test {

class ReferenceNetwork {
public:
    // A model whose weights are all float32.
    explicit ReferenceNetwork(const nn::Model &model) : model_(model) {}
    // 34 gains, 34 strengths, voice probability.
    std::vector<double> step(const std::vector<float> &features);

private:
    using Vector = std::vector<double>;
    Vector conv(const char *name, const nn::Dense &layer, const Vector &x, int kernel);
    Vector gru(const std::string &name, const nn::Gru &layer, const Vector &x);

    const nn::Model &model_;
    std::map<std::string, std::vector<Vector>> histories_;
    std::map<std::string, Vector> states_;
};

} // namespace percepnet::test

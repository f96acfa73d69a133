// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "reference_network.hpp"

#include <cmath>

namespace percepnet::test {
namespace {

using Vector = std::vector<double>;

double sigmoid(double x) {
    return 1.0 / (1.0 + std::exp(-x));
}

Vector linear(const nn::Matrix &weight, const std::vector<float> &bias, const Vector &x) {
    Vector y(bias.begin(), bias.end());
    for (int r = 0; r < weight.rows; r++)
        for (int c = 0; c < weight.columns; c++)
            y[r] += double(weight.f32[std::size_t(r) * weight.stride + c]) * x[c];
    return y;
}

template <typename Function> Vector map(Vector x, Function function) {
    for (double &v : x)
        v = function(v);
    return x;
}

double hyperbolic(double x) {
    return std::tanh(x);
}

void append(Vector &to, const Vector &from) {
    to.insert(to.end(), from.begin(), from.end());
}

} // namespace

Vector ReferenceNetwork::conv(const char *name, const nn::Dense &layer, const Vector &x,
                              int kernel) {
    auto &history = histories_[name];
    if (history.empty())
        history.assign(kernel, Vector(x.size(), 0.0));
    history.erase(history.begin());
    history.push_back(x);
    Vector window;
    for (const Vector &hop : history)
        append(window, hop);
    return map(linear(layer.weight, layer.bias, window), hyperbolic);
}

Vector ReferenceNetwork::gru(const std::string &name, const nn::Gru &layer, const Vector &x) {
    Vector &h = states_[name];
    const int n = layer.units;
    h.resize(n);
    const Vector input = linear(layer.weight_ih, layer.bias_ih, x);
    const Vector memory = linear(layer.weight_hh, layer.bias_hh, h);
    for (int i = 0; i < n; i++) {
        const double reset = sigmoid(input[i] + memory[i]);
        const double update = sigmoid(input[n + i] + memory[n + i]);
        const double fresh = std::tanh(input[2 * n + i] + reset * memory[2 * n + i]);
        h[i] = (1.0 - update) * fresh + update * h[i];
    }
    return h;
}

Vector ReferenceNetwork::step(const std::vector<float> &features) {
    const nn::DenseParameters &p = model_.dense();
    const nn::Architecture &a = model_.architecture();
    Vector x(features.begin(), features.end());
    for (std::size_t i = 0; i < x.size(); i++)
        x[i] = (x[i] - p.feature_mean[i]) * p.feature_scale[i];
    x = map(linear(p.fc.weight, p.fc.bias, x), hyperbolic);
    x = conv("conv1", p.conv1, x, a.conv1_kernel);
    const Vector conv2 = conv("conv2", p.conv2, x, a.conv2_kernel);
    Vector joint = conv2, top = conv2;
    for (std::size_t i = 0; i < p.gru.size(); i++) {
        top = gru("gru" + std::to_string(i), p.gru[i], top);
        append(joint, top);
    }
    append(joint, gru("gru_g", p.gru_g, top));
    append(top, conv2);
    const Vector strength = gru("gru_r", p.gru_r, top);
    Vector out = linear(p.fc_g.weight, p.fc_g.bias, joint);
    append(out, linear(p.fc_r.weight, p.fc_r.bias, strength));
    append(out, linear(p.fc_v.weight, p.fc_v.bias, joint));
    return map(out, sigmoid);
}

} // namespace percepnet::test

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "nn/network.hpp"

#include <utility>

namespace percepnet::nn {
namespace {

using AnyNetwork = std::variant<DenseNetwork, BandNetwork>;

AnyNetwork make(std::shared_ptr<const Model> model, const kernels::Kernels &kernels) {
    if (model->architecture().kind == Kind::kBands)
        return AnyNetwork(std::in_place_type<BandNetwork>, std::move(model), kernels);
    return AnyNetwork(std::in_place_type<DenseNetwork>, std::move(model), kernels);
}

} // namespace

Network::Network(std::shared_ptr<const Model> model, const kernels::Kernels &kernels)
    : network_(make(std::move(model), kernels)) {}

void Network::reset() noexcept {
    std::visit([](auto &network) { network.reset(); }, network_);
}

void Network::step(Span<const float> features, NetworkOutput &out) noexcept {
    std::visit([&](auto &network) { network.step(features, out); }, network_);
}

void Network::measure(StageClock *clock) noexcept {
    std::visit([=](auto &network) { network.measure(clock); }, network_);
}

} // namespace percepnet::nn

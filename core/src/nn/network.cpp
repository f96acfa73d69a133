// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "nn/network.hpp"

#include <array>
#include <cassert>
#include <utility>

#include "constants.hpp"

namespace percepnet::nn {
namespace {

using AnyNetwork = std::variant<DenseNetwork, BandNetwork>;

AnyNetwork make(std::shared_ptr<const Model> model, const kernels::Kernels &kernels) {
    if (model->architecture().kind == Kind::kBands)
        return AnyNetwork(std::in_place_type<BandNetwork>, std::move(model), kernels);
    return AnyNetwork(std::in_place_type<DenseNetwork>, std::move(model), kernels);
}

} // namespace

HopBatch::HopBatch(const Model &model, std::size_t hops, const kernels::Kernels &kernels)
    : feature_count_(std::size_t(model.architecture().features)), features_(hops * feature_count_),
      outputs_(hops) {
    if (model.architecture().kind == Kind::kBands) {
        channels_.resize(hops * kBands * std::size_t(model.architecture().band.channels));
        scratch_.emplace(model, kernels);
    }
}

Span<float> HopBatch::features(std::size_t hop) noexcept {
    return {&features_[hop * feature_count_], feature_count_};
}

Network::Network(std::shared_ptr<const Model> model, const kernels::Kernels &kernels)
    : model_(model), network_(make(std::move(model), kernels)) {}

void Network::reset() noexcept {
    std::visit([](auto &network) { network.reset(); }, network_);
}

void Network::step(Span<const float> features, NetworkOutput &out) noexcept {
    std::visit([&](auto &network) { network.step(features, out); }, network_);
}

void Network::step_together(Span<const Turn> turns) noexcept {
    assert(turns.size() <= kTogether);
    std::array<bool, kTogether> taken{};
    for (std::size_t first = 0; first < turns.size(); first++) {
        if (taken[first])
            continue;
        std::array<BandNetwork::Turn, kTogether> alike;
        std::size_t count = 0;
        for (std::size_t i = first; i < turns.size(); i++) {
            const Turn &turn = turns[i];
            auto *const network = std::get_if<BandNetwork>(&turn.network->network_);
            if (network && turn.network->model_ == turns[first].network->model_) {
                alike[count++] = {network, turn.features, turn.out};
                taken[i] = true;
            }
        }
        if (count > 0)
            BandNetwork::step_together({alike.data(), count});
        else
            turns[first].network->step(turns[first].features, *turns[first].out);
    }
}

std::size_t Network::parts() const noexcept {
    const auto *const network = std::get_if<BandNetwork>(&network_);
    return network ? network->parts() : 1;
}

void Network::step_part(std::size_t part, HopBatch &batch, std::size_t count) noexcept {
    const std::size_t width = batch.channels_.size() / batch.outputs_.size();
    for (std::size_t hop = 0; hop < count; hop++) {
        const Span<const float> features{batch.features(hop).data(), batch.feature_count_};
        if (auto *const network = std::get_if<BandNetwork>(&network_))
            network->step_part(part, {features, &batch.channels_[hop * width], &batch.output(hop)},
                               *batch.scratch_);
        else
            step(features, batch.output(hop));
    }
}

void Network::measure(StageClock *clock) noexcept {
    std::visit([=](auto &network) { network.measure(clock); }, network_);
}

} // namespace percepnet::nn

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "bench_stages.hpp"

#include <chrono>
#include <fstream>
#include <iterator>
#include <memory>

#include "enhancer.hpp"
#include "nn/model.hpp"
#include "stage_clock.hpp"

namespace percepnet::tools {
namespace {

constexpr std::size_t kStages = std::size_t(Stage::kCount);

std::uint64_t nanoseconds() noexcept {
    const auto time = std::chrono::steady_clock::now().time_since_epoch();
    return std::uint64_t(std::chrono::duration_cast<std::chrono::nanoseconds>(time).count());
}

std::shared_ptr<const nn::Model> open(const std::string &path) {
    if (path.empty())
        return nn::Model::built_in();
    std::ifstream file(path, std::ios::binary);
    const std::string data{std::istreambuf_iterator<char>(file), {}};
    return nn::Model::parse(data.data(), data.size());
}

void add(StageCost &cost, const nn::RowMatrix &matrix, double rows) {
    cost.macs += rows * matrix.inputs * matrix.outputs;
    cost.weight_bytes += matrix.f32.size() * sizeof(float) + matrix.int8.size();
}

void add(StageCost &cost, const nn::RowGru &gru) {
    add(cost, gru.weight_ih, kBands);
    add(cost, gru.weight_hh, kBands);
}

void add_network(const nn::BandParameters &p, std::vector<StageCost> &costs) {
    const auto at = [&](Stage stage) -> StageCost & { return costs[std::size_t(stage)]; };
    add(at(Stage::kFirstLayer), p.common.weight, 1);
    add(at(Stage::kFirstLayer), p.local.weight, kBands);
    for (const nn::BandBlock &block : p.blocks) {
        add(at(Stage::kOverBands), block.up);
        add(at(Stage::kOverBands), block.down);
        add(at(Stage::kOverBands), block.band_out.weight, kBands);
        add(at(Stage::kOverTime), block.time);
        add(at(Stage::kOverTime), block.time_out.weight, kBands);
    }
    add(at(Stage::kAnswer), p.out1.weight, kBands);
    add(at(Stage::kAnswer), p.out2.weight, kBands);
}

} // namespace

std::vector<StageCost> measure_stages(const std::string &path, const std::vector<float> &signal) {
    const std::shared_ptr<const nn::Model> model = open(path);
    Enhancer enhancer(model, 1, kHop, PERCEPNET_CHANNELS_LINKED);
    StageClock clock(nanoseconds);
    enhancer.measure(&clock);
    std::vector<double> times[kStages];
    auto before = clock.spent();
    float out[kHop];
    for (std::size_t first = 0; first + kHop <= signal.size(); first += kHop) {
        const float *const in = &signal[first];
        float *const to = out;
        clock.restart();
        enhancer.process(&in, &to, kHop);
        const auto after = clock.spent();
        for (std::size_t s = 0; s < kStages; s++)
            times[s].push_back(1e-3 * double(after[s] - before[s]));
        before = after;
    }
    std::vector<StageCost> costs(kStages);
    for (std::size_t s = 0; s < kStages; s++) {
        costs[s].name = kStageNames[s];
        costs[s].us = summarise(times[s]);
    }
    if (model->architecture().kind == nn::Kind::kBands)
        add_network(model->bands(), costs);
    return costs;
}

} // namespace percepnet::tools

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bench_timing.hpp"

namespace percepnet::tools {

/** What one stage of a hop costs. */
struct StageCost {
    std::string name;
    Timing us;
    double macs = 0.0;            /**< Multiply-adds of the network in a hop. */
    std::size_t weight_bytes = 0; /**< Its weights. */
};

/** From inside the engine, hop by hop over signal, one channel; path: as --model.
    @throws std::exception */
std::vector<StageCost> measure_stages(const std::string &path, const std::vector<float> &signal);

} // namespace percepnet::tools

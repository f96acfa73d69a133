// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <map>
#include <string>

namespace percepnet::tools {

/** What this machine can do at best with the engine's kernels: a bound for what a hop can cost. */
struct Machine {
    std::string cpu, level;
    std::map<int, double> weight_stream_us;   /**< To read so many KiB of int8 weights once. */
    double gmacs_int8 = 0.0, gmacs_f32 = 0.0; /**< 1e9 multiply-adds a second, in cache. */
};

/** Takes a tenth of a second. */
Machine measure_machine();

} // namespace percepnet::tools

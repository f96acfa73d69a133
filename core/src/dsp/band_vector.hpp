// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// A value for each band: arithmetic over the bands is written as the paper has it.
#pragma once

#include <numeric>

#include <Eigen/Core>

#include "constants.hpp"

// core/meson.build sets these for whatever includes Eigen here: code made with other settings must
// not meet in the linker, and Eigen's own vector code rounds in another way on each processor.
#if !defined(EIGEN_DONT_VECTORIZE) || !defined(EIGEN_INITIALIZE_MATRICES_BY_ZERO)
#error "Eigen is used with the settings of core/meson.build (percepnet_core_deps)"
#endif

namespace percepnet::dsp {

using BandVector = Eigen::Array<float, kBands, 1>; // zero when it is made without values

// start + value_0 + value_1 ..., in this order: the same result whatever Eigen or the compiler do.
inline float sum(const BandVector &value_b, float start = 0.0f) noexcept {
    return std::accumulate(value_b.begin(), value_b.end(), start);
}

} // namespace percepnet::dsp

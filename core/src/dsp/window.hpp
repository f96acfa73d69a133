// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <array>

#include "constants.hpp"

namespace percepnet::dsp {

// Vorbis power-complementary window, for analysis and synthesis (docs/algorithm.md):
// w(n) = sin(pi/2 sin^2(pi (n + 1/2) / 960)), w^2(n) + w^2(n + 480) = 1.
extern const std::array<float, kWindow> kVorbisWindow;

} // namespace percepnet::dsp

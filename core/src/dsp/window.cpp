// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "dsp/window.hpp"

#include <cmath>

namespace percepnet::dsp {

const std::array<float, kWindow> kVorbisWindow = [] {
    std::array<float, kWindow> window{};
    for (int n = 0; n < kWindow; n++) {
        const double s = std::sin(M_PI * (n + 0.5) / kWindow);
        window[std::size_t(n)] = float(std::sin(M_PI_2 * s * s));
    }
    return window;
}();

} // namespace percepnet::dsp

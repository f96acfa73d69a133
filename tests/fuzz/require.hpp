// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdlib>

namespace percepnet::fuzz {

/** Ends the process, which is how a fuzzer learns of a fault. */
inline void require(bool good) {
    if (!good)
        std::abort();
}

} // namespace percepnet::fuzz

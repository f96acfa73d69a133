// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdexcept>
#include <string>

namespace percepnet::tools {

/** Exit status: all is done, and an input held less than its header promised. */
constexpr int kCutShort = 3;

/** A sentence for the user: what was wrong and what to do. main() prints it and exits with 1. */
struct Error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/** A signal asked for the end before there was anything to finish: exits with its number + 128. */
struct Stopped : Error {
    using Error::Error;
};

/** The command line itself is wrong: exits with 2. */
struct UsageError : Error {
    using Error::Error;
};

} // namespace percepnet::tools

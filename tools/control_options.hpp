// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>

#include <percepnet/percepnet.h>

namespace percepnet::tools {

/** The library's controls as options of the command line: "--mix NUMBER". */

/** What stands for its value in --help. */
std::string value_word(const percepnet_control &control);

/** What --help says about it: sentence, range, default. */
std::string help_text(const percepnet_control &control);

/** @throws UsageError if text is none of its values */
void set_control(percepnet_params &params, const percepnet_control &control, const char *text);

} // namespace percepnet::tools

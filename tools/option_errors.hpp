// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <vector>

namespace percepnet::tools {

/** The word of the command line that holds an unknown short option: "-qq" for 'q'. */
std::string word_with(char letter, char *const *words, int count);

/** A sentence about an unknown option: the way to say it here (-i, -o), or the nearest name. */
std::string unknown_option(const std::string &word, const std::vector<std::string> &names);

} // namespace percepnet::tools

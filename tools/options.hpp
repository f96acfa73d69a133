// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <vector>

#include <percepnet/percepnet.h>

#include "raw_format.hpp"

namespace percepnet::tools {

enum class Action { kEnhance, kInfo, kBench, kHelp, kVersion };

/** What the command line asks for. */
struct Options {
    Action action = Action::kEnhance;
    std::string in, out; // "-": standard input, standard output
    std::string model;   // empty: built in
    std::string plot;    // empty: none
    std::string page;    // that shows and plays, empty: none
    std::string json;    // of the report, empty: none
    std::string into;    // folder for the outputs of inputs, empty: in and out count
    std::vector<std::string> inputs;
    int hops = 2000; // that --bench measures of one stream
    int jobs = 0;    // files at a time, or threads for one; 0: as many as there are cores
    RawFormat raw;   // rate 0: files have headers
    bool quiet = false;
    bool force = false;      // outputs that are there already are replaced
    percepnet_params params; // no model yet
};

/** @throws UsageError */
Options parse_options(int argc, char **argv);

void print_help();

} // namespace percepnet::tools

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <vector>

namespace percepnet::tools {

/** One file of many. */
struct Job {
    std::string in, out;
};

struct Plan {
    std::vector<Job> jobs;
    std::vector<std::string> left_out; // files in the folders whose names are not of sound
};

/** The files named, and the sound files of the folders named with their folders below, each with
   its place in a folder. @throws Error if two would have one place, or nothing is there */
Plan plan_jobs(const std::vector<std::string> &inputs, const std::string &into);

} // namespace percepnet::tools

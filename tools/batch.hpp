// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <vector>

#include "report.hpp"

namespace percepnet::tools {

/** One file of many. */
struct Job {
    std::string in, out;
};

struct Plan {
    std::vector<Job> jobs;
    std::vector<FileReport> failed; // folders that cannot be read
    // What else is in the folders: files without a name that sound can be written under, no files.
    std::vector<std::string> unwritable, no_files;
};

/** The files named, and the sound files of the folders named with their folders below, each with
   its place in a folder. @throws Error if two would have one place, or nothing is there */
Plan plan_jobs(const std::vector<std::string> &inputs, const std::string &into);

} // namespace percepnet::tools

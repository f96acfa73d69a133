// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace percepnet::tools {

/** A place that is read or written: a path, or "-" for standard input or output. */
struct Place {
    std::string path;
    std::string called; // how it is named to the user: "IN", "--plot" ...
};

/** Whether writing one would change the other: the same file by name, by link or by an open
    descriptor, or the same new name. Pipes and terminals are never the same. */
bool same_file(const Place &read, bool first_is_read, const Place &written);

/** What is the same for all names of a file. */
using FileId = std::pair<dev_t, ino_t>;

/** Nothing for what is not there, and for pipes and terminals. */
std::optional<FileId> id_of(const std::string &path);

/** No written place may be one that is read, nor another written one. @throws Error */
void check_places(const std::vector<Place> &read, const std::vector<Place> &written);

/** A path in single quotes, so that a shell takes it as it is. */
std::string shell_quoted(const std::string &path);

} // namespace percepnet::tools

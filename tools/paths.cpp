// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "paths.hpp"

#include <filesystem>
#include <optional>

#include <sys/stat.h>
#include <unistd.h>

#include "error.hpp"

namespace percepnet::tools {
namespace {

std::optional<struct stat> status_of(const Place &place, bool read) {
    struct stat status {};
    const int failed = place.path == "-" ? fstat(read ? STDIN_FILENO : STDOUT_FILENO, &status)
                                         : stat(place.path.c_str(), &status);
    return failed ? std::nullopt : std::make_optional(status);
}

bool keeps_data(const struct stat &status) {
    return S_ISREG(status.st_mode) || S_ISBLK(status.st_mode);
}

std::filesystem::path full_name(const std::string &path) {
    std::error_code failed;
    const auto name = std::filesystem::weakly_canonical(path, failed);
    return failed ? std::filesystem::path(path) : name;
}

} // namespace

std::optional<FileId> id_of(const std::string &path) {
    const auto status = status_of({path, ""}, true);
    return status && keeps_data(*status)
               ? std::make_optional(FileId(status->st_dev, status->st_ino))
               : std::nullopt;
}

bool same_file(const Place &one, bool first_is_read, const Place &written) {
    const auto a = status_of(one, first_is_read), b = status_of(written, false);
    if (a && b)
        return keeps_data(*a) && a->st_dev == b->st_dev && a->st_ino == b->st_ino;
    return !a && !b && one.path != "-" && written.path != "-" &&
           full_name(one.path) == full_name(written.path);
}

void check_places(const std::vector<Place> &read, const std::vector<Place> &written) {
    for (std::size_t i = 0; i < written.size(); i++) {
        for (const Place &place : read)
            if (same_file(place, true, written[i]))
                throw Error(place.called + " and " + written[i].called + " are the same file, " +
                            (place.path == "-" ? written[i].path : place.path) +
                            "; write to another file");
        for (std::size_t j = 0; j < i; j++) {
            if (written[j].path == "-" && written[i].path == "-")
                throw Error(written[j].called + " and " + written[i].called +
                            " are both standard output; write one to a file");
            if (same_file(written[j], false, written[i]))
                throw Error(written[j].called + " and " + written[i].called +
                            " are the same file, " + written[i].path +
                            "; give each a file of its own");
        }
    }
}

std::string shell_quoted(const std::string &path) {
    std::string quoted = "'";
    for (const char c : path)
        quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
}

} // namespace percepnet::tools

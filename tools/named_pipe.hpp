// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <thread>

namespace percepnet::tools {

/** A pipe that has a place in the file system, read until its writers or an interrupt end it.
    libsndfile goes on waiting after a signal, which comes to one thread of many besides: here a
    thread waits for both, and passes on what comes through a pipe of its own. */
class NamedPipe {
public:
    /** @throws Error */
    explicit NamedPipe(const std::string &path);
    /** When whoever reads has closed end(). */
    ~NamedPipe() { thread_.join(); }
    NamedPipe(const NamedPipe &) = delete;
    NamedPipe &operator=(const NamedPipe &) = delete;

    /** Whether there is one at this path. */
    static bool is_at(const std::string &path);
    /** What to read from, and to close. */
    int end() const { return end_; }

private:
    int end_ = -1;
    std::thread thread_;
};

} // namespace percepnet::tools

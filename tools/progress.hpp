// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <chrono>
#include <cstdint>

namespace percepnet::tools {

/** How far it is, on the terminal's last line; silent when standard error is no terminal. */
class Progress {
public:
    /** @param length in frames, 0: not known */
    Progress(int rate, std::int64_t length, bool quiet);
    void show(std::size_t frames);
    /** @param whole false: it was stopped before the end */
    void finish(std::size_t frames, bool whole);

private:
    using Clock = std::chrono::steady_clock;
    double elapsed() const;
    void put_share(std::size_t frames) const;

    int rate_;
    std::int64_t length_;
    bool shown_;
    Clock::time_point start_ = Clock::now(), last_ = start_;
};

} // namespace percepnet::tools

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "progress.hpp"

#include <algorithm>
#include <cstdio>

#include <unistd.h>

namespace percepnet::tools {

constexpr auto kInterval = std::chrono::milliseconds(100);

Progress::Progress(int rate, std::int64_t length, bool quiet)
    : rate_(rate), length_(length), shown_(!quiet && isatty(STDERR_FILENO)) {}

double Progress::elapsed() const {
    return std::max(std::chrono::duration<double>(Clock::now() - start_).count(), 1e-6);
}

void Progress::put_share(std::size_t frames) const {
    if (length_ > 0)
        std::fprintf(stderr, "\r%3.0f %%  ", 100.0 * double(frames) / double(length_));
    else
        std::fputs("\r", stderr);
}

void Progress::show(std::size_t frames) {
    const Clock::time_point now = Clock::now();
    if (!shown_ || now - last_ < kInterval)
        return;
    last_ = now;
    const double seconds = double(frames) / rate_;
    put_share(frames);
    std::fprintf(stderr, "%.1f s, %.0f times real time  ", seconds, seconds / elapsed());
}

void Progress::finish(std::size_t frames, bool whole) {
    if (!shown_)
        return;
    if (whole)
        std::fputs("\r100 %  ", stderr);
    else
        put_share(frames);
    const double seconds = double(frames) / rate_;
    std::fprintf(stderr, "%.1f s in %.2f s, %.0f times real time  \n", seconds, elapsed(),
                 seconds / elapsed());
}

} // namespace percepnet::tools

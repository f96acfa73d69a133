// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "named_pipe.hpp"

#include <array>
#include <cerrno>
#include <climits>
#include <cstring>

#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "error.hpp"
#include "interrupt.hpp"

namespace percepnet::tools {
namespace {

/** Not that of a shell's <(...), whose writers were there before us and may be gone. */
bool waits_for_writers(int pipe) {
    struct statfs system {};
    return fstatfs(pipe, &system) == 0 && system.f_type != PIPEFS_MAGIC;
}

/** @return false: nobody reads any more */
bool put(int to, const char *bytes, ssize_t count) {
    while (count > 0) {
        const ssize_t written = write(to, bytes, std::size_t(count));
        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0)
            bytes += written, count -= written;
    }
    return true;
}

void pass_on(int from, int to) {
    std::array<char, PIPE_BUF> bytes;
    bool had_writers = !waits_for_writers(from);
    for (;;) {
        const ssize_t count = read(from, bytes.data(), bytes.size());
        if (count > 0 && put(to, bytes.data(), count))
            continue;
        if (count > 0 || (count == 0 && had_writers) ||
            (count < 0 && errno != EAGAIN && errno != EINTR))
            break;
        pollfd waits[] = {{from, POLLIN, 0}, {interrupt_pipe(), POLLIN, 0}, {to, 0, 0}};
        if (poll(waits, 3, -1) < 0)
            continue;
        if (waits[1].revents || waits[2].revents)
            break;
        had_writers = had_writers || waits[0].revents;
    }
    close(to);
    close(from);
}

} // namespace

NamedPipe::NamedPipe(const std::string &path) {
    const int from = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC); // no wait for a writer
    int ends[2] = {-1, -1};
    if (from < 0 || pipe2(ends, O_CLOEXEC) != 0) {
        const std::string why = std::strerror(errno);
        close(from);
        throw Error(path + " cannot be read: " + why);
    }
    end_ = ends[0];
    thread_ = std::thread(pass_on, from, ends[1]);
}

bool NamedPipe::is_at(const std::string &path) {
    struct stat status {};
    return stat(path.c_str(), &status) == 0 && S_ISFIFO(status.st_mode);
}

} // namespace percepnet::tools

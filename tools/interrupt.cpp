// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "interrupt.hpp"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <initializer_list>

#include <fcntl.h>
#include <unistd.h>

namespace percepnet::tools {
namespace {

std::atomic<int> caught{0};
int nothing =
    -1; // /dev/null: libsndfile goes on waiting for a pipe after a signal, but not for this

int waker[2] = {-1, -1};

extern "C" void ask_for_the_end(int number) {
    const int error = errno;
    caught = number;
    [[maybe_unused]] const ssize_t written = write(waker[1], "", 1);
    if (nothing >= 0)
        dup2(nothing, STDIN_FILENO);
    errno = error;
}

} // namespace

void watch_for_interrupts() {
    if (lseek(STDIN_FILENO, 0, SEEK_CUR) < 0)
        nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (pipe2(waker, O_CLOEXEC | O_NONBLOCK) != 0)
        waker[0] = waker[1] = -1; // then a named pipe ends with its writers only
    struct sigaction action {};
    action.sa_handler = ask_for_the_end;
    action.sa_flags = int(SA_RESETHAND); // no SA_RESTART: what waits is woken
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
        struct sigaction before {};
        sigaction(number, nullptr, &before);
        if (before.sa_handler != SIG_IGN) // nohup, and jobs in the background of a script
            sigaction(number, &action, nullptr);
    }
}

int interrupted() {
    return caught;
}

int interrupt_pipe() {
    return waker[0];
}

} // namespace percepnet::tools

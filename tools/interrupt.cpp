// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "interrupt.hpp"

#include <atomic>
#include <csignal>
#include <initializer_list>

#include <fcntl.h>
#include <unistd.h>

namespace percepnet::tools {
namespace {

std::atomic<int> caught{0};
int nothing =
    -1; // /dev/null: libsndfile goes on waiting for a pipe after a signal, but not for this

extern "C" void ask_for_the_end(int number) {
    caught = number;
    if (nothing >= 0)
        dup2(nothing, STDIN_FILENO);
}

} // namespace

void watch_for_interrupts() {
    if (lseek(STDIN_FILENO, 0, SEEK_CUR) < 0)
        nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
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

} // namespace percepnet::tools

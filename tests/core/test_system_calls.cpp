// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// A working stream makes no system call: from here on the kernel forbids them (seccomp).
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <functional>

#include "every_call.hpp"

using namespace support;

namespace {

int exit_status_of(const std::function<void()> &work) {
    const pid_t child = fork();
    if (child == 0) {
        work();
        syscall(SYS_exit, 0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

// From here on the kernel ends this process at any system call but exit.
bool forbid_system_calls() {
    sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL),
    };
    const sock_fprog program = {sizeof filter / sizeof filter[0], filter};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

} // namespace

START_TEST(the_kernel_sees_a_system_call) {
    const int status = exit_status_of([] {
        if (!forbid_system_calls())
            syscall(SYS_exit, 3);
        syscall(SYS_getppid);
    });
    ck_assert_int_eq(status, 256 + SIGSYS);
}
END_TEST

START_TEST(a_working_stream_makes_no_system_call) {
    for (const int channels : {1, 2, 6}) {
        Working working(channels);
        const int status = exit_status_of([&] {
            if (!forbid_system_calls())
                syscall(SYS_exit, 3);
            working.call_everything();
        });
        ck_assert_int_eq(status, 0);
    }
}
END_TEST

int main() {
    return run("system calls",
               {the_kernel_sees_a_system_call, a_working_stream_makes_no_system_call});
}

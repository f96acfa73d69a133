// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// A thread may be at work on a stream when another one calls exit(): nothing that it needs is freed
// by then. Meson sets MALLOC_PERTURB_, which spoils what is.
#include <cstdlib>

#include "stream.hpp"

#include <sys/wait.h>
#include <unistd.h>

using namespace support;

extern "C" int __cxa_atexit(void (*function)(void *), void *argument, void *library);

namespace {

percepnet_stream *left_at_exit = nullptr;
const Samples *in, *expected;

Samples processed(percepnet_stream *stream, Samples x) {
    float *all = x.data();
    percepnet_process(stream, &all, &all, x.size());
    return x;
}

void work_on(void *) {
    if (left_at_exit)
        _exit(processed(left_at_exit, *in) == *expected ? 3 : 4);
}

// What is registered before the libraries are set up runs after they are torn down.
void register_work() {
    __cxa_atexit(work_on, nullptr, nullptr);
}
__attribute__((section(".preinit_array"), used)) void (*before_libraries)() = register_work;

} // namespace

START_TEST(a_stream_works_while_the_program_exits) {
    const Samples x = harmonic(24000, 140.0, 10.0, 0.08) + white_noise(24000, 0.01f, 1);
    const Samples y = processed(make_stream().get(), x);
    const pid_t child = fork();
    if (child == 0) {
        in = &x;
        expected = &y;
        left_at_exit = make_stream().release();
        std::exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 3);
}
END_TEST

int main() {
    return run("exit", {a_stream_works_while_the_program_exits});
}

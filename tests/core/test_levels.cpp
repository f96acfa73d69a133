// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The whole engine on every instruction set: the same output. Each level runs in a child process,
// since a process chooses its level once.
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "stream.hpp"

using namespace support;

namespace {

Samples enhance_at_level(const char *level, const Samples &x, std::string &name) {
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
        setenv("PERCEPNET_SIMD", level, 1);
        const Channels out = run_stream(make_stream().get(), {x});
        FILE *to = fdopen(ends[1], "wb");
        std::fprintf(to, "%-16s", percepnet_simd_level());
        std::fwrite(out[0].data(), sizeof(float), out[0].size(), to);
        std::fclose(to);
        _exit(0);
    }
    close(ends[1]);
    FILE *from = fdopen(ends[0], "rb");
    char label[17] = {};
    Samples out(x.size() + 1919);
    ck_assert_uint_eq(std::fread(label, 1, 16, from), 16);
    ck_assert_uint_eq(std::fread(out.data(), sizeof(float), out.size(), from), out.size());
    std::fclose(from);
    waitpid(child, nullptr, 0);
    name = std::string(label).substr(0, std::string(label).find(' '));
    return out;
}

} // namespace

START_TEST(every_level_gives_the_same_output) {
    const Samples x = harmonic(96000, 170.0, 15.0) + white_noise(96000, 0.02f);
    std::string name;
    const Samples reference = enhance_at_level("c", x, name);
    ck_assert_str_eq(name.c_str(), "c");
    ck_assert_double_gt(power(reference.data(), reference.size()), 0.0);
    for (const char *level : {"sse41", "avx2", "avxvnni", "avx512vnni", "neon", "dotprod"}) {
        const Samples out = enhance_at_level(level, x, name);
        ck_assert_msg(out == reference, "%s differs from c", name.c_str());
        std::printf("%s asked for, %s ran\n", level, name.c_str());
    }
}
END_TEST

int main() {
    return run("levels", {every_level_gives_the_same_output});
}

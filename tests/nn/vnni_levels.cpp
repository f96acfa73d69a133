// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// In place of dispatch.cpp in the tests of kernels: plain C++ and the AVX-VNNI level, whose source
// is here compiled for AVX-512-VNNI with 256 bits. Ends the program as skipped without that.
#include <cstdio>
#include <cstdlib>

#include "kernels/kernels.hpp"
#include "kernels/levels.hpp"

namespace percepnet::kernels {

const Kernels *level(int index) noexcept {
    if (!__builtin_cpu_supports("avx512vl") || !__builtin_cpu_supports("avx512vnni")) {
        std::puts("no AVX-512-VNNI");
        std::exit(77);
    }
    const Kernels *levels[] = {&kPlain, &kAvxVnni};
    return index < 2 ? levels[index] : nullptr;
}

const Kernels &active() noexcept {
    return *level(1);
}

} // namespace percepnet::kernels

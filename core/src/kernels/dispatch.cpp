// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include <cstdlib>
#include <cstring>

#include "kernels/kernels.hpp"
#include "kernels/levels.hpp"

namespace percepnet::kernels {
namespace {

struct Level {
    const Kernels *kernels;
    bool (*runs_here)();
};

bool always() {
    return true;
}

#ifdef __x86_64__
bool has_avx2() {
    return __builtin_cpu_supports("avx2");
}

bool has_avx512vnni() {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vnni");
}
#endif

constexpr Level kLevels[] = {
    {&kPlain, always},
#ifdef __x86_64__
    {&kAvx2, has_avx2},
    {&kAvx512Vnni, has_avx512vnni},
#endif
};

const Kernels &select() noexcept {
    const char *wanted = std::getenv("PERCEPNET_SIMD");
    const Kernels *best = &kPlain;
    for (int i = 0; const Kernels *candidate = level(i); i++) {
        if (wanted && std::strcmp(wanted, candidate->name) == 0)
            return *candidate;
        best = candidate;
    }
    return *best;
}

} // namespace

const Kernels *level(int index) noexcept {
    for (const Level &candidate : kLevels)
        if (candidate.runs_here() && index-- == 0)
            return candidate.kernels;
    return nullptr;
}

const Kernels &active() noexcept {
    static const Kernels &chosen = select();
    return chosen;
}

} // namespace percepnet::kernels

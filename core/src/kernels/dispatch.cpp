// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include <cstdlib>
#include <cstring>

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

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
bool has_sse41() {
    return __builtin_cpu_supports("sse4.1");
}

bool has_avx2() {
    return __builtin_cpu_supports("avx2");
}

// Older compilers do not know it by name. What AVX2 needs of the system suffices.
[[maybe_unused]] bool has_avxvnni() {
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
    constexpr unsigned kAvxVnniBit = 1u << 4;
    return has_avx2() && __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) &&
           (eax & kAvxVnniBit) != 0;
}

bool has_avx512vnni() {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vnni");
}
#elif defined(__aarch64__)
bool has_dotprod() {
#if defined(__linux__)
    return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
#else
    return false;
#endif
}
#endif

constexpr Level kLevels[] = {
    {&kPlain, always},
#ifdef __x86_64__
    {&kSse41, has_sse41},
    {&kAvx2, has_avx2},
#ifdef PERCEPNET_AVXVNNI // the compiler knows it
    {&kAvxVnni, has_avxvnni},
#endif
    {&kAvx512Vnni, has_avx512vnni},
#elif defined(__aarch64__)
    {&kNeon, always},
    {&kDotprod, has_dotprod},
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

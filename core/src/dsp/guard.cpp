// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "dsp/guard.hpp"

#include <algorithm>
#include <cmath>

#if defined(__SSE2__) || defined(_M_X64)
#include <xmmintrin.h>
#endif

namespace percepnet::dsp {

void sanitise(const float *in, float *out, std::size_t count) noexcept {
    for (std::size_t i = 0; i < count; i++) {
        const float x = in[i];
        const bool finite = std::fabs(x) <= 3.402823466e38f; // false for NaN and infinity
        out[i] = finite ? std::clamp(x, -kMaxSample, kMaxSample) : 0.0f;
    }
}

void clip_to_peak(float *enhanced, const float *dry, std::size_t count) noexcept {
    float peak = 1.0f;
    for (std::size_t i = 0; i < count; i++)
        peak = std::max(peak, std::fabs(dry[i]));
    for (std::size_t i = 0; i < count; i++)
        enhanced[i] = std::clamp(enhanced[i], -peak, peak);
}

#if defined(__SSE2__) || defined(_M_X64)
constexpr unsigned kFlushToZero = 0x8000, kDenormalsAreZero = 0x0040;

DenormalGuard::DenormalGuard() noexcept : saved_(_mm_getcsr()) {
    _mm_setcsr(unsigned(saved_) | kFlushToZero | kDenormalsAreZero);
}
DenormalGuard::~DenormalGuard() {
    _mm_setcsr(unsigned(saved_));
}
#elif defined(__aarch64__)
DenormalGuard::DenormalGuard() noexcept {
    asm volatile("mrs %0, fpcr" : "=r"(saved_));
    asm volatile("msr fpcr, %0" : : "r"(saved_ | (std::uint64_t(1) << 24)));
}
DenormalGuard::~DenormalGuard() {
    asm volatile("msr fpcr, %0" : : "r"(saved_));
}
#else
DenormalGuard::DenormalGuard() noexcept : saved_(0) {}
DenormalGuard::~DenormalGuard() = default;
#endif

} // namespace percepnet::dsp

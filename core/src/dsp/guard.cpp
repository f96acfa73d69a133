// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "dsp/guard.hpp"

#include <algorithm>
#include <cmath>

#if defined(__SSE2__) || defined(_M_X64)
#include <xmmintrin.h>
#endif

namespace percepnet::dsp {

namespace {

constexpr std::size_t kLine = 16; // bad samples in a row that a line replaces

bool is_good(float x) noexcept {
    return std::fabs(x) <= kMaxSample; // false for NaN
}

// in[begin, end) is bad; a neighbour beyond the block counts as the one on the other side. False:
// it is too long for a line.
bool bridge(const float *in, float *out, std::size_t begin, std::size_t end, std::size_t count,
            float rest) noexcept {
    const float left = begin > 0 ? in[begin - 1] : end < count ? in[end] : rest;
    const float right = end < count ? in[end] : left;
    const std::size_t length = end - begin;
    for (std::size_t i = 0; i < length; i++)
        out[begin + i] =
            length > kLine ? rest : left + (right - left) * float(i + 1) / float(length + 1);
    return length <= kLine;
}

} // namespace

bool repair(const float *in, float *out, std::size_t count, float rest) noexcept {
    int good = 0;
    for (std::size_t i = 0; i < count; i++)
        good += is_good(in[i]);
    if (std::size_t(good) == count) {
        std::copy_n(in, count, out);
        return true;
    }
    bool whole = true;
    for (std::size_t i = 0; i < count;) {
        const std::size_t begin = i;
        while (i < count && !is_good(in[i]))
            i++;
        if (i > begin)
            whole &= bridge(in, out, begin, i, count, rest);
        else
            out[i] = in[i], i++;
    }
    return whole;
}

void clip_to_peak(float *enhanced, const float *dry, std::size_t count) noexcept {
    constexpr std::size_t kLanes = 16; // side by side: none waits for the one before
    float peaks[kLanes];
    std::fill_n(peaks, kLanes, 1.0f);
    std::size_t i = 0;
    for (; i + kLanes <= count; i += kLanes)
        for (std::size_t lane = 0; lane < kLanes; lane++)
            peaks[lane] = std::max(peaks[lane], std::fabs(dry[i + lane]));
    for (; i < count; i++)
        peaks[0] = std::max(peaks[0], std::fabs(dry[i]));
    const float peak = *std::max_element(peaks, peaks + kLanes);
    for (i = 0; i < count; i++)
        enhanced[i] = std::max(std::min(enhanced[i], peak), -peak);
}

#if defined(__SSE2__) || defined(_M_X64)
constexpr unsigned kFlushToZero = 0x8000, kDenormalsAreZero = 0x0040, kNoException = 0x1F80;

FloatGuard::FloatGuard() noexcept : saved_(_mm_getcsr()) {
    _mm_setcsr(kNoException | kFlushToZero | kDenormalsAreZero);
}
FloatGuard::~FloatGuard() {
    _mm_setcsr(unsigned(saved_));
}
#elif defined(__aarch64__)
constexpr std::uint64_t kFlushToZero = std::uint64_t(1) << 24;

FloatGuard::FloatGuard() noexcept {
    asm volatile("mrs %0, fpcr" : "=r"(saved_));
    asm volatile("msr fpcr, %0" : : "r"(kFlushToZero));
}
FloatGuard::~FloatGuard() {
    asm volatile("msr fpcr, %0" : : "r"(saved_));
}
#else
FloatGuard::FloatGuard() noexcept : saved_(0) {}
FloatGuard::~FloatGuard() = default;
#endif

} // namespace percepnet::dsp

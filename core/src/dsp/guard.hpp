// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Protection of the signal path from bad numbers.
#pragma once

#include <cstdint>

#include "span.hpp"

namespace percepnet::dsp {

// Largest sample that is one (+60 dBFS); beyond, and NaN and infinity, are bad samples.
constexpr float kMaxSample = 1000.0f;

// Copies, with a line drawn across a few bad samples and `rest` in place of more. False: of these
// there were some.
bool repair(const float *in, float *out, std::size_t count, float rest) noexcept;

// Limits what synthesis put out to +-max(1, peak of the delayed input).
void clip_to_peak(float *enhanced, const float *dry, std::size_t count) noexcept;

// While one lives denormal numbers are zero, results are rounded to the nearest and no exception of
// the processor stops the program, whatever the caller's mode is; that comes back after.
class FloatGuard {
public:
    FloatGuard() noexcept;
    ~FloatGuard();
    FloatGuard(const FloatGuard &) = delete;
    FloatGuard &operator=(const FloatGuard &) = delete;

private:
    [[maybe_unused]] std::uint64_t saved_; // not where there is no such mode: WebAssembly
};

} // namespace percepnet::dsp

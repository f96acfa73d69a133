// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// A constant offset is taken out; what is none, such as wind, glitches, silence and bad samples,
// does not pass for one.
#include <algorithm>
#include <cmath>

#include "dsp/guard.hpp"
#include "dsp/offset.hpp"
#include "support.hpp"

using namespace percepnet;
using namespace support;

namespace {

constexpr std::size_t kSecond = kSampleRate;

// What is left of the signal, hop by hop.
Samples without_offset(const Samples &x) {
    dsp::Offset offset(1);
    Samples out(x.size());
    float repaired[kHop];
    for (std::size_t n = 0; n + kHop <= x.size(); n += kHop) {
        const bool whole = dsp::repair(&x[n], repaired, kHop, offset.last());
        offset.push(repaired, whole, &out[n]);
    }
    return out;
}

double mean(const Samples &x, std::size_t from, std::size_t to) {
    double sum = 0.0;
    for (std::size_t n = from; n < to; n++)
        sum += x[n];
    return sum / double(to - from);
}

Samples constant(std::size_t count, float value) {
    return Samples(count, value);
}

Samples with_offset(float offset) {
    return harmonic(4 * kSecond, 140.0, 10.0, 0.05) + constant(4 * kSecond, offset);
}

} // namespace

START_TEST(an_offset_is_gone_from_the_first_hop_on) {
    const Samples out = without_offset(with_offset(0.3f));
    for (std::size_t n = 0; n + kSecond / 10 <= out.size(); n += kSecond / 10)
        ck_assert_double_lt(std::fabs(mean(out, n, n + kSecond / 10)), 0.01);
}
END_TEST

START_TEST(a_signal_without_one_passes_bit_for_bit) {
    const Samples x = with_offset(0.0f);
    ck_assert(without_offset(x) == x);
}
END_TEST

START_TEST(a_glitch_of_a_hop_is_none) {
    for (const float glitch : {1.0f, 990.0f}) {
        Samples x = with_offset(0.0f);
        std::fill_n(x.begin() + kSecond, kHop, glitch);
        const Samples out = without_offset(x);
        ck_assert_double_lt(std::fabs(mean(out, kSecond + kHop, 2 * kSecond)), 0.01);
    }
}
END_TEST

START_TEST(silence_between_is_silent_and_the_offset_is_known_after_it) {
    Samples x = with_offset(0.3f);
    std::fill_n(x.begin() + kSecond, 2 * kSecond, 0.0f);
    const Samples out = without_offset(x);
    for (std::size_t n = kSecond; n < 3 * kSecond; n++)
        ck_assert_float_eq(out[n], 0.0f);
    ck_assert_double_lt(std::fabs(mean(out, 3 * kSecond, 3 * kSecond + 10 * kHop)), 0.02);
}
END_TEST

START_TEST(bad_samples_between_are_silent_and_the_offset_is_known_after_them) {
    Samples x = with_offset(0.3f);
    std::fill_n(x.begin() + kSecond + 100, kSecond, NAN);
    const Samples out = without_offset(x);
    for (std::size_t n = kSecond + kHop; n < 2 * kSecond; n++)
        ck_assert_float_lt(std::fabs(out[n]), 0.02f);
    ck_assert_double_lt(std::fabs(mean(out, 2 * kSecond + kHop, 2 * kSecond + 11 * kHop)), 0.02);
}
END_TEST

int main() {
    return run("offset", {an_offset_is_gone_from_the_first_hop_on,
                          a_signal_without_one_passes_bit_for_bit, a_glitch_of_a_hop_is_none,
                          silence_between_is_silent_and_the_offset_is_known_after_it,
                          bad_samples_between_are_silent_and_the_offset_is_known_after_them});
}

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Sounds made of random numbers: each kind is audible, finite, another one for another number and
// of its kind where that can be measured.
#include "../core/support.hpp"

#include "constants.hpp"
#include "generator/augment.hpp"
#include "generator/synthetic.hpp"

#include <algorithm>
#include <cmath>

using namespace percepnet;
using namespace percepnet::training;

namespace {

constexpr size_t kSeconds = 3;
using Kind = void (*)(Random &, Signal &);
constexpr Kind kKinds[] = {alerts, calls, insects, engine, fluid, impacts, synthetic_sound};

Signal make(Kind kind, uint64_t number) {
    Random random(number);
    Signal out(kSeconds * kSampleRate, 1.f); // what was there before must not stay
    kind(random, out);
    return out;
}

double mean_power(const Signal &x) {
    double sum = 0;
    for (const float v : x)
        sum += double(v) * v;
    return sum / double(x.size());
}

// Of the differences between neighbours to the whole: 2 - 2 cos(w) for a tone of w.
double brightness(const Signal &x) {
    double sum = 0;
    for (size_t i = 1; i < x.size(); i++)
        sum += double(x[i] - x[i - 1]) * (x[i] - x[i - 1]);
    return sum / double(x.size()) / mean_power(x);
}

} // namespace

START_TEST(every_kind_is_finite_audible_and_without_offset) {
    for (const Kind kind : kKinds)
        for (uint64_t number = 0; number < 4; number++) {
            const Signal x = make(kind, number);
            double mean = 0;
            for (const float v : x) {
                ck_assert(std::isfinite(v) && std::fabs(v) < 1e4f);
                mean += v / double(x.size());
            }
            ck_assert_double_gt(mean_power(x), 1e-12);
            ck_assert_double_lt(mean * mean, 0.1 * mean_power(x));
        }
}
END_TEST

START_TEST(a_number_is_a_sound) {
    for (const Kind kind : kKinds) {
        ck_assert(make(kind, 7) == make(kind, 7));
        ck_assert(make(kind, 7) != make(kind, 8));
    }
}
END_TEST

START_TEST(insects_sing_above_2_khz) {
    const double lowest = 2 - 2 * std::cos(2 * M_PI * 1900 / kSampleRate);
    for (uint64_t number = 0; number < 10; number++)
        ck_assert_double_gt(brightness(make(insects, number)), lowest);
}
END_TEST

START_TEST(impacts_leave_pauses) {
    int with_pauses = 0;
    for (uint64_t number = 0; number < 10; number++) {
        const Signal x = make(impacts, number);
        double quietest = 1e9;
        for (size_t at = 0; at + kHop <= x.size(); at += kHop)
            quietest =
                std::min(quietest, mean_power(Signal(x.begin() + at, x.begin() + at + kHop)));
        with_pauses += quietest < 1e-3 * mean_power(x);
    }
    ck_assert_int_ge(with_pauses, 6);
}
END_TEST

int main() {
    return support::run("synthetic",
                        {every_kind_is_finite_audible_and_without_offset, a_number_is_a_sound,
                         insects_sing_above_2_khz, impacts_leave_pauses});
}

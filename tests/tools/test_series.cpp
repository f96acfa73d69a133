// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include <cmath>

#include "series.hpp"
#include "support.hpp" // last: it brings a macro named fail

using percepnet::tools::Series;

namespace {

constexpr std::size_t kMost = 4096; // entries

START_TEST(short_ones_keep_every_hop) {
    Series series(2);
    ck_assert_uint_eq(series.size(), 0);
    for (int hop = 0; hop < 100; hop++)
        series.add({double(hop), -1.0});
    ck_assert_uint_eq(series.size(), 100);
    ck_assert_uint_eq(series.hops(), 100);
    ck_assert_double_eq(series.mean(0, 7, 8), 7.0);
    ck_assert_double_eq(series.mean(0, 10, 20), 14.5);
    ck_assert_double_eq(series.mean(1, 0, 100), -1.0);
}
END_TEST

START_TEST(long_ones_stay_within_bounds_and_keep_their_means) {
    Series series(1);
    const std::size_t hops = 100 * kMost + 5;
    for (std::size_t hop = 0; hop < hops; hop++) {
        series.add({double(hop)});
        ck_assert_uint_le(series.size(), kMost);
    }
    ck_assert_uint_ge(series.size(), kMost / 2);
    ck_assert_uint_eq(series.hops(), hops);
    ck_assert_double_eq(series.mean(0, 0, series.size()), double(hops - 1) / 2);
    for (std::size_t entry = 0; entry + 1 < series.size(); entry++) // 128 hops each
        ck_assert_double_eq(series.mean(0, entry, entry + 1), double(entry) * 128 + 63.5);
}
END_TEST

START_TEST(what_is_missing_has_no_weight) {
    Series series(1);
    for (std::size_t hop = 0; hop < 2 * kMost; hop++)
        series.add({hop % 8 == 0 ? 3.0 : hop % 8 == 1 ? 6.0 : NAN});
    ck_assert_double_eq(series.mean(0, 0, series.size()), 4.5);
    ck_assert(std::isnan(series.mean(0, 1, 2))); // hops 4 to 7
    ck_assert(std::isnan(series.mean(0, 5, 5)));
}
END_TEST

} // namespace

int main() {
    return support::run("series", {short_ones_keep_every_hop,
                                   long_ones_stay_within_bounds_and_keep_their_means,
                                   what_is_missing_has_no_weight});
}

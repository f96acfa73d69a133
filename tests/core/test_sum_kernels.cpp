// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The kernels of the signal chain that sum, search and split: every level against the definition,
// and against the first level bit for bit. Inputs are aligned to nothing.
#include <algorithm>
#include <complex>
#include <cstdint>
#include <limits>

#include "kernel_support.hpp"

using namespace support;
using percepnet::kernels::Fold2880Tables;
using percepnet::kernels::kEnergyRun;
using percepnet::kernels::kMaxEnergies;

namespace {

// Values that begin between two addresses that vectors like.
struct Loose {
    Samples values;
    Loose(std::size_t count, float loudness, unsigned seed)
        : values(white_noise(count + 1, loudness, seed)) {}
    const float *data() const { return values.data() + 1; }
    double operator[](int i) const { return double(values[std::size_t(i) + 1]); }
};

} // namespace

START_TEST(bin_products_are_of_both_parts) {
    for (const int n : {16, 48, 496})
        for (const float loudness : {1.0f, 1e15f, 1e-15f}) {
            const Loose a(std::size_t(n), loudness, 1), b(std::size_t(n), loudness, 2);
            const Loose c(std::size_t(n), 1.0f, 3), d(std::size_t(n), 1.0f, 4);
            const auto run = [&](const Kernels &kernels) {
                Samples out = room(std::size_t(n));
                kernels.bin_products(a.data(), b.data(), c.data(), d.data(), out.data(), n);
                check_guard(out, std::size_t(n));
                return out;
            };
            const Samples first = run(*level(0));
            for (int i = 0; i < n; i++)
                ck_assert_double_eq_tol(first[std::size_t(i)], a[i] * c[i] + b[i] * d[i],
                                        1e-6 * loudness);
            check_levels(first, run);
        }
}
END_TEST

START_TEST(run_sums_are_the_dots_of_runs) {
    const std::vector<std::int32_t> at = {0, 3, 3, 77, 200, 11, 5, 0};
    const std::vector<std::int32_t> size = {16, 16, 48, 112, 16, 0, 240, 0};
    const Loose x(512, 1.0f, 5), weights(512, 1.0f, 6);
    const auto run = [&](const Kernels &kernels) {
        Samples out = room(at.size());
        kernels.run_sums(x.data(), weights.data(), at.data(), size.data(), int(at.size()),
                         out.data());
        check_guard(out, at.size());
        return out;
    };
    const Samples first = run(*level(0));
    const float *weight = weights.data();
    for (std::size_t r = 0; r < at.size(); weight += size[r], r++)
        ck_assert_float_eq(first[r], level(0)->dot(weight, x.data() + at[r], size[r]));
    check_levels(first, run);
}
END_TEST

START_TEST(run_energies_slide_along) {
    for (const int n : {16, 48, 256, kMaxEnergies})
        for (const float loudness : {1.0f, 1e-12f}) {
            const Loose x(std::size_t(n + kEnergyRun), loudness, 7);
            const auto run = [&](const Kernels &kernels) {
                Samples out = room(std::size_t(n));
                kernels.run_energies(x.data(), n, out.data());
                check_guard(out, std::size_t(n));
                return out;
            };
            const Samples first = run(*level(0));
            for (int i = 0; i < n; i++) {
                double sum = 0.0;
                for (int t = 0; t < kEnergyRun; t++)
                    sum += x[i + t] * x[i + t];
                ck_assert_double_eq_tol(first[std::size_t(i)], sum, 1e-6 * sum);
            }
            check_levels(first, run);
        }
}
END_TEST

START_TEST(largest_is_the_first_of_equals) {
    std::mt19937 random(8);
    for (const int n : {1, 3, 8, 16, 17, 31, 225, 256})
        for (const unsigned range : {1u, 3u, 1000u})
            for (int turn = 0; turn < 20; turn++) {
                Samples x(std::size_t(n) + 1);
                for (float &value : x)
                    value = float(random() % range) - float(range);
                const auto found = std::max_element(x.begin() + 1, x.end());
                for (int i = 0; const Kernels *kernels = level(i); i++)
                    ck_assert_int_eq(kernels->largest(x.data() + 1, n), found - (x.begin() + 1));
            }
    const Samples none(40, std::numeric_limits<float>::quiet_NaN());
    for (int i = 0; const Kernels *kernels = level(i); i++)
        ck_assert_int_eq(kernels->largest(none.data(), 40), 0);
}
END_TEST

START_TEST(split_halves_undoes_join_halves) {
    const HalfTurn turn;
    Samples re = white_noise(481, 1.0f, 9), im = white_noise(481, 1.0f, 10);
    re[480] = re[0];
    im[480] = im[0];
    const auto run = [&](const Kernels &kernels) {
        Samples x_re(481), x_im(481), out = room(480), out_im = room(480);
        kernels.join_halves(re.data(), im.data(), turn.cosine.data(), turn.sine.data(), x_re.data(),
                            x_im.data());
        x_re[480] = re[0] - im[0];
        x_im[480] = 0.0f;
        kernels.split_halves(x_re.data(), x_im.data(), turn.cosine.data(), turn.sine.data(),
                             out.data(), out_im.data());
        check_guard(out, 480);
        check_guard(out_im, 480);
        out.insert(out.end(), out_im.begin(), out_im.end());
        return out;
    };
    const Samples first = run(*level(0));
    for (std::size_t k = 0; k < 480; k++) {
        ck_assert_float_eq_tol(first[k], 2.0f * re[k], 4e-6f);
        ck_assert_float_eq_tol(first[480 + kGuard + k], -2.0f * im[k], 4e-6f);
    }
    check_levels(first, run);
}
END_TEST

START_TEST(fold2880_prepares_three_transforms) {
    static Fold2880Tables t;
    for (int n = 0; n < 2880; n++)
        t.window[n] = float(0.5 - 0.5 * std::cos(2.0 * M_PI * n / 2880.0));
    const Loose root_re(960, 1.0f, 11), root_im(960, 1.0f, 12), half(960, 1.0f, 13);
    std::copy_n(root_re.data(), 960, t.root_re);
    std::copy_n(root_im.data(), 960, t.root_im);
    std::copy_n(half.data(), 480, t.half_root_re);
    std::copy_n(half.data() + 480, 480, t.half_root_im);
    const Loose x(2880, 1.0f, 14);
    const auto run = [&](const Kernels &kernels) {
        Samples all = room(960);
        Samples part[4] = {room(480), room(480), room(480), room(480)};
        kernels.fold2880(x.data(), t, all.data(), part[0].data(), part[1].data(), part[2].data(),
                         part[3].data());
        check_guard(all, 960);
        for (const Samples &values : part) {
            check_guard(values, 480);
            all.insert(all.end(), values.begin(), values.end());
        }
        return all;
    };
    const Samples first = run(*level(0));
    const auto third = [&](int n, int i) { return t.window[n + 960 * i] * x[n + 960 * i]; };
    const auto folded = [&](int n) {
        const std::complex<double> v = std::polar(1.0, -2.0 * M_PI / 3.0);
        return std::complex<double>(root_re[n], root_im[n]) *
               (third(n, 0) + v * third(n, 1) + v * v * third(n, 2));
    };
    const auto check = [&](int part, int n, std::complex<double> value) {
        const std::size_t at = 960 + kGuard + std::size_t(part) * (480 + kGuard) + std::size_t(n);
        ck_assert_double_eq_tol(first[at], value.real(), 2e-5);
        ck_assert_double_eq_tol(first[at + 480 + kGuard], value.imag(), 2e-5);
    };
    for (int n = 0; n < 480; n++) {
        ck_assert_double_eq_tol(first[std::size_t(n)], third(n, 0) + third(n, 1) + third(n, 2),
                                1e-5);
        check(0, n, folded(n) + folded(n + 480));
        check(2, n, std::complex<double>(half[n], half[n + 480]) * (folded(n) - folded(n + 480)));
    }
    check_levels(first, run);
}
END_TEST

START_TEST(add_power_adds_squares) {
    for (const int n : {16, 480, 496}) {
        const Loose re(std::size_t(n), 1.0f, 15), im(std::size_t(n), 1.0f, 16);
        const auto run = [&](const Kernels &kernels) {
            Samples out = room(std::size_t(n));
            kernels.add_power(re.data(), im.data(), n, 0.5f, out.data());
            check_guard(out, std::size_t(n));
            return out;
        };
        const Samples first = run(*level(0));
        for (int k = 0; k < n; k++)
            ck_assert_double_eq_tol(first[std::size_t(k)],
                                    kMark + 0.5 * (re[k] * re[k] + im[k] * im[k]), 1e-5);
        check_levels(first, run);
    }
}
END_TEST

int main() {
    return run("sum kernels", {bin_products_are_of_both_parts, run_sums_are_the_dots_of_runs,
                               run_energies_slide_along, largest_is_the_first_of_equals,
                               split_halves_undoes_join_halves, fold2880_prepares_three_transforms,
                               add_power_adds_squares});
}

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The kernels of the signal chain: every level against the definition, and against the first level
// bit for bit; what lies behind a result stays untouched.
#include <algorithm>
#include <cstdint>

#include "kernel_support.hpp"

using namespace support;
using percepnet::kernels::Fft480Twiddles;

namespace {

Fft480Twiddles make_twiddles() {
    Fft480Twiddles t;
    const auto root = [](int n, int points, float &re, float &im) {
        re = float(std::cos(2.0 * M_PI * n / points));
        im = float(-std::sin(2.0 * M_PI * n / points));
    };
    for (int k2 = 0; k2 < 30; k2++)
        for (int n1 = 0; n1 < 16; n1++)
            root(n1 * k2, 480, t.re[16 * k2 + n1], t.im[16 * k2 + n1]);
    for (int n = 0; n < 30; n++)
        root(n, 30, t.re30[n], t.im30[n]);
    for (int n = 0; n < 16; n++)
        root(n, 16, t.re16[n], t.im16[n]);
    return t;
}

void check_dft(const Samples &re, const Samples &im, const Samples &out) {
    double largest = 1e-30;
    for (std::size_t n = 0; n < 480; n++)
        largest = std::max({largest, std::fabs(double(re[n])), std::fabs(double(im[n]))});
    for (std::size_t k = 0; k < 480; k++) {
        double sum_re = 0.0, sum_im = 0.0;
        for (std::size_t n = 0; n < 480; n++) {
            const double angle = -2.0 * M_PI * double(n * k % 480) / 480.0;
            sum_re += re[n] * std::cos(angle) - im[n] * std::sin(angle);
            sum_im += re[n] * std::sin(angle) + im[n] * std::cos(angle);
        }
        ck_assert_double_eq_tol(out[k], sum_re, 480 * 1e-7 * largest);
        ck_assert_double_eq_tol(out[482 + kGuard + k], sum_im, 480 * 1e-7 * largest);
    }
}

} // namespace

START_TEST(fft480_is_the_dft_at_every_level) {
    static const Fft480Twiddles twiddles = make_twiddles();
    Samples impulse(480, 0.0f), constant(480, 1.0f), silence(480, 0.0f);
    impulse[37] = 1.0f;
    const Samples inputs[][2] = {{white_noise(480, 1.0f, 1), white_noise(480, 1.0f, 2)},
                                 {white_noise(480, 1e4f, 3), white_noise(480, 1e-4f, 4)},
                                 {impulse, silence},
                                 {silence, constant}};
    for (const auto &input : inputs) {
        const auto run = [&](const Kernels &kernels) {
            Samples out = room(482);
            Samples im = room(482);
            kernels.fft480(input[0].data(), input[1].data(), out.data(), im.data(), twiddles);
            check_guard(out, 482);
            check_guard(im, 482);
            out[480] = out[481] = im[480] = im[481] = 0.0f; // room that no one reads
            out.insert(out.end(), im.begin(), im.end());
            return out;
        };
        const Samples first = run(*level(0));
        check_dft(input[0], input[1], first);
        check_levels(first, run);
    }
}
END_TEST

START_TEST(join_halves_makes_a_real_transform) {
    static const Fft480Twiddles twiddles = make_twiddles();
    const Samples signal = white_noise(960, 1.0f, 10);
    const HalfTurn turn;
    Samples even(480), odd(480);
    for (std::size_t n = 0; n < 480; n++) {
        even[n] = signal[2 * n];
        odd[n] = signal[2 * n + 1];
    }
    const auto run = [&](const Kernels &kernels) {
        Samples re(482), im(482), out = room(480), out_im = room(480);
        kernels.fft480(even.data(), odd.data(), re.data(), im.data(), twiddles);
        re[480] = re[0];
        im[480] = im[0];
        kernels.join_halves(re.data(), im.data(), turn.cosine.data(), turn.sine.data(), out.data(),
                            out_im.data());
        check_guard(out, 480);
        check_guard(out_im, 480);
        out.insert(out.end(), out_im.begin(), out_im.end());
        return out;
    };
    const Samples first = run(*level(0));
    for (std::size_t k = 0; k < 480; k++) {
        double re = 0.0, im = 0.0;
        for (std::size_t n = 0; n < 960; n++) {
            const double angle = -2.0 * M_PI * double(n * k % 960) / 960.0;
            re += signal[n] * std::cos(angle);
            im += signal[n] * std::sin(angle);
        }
        ck_assert_double_eq_tol(first[k], re, 1e-4);
        ck_assert_double_eq_tol(first[480 + kGuard + k], im, 1e-4);
    }
    check_levels(first, run);
}
END_TEST

START_TEST(correlate_sums_products_at_every_lag) {
    for (const int count : {1, 2, 63, 64, 480})
        for (const int lags : {32, 64, 96, 160, 704}) {
            const Samples x = white_noise(std::size_t(count), 1.0f, 5);
            const Samples y = white_noise(std::size_t(count + lags - 1), 1.0f, 6);
            const auto run = [&](const Kernels &kernels) {
                Samples out = room(std::size_t(lags));
                kernels.correlate(x.data(), y.data(), count, lags, out.data());
                check_guard(out, std::size_t(lags));
                return out;
            };
            const Samples first = run(*level(0));
            for (std::size_t lag = 0; lag < std::size_t(lags); lag++) {
                double sum = 0.0;
                for (std::size_t i = 0; i < x.size(); i++)
                    sum += double(x[i]) * double(y[i + lag]);
                ck_assert_double_eq_tol(first[lag], sum, 2e-6 * count);
            }
            check_levels(first, run);
        }
}
END_TEST

START_TEST(weighted_sum_adds_shifted_signals) {
    const Samples signal = white_noise(4000, 1.0f, 7);
    for (const int terms : {0, 1, 2, 11})
        for (const int n : {16, 48, 112, 960}) {
            std::vector<const float *> inputs;
            for (int t = 0; t < terms; t++)
                inputs.push_back(signal.data() + 97 * t + t % 3); // aligned to nothing
            const Samples weights = white_noise(std::size_t(terms) + 1, 0.3f, 8);
            const auto run = [&](const Kernels &kernels) {
                Samples out = room(std::size_t(n));
                kernels.weighted_sum(inputs.data(), weights.data(), terms, out.data(), n);
                check_guard(out, std::size_t(n));
                return out;
            };
            const Samples first = run(*level(0));
            for (std::size_t i = 0; i < std::size_t(n); i++) {
                double sum = 0.0;
                for (std::size_t t = 0; t < inputs.size(); t++)
                    sum += double(weights[t]) * double(inputs[t][i]);
                ck_assert_double_eq_tol(first[i], sum, 1e-5);
            }
            check_levels(first, run);
        }
}
END_TEST

// Ties go to the smaller move, and to what was best before: everything in numbers that are exact.
START_TEST(best_move_is_the_first_of_the_best) {
    std::mt19937 random(9);
    const auto whole = [&](std::size_t count, unsigned range) {
        Samples out(count);
        for (float &value : out)
            value = float(random() % range);
        return out;
    };
    for (const int reach : {0, 1, 4})
        for (const int n : {16, 32, 688}) {
            const Samples scores = whole(std::size_t(n + 2 * reach), 8);
            const Samples cost = whole(std::size_t(2 * reach + 1), 3);
            const Samples before = whole(std::size_t(n), 9);
            const auto run = [&](const Kernels &kernels) {
                Samples best = room(std::size_t(n));
                std::copy(before.begin(), before.end(), best.begin());
                std::vector<std::int32_t> move(std::size_t(n) + kGuard, 55);
                kernels.best_move(scores.data() + reach, cost.data(), reach, n, best.data(),
                                  move.data());
                check_guard(best, std::size_t(n));
                for (const std::int32_t value : move)
                    best.push_back(float(value));
                return best;
            };
            const Samples first = run(*level(0));
            for (int i = 0; i < n; i++) {
                float best = before[std::size_t(i)];
                int move = 55;
                for (int m = -reach; m <= reach; m++) {
                    const float candidate =
                        scores[std::size_t(i + m + reach)] - cost[std::size_t(m + reach)];
                    if (candidate > best) {
                        best = candidate;
                        move = m;
                    }
                }
                ck_assert_float_eq(first[std::size_t(i)], best);
                ck_assert_float_eq(first[std::size_t(n) + kGuard + std::size_t(i)], float(move));
            }
            for (std::size_t i = 0; i < kGuard; i++)
                ck_assert_float_eq(first[2 * std::size_t(n) + kGuard + i], 55.0f);
            check_levels(first, run);
        }
}
END_TEST

int main() {
    return run("signal kernels",
               {fft480_is_the_dft_at_every_level, join_halves_makes_a_real_transform,
                correlate_sums_products_at_every_lag, weighted_sum_adds_shifted_signals,
                best_move_is_the_first_of_the_best});
}

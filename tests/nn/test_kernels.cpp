// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The network's kernels: every level against plain sums, and against the first level bit for bit.
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "kernels/kernels.hpp"
#include "model_builder.hpp"
#include "suite.hpp"

using percepnet::kernels::Kernels;
using percepnet::kernels::level;
using percepnet::test::Random;

namespace {

constexpr int kGuard = 64;

std::vector<std::int8_t> bytes(Random &random, int n, bool extreme) {
    std::vector<std::int8_t> values(n);
    for (auto &v : values)
        v = std::int8_t(extreme ? (random.below(2) ? 127 : -127) : random.below(255) - 127);
    return values;
}

std::vector<float> floats(Random &random, int n, float limit) {
    std::vector<float> values(n);
    for (auto &v : values)
        v = random.uniform(-limit, limit);
    return values;
}

// Rows that do not fill groups of four; a guard behind the result must stay untouched.
void check_matvec_s8(const Kernels &kernels, int rows, int cols, bool extreme) {
    Random random(unsigned(rows * 7919 + cols));
    const auto w = bytes(random, rows * cols, extreme), x = bytes(random, cols, extreme);
    std::vector<std::int32_t> y(rows + kGuard, 77);
    kernels.matvec_s8(y.data(), w.data(), x.data(), rows, cols);
    for (int r = 0; r < rows; r++) {
        std::int32_t expected = 0;
        for (int c = 0; c < cols; c++)
            expected += w[r * cols + c] * x[c];
        ck_assert_int_eq(y[r], expected);
    }
    for (int i = 0; i < kGuard; i++)
        ck_assert_int_eq(y[rows + i], 77);
}

} // namespace

START_TEST(int8_products_are_exact_at_every_level) {
    for (int i = 0; const Kernels *kernels = level(i); i++)
        for (int rows : {1, 2, 3, 4, 5, 7, 34, 192})
            for (int cols : {32, 64, 96, 160, 512, 544, 1536})
                for (bool extreme : {false, true})
                    check_matvec_s8(*kernels, rows, cols, extreme);
}
END_TEST

START_TEST(int8_products_of_equal_extremes_do_not_saturate) {
    const std::vector<std::int8_t> w(4 * 7168, 127), x(7168, -127);
    for (int i = 0; const Kernels *kernels = level(i); i++) {
        std::int32_t y[4];
        kernels->matvec_s8(y, w.data(), x.data(), 4, 7168);
        for (std::int32_t sum : y)
            ck_assert_int_eq(sum, -127 * 127 * 7168);
    }
}
END_TEST

START_TEST(dot_agrees_with_double_and_with_plain_c_bit_for_bit) {
    Random random(1);
    for (int n : {0, 1, 15, 16, 17, 70, 96, 1003}) {
        const auto a = floats(random, n, 1.0f), b = floats(random, n, 1.0f);
        double expected = 0.0;
        for (int i = 0; i < n; i++)
            expected += double(a[i]) * b[i];
        const float plain = level(0)->dot(a.data(), b.data(), n);
        ck_assert_double_eq_tol(plain, expected, 2e-5);
        for (int i = 0; const Kernels *kernels = level(i); i++) {
            const float sum = kernels->dot(a.data(), b.data(), n);
            ck_assert_mem_eq(&sum, &plain, sizeof sum);
        }
    }
}
END_TEST

START_TEST(float_products_are_rows_of_dot) {
    Random random(2);
    for (int rows : {1, 3, 8, 13, 34})
        for (int cols : {16, 70, 96, 640}) {
            const auto w = floats(random, rows * cols, 1.0f), x = floats(random, cols, 1.0f);
            for (int i = 0; const Kernels *kernels = level(i); i++) {
                std::vector<float> y(rows + kGuard, 7.0f);
                kernels->matvec_f32(y.data(), w.data(), x.data(), rows, cols);
                for (int r = 0; r < rows; r++) {
                    const float expected = level(0)->dot(&w[r * cols], x.data(), cols);
                    ck_assert_mem_eq(&y[r], &expected, sizeof expected);
                }
                ck_assert(y[rows] == 7.0f);
            }
        }
}
END_TEST

START_TEST(tanh_and_sigmoid_are_close_and_equal_at_every_level) {
    constexpr int n = 24007;
    std::vector<float> x(n);
    for (int i = 0; i < n; i++)
        x[i] = (i - n / 2) * 0.001f;
    auto first_tanh = x, first_sigmoid = x;
    level(0)->tanh(first_tanh.data(), n);
    level(0)->sigmoid(first_sigmoid.data(), n);
    for (int i = 0; i < n; i++) {
        ck_assert_double_eq_tol(first_tanh[i], std::tanh(double(x[i])), 1e-6);
        ck_assert_double_eq_tol(first_sigmoid[i], 1.0 / (1.0 + std::exp(-double(x[i]))), 1e-6);
    }
    for (int i = 1; const Kernels *kernels = level(i); i++) {
        auto y = x;
        kernels->tanh(y.data(), n);
        ck_assert_mem_eq(y.data(), first_tanh.data(), n * sizeof(float));
        y = x;
        kernels->sigmoid(y.data(), n);
        ck_assert_mem_eq(y.data(), first_sigmoid.data(), n * sizeof(float));
    }
}
END_TEST

START_TEST(odd_numbers_stay_in_range) {
    const float infinity = std::numeric_limits<float>::infinity();
    const float odd[] = {std::nanf(""), infinity, -infinity, 3e38f, -3e38f, 1e-45f, -0.0f};
    for (int i = 0; const Kernels *kernels = level(i); i++)
        for (float value : odd) {
            std::vector<float> x(19, value);
            kernels->tanh(x.data(), 19);
            for (float y : x)
                ck_assert(y >= -1.0f && y <= 1.0f);
            x.assign(19, value);
            kernels->sigmoid(x.data(), 19);
            for (float y : x)
                ck_assert(y >= 0.0f && y <= 1.0f);
            x.assign(19, value);
            std::int8_t q[19];
            kernels->quantise(q, x.data(), 19);
            for (std::int8_t y : q)
                ck_assert(y >= -127);
        }
}
END_TEST

START_TEST(quantise_rounds_to_nearest) {
    constexpr int n = 4001;
    std::vector<float> x(n);
    for (int i = 0; i < n; i++)
        x[i] = (i - n / 2) / 1900.0f;
    for (int i = 0; const Kernels *kernels = level(i); i++) {
        std::vector<std::int8_t> q(n);
        kernels->quantise(q.data(), x.data(), n);
        for (int j = 0; j < n; j++)
            ck_assert_int_eq(q[j], int(std::fmin(127, std::fmax(-127, std::rint(127.0f * x[j])))));
    }
}
END_TEST

// Sums of rows_f32() take the bias and then the inputs in their order.
START_TEST(float_rows_are_sums_in_order_at_every_level) {
    Random random(3);
    for (int rows : {1, 2, 7, 34})
        for (int inputs : {1, 4, 33, 84})
            for (int outputs : {16, 48, 96})
                for (bool add : {false, true}) {
                    const auto x = floats(random, rows * inputs, 1.0f);
                    const auto w = floats(random, inputs * outputs, 1.0f);
                    const auto bias = floats(random, outputs, 1.0f);
                    const auto before = floats(random, rows * outputs + kGuard, 1.0f);
                    auto expected = before;
                    for (int r = 0; r < rows; r++)
                        for (int o = 0; o < outputs; o++) {
                            volatile float sum = bias[o]; // volatile: no contraction here
                            for (int i = 0; i < inputs; i++) {
                                volatile float product = x[r * inputs + i] * w[i * outputs + o];
                                sum = sum + product;
                            }
                            float &y = expected[r * outputs + o];
                            y = add ? y + sum : sum;
                        }
                    for (int i = 0; const Kernels *kernels = level(i); i++) {
                        auto y = before;
                        kernels->rows_f32(y.data(), x.data(), w.data(), bias.data(), rows, inputs,
                                          outputs, add);
                        ck_assert_mem_eq(y.data(), expected.data(), y.size() * sizeof(float));
                    }
                }
}
END_TEST

START_TEST(normalised_rows_have_mean_0_and_deviation_1) {
    Random random(4);
    for (int n : {16, 48, 112}) {
        constexpr int kRows = 5;
        auto x = floats(random, kRows * n, 3.0f);
        for (float &v : x)
            v += 7.0f;
        std::vector<float> first(x.size());
        level(0)->normalise(first.data(), x.data(), kRows, n);
        for (int r = 0; r < kRows; r++) {
            double mean = 0.0, variance = 0.0;
            for (int i = 0; i < n; i++)
                mean += x[r * n + i] / n;
            for (int i = 0; i < n; i++)
                variance += (x[r * n + i] - mean) * (x[r * n + i] - mean) / n;
            for (int i = 0; i < n; i++)
                ck_assert_double_eq_tol(first[r * n + i],
                                        (x[r * n + i] - mean) / std::sqrt(variance + 1e-5), 1e-5);
        }
        for (int i = 1; const Kernels *kernels = level(i); i++) {
            std::vector<float> y(x.size());
            kernels->normalise(y.data(), x.data(), kRows, n);
            ck_assert_mem_eq(y.data(), first.data(), y.size() * sizeof(float));
        }
    }
}
END_TEST

START_TEST(gates_are_those_of_a_gru_and_equal_at_every_level) {
    Random random(5);
    const auto sigmoid = [](double x) { return 1.0 / (1.0 + std::exp(-x)); };
    for (int units : {16, 64}) {
        const auto input = floats(random, 3 * units, 4.0f),
                   memory = floats(random, 3 * units, 4.0f);
        const auto old = floats(random, units, 1.0f);
        std::vector<float> first(units);
        level(0)->gru_gates(first.data(), old.data(), input.data(), memory.data(), units);
        for (int i = 0; i < units; i++) {
            const double reset = sigmoid(double(input[i]) + memory[i]);
            const double update = sigmoid(double(input[units + i]) + memory[units + i]);
            const double fresh = std::tanh(input[2 * units + i] + reset * memory[2 * units + i]);
            ck_assert_double_eq_tol(first[i], (1.0 - update) * fresh + update * old[i], 3e-6);
        }
        for (int i = 1; const Kernels *kernels = level(i); i++) {
            auto h = old; // in place
            kernels->gru_gates(h.data(), h.data(), input.data(), memory.data(), units);
            ck_assert_mem_eq(h.data(), first.data(), h.size() * sizeof(float));
        }
    }
}
END_TEST

int main() {
    return percepnet::test::run_suite(
        "kernels",
        {int8_products_are_exact_at_every_level, int8_products_of_equal_extremes_do_not_saturate,
         dot_agrees_with_double_and_with_plain_c_bit_for_bit, float_products_are_rows_of_dot,
         tanh_and_sigmoid_are_close_and_equal_at_every_level, odd_numbers_stay_in_range,
         quantise_rounds_to_nearest, float_rows_are_sums_in_order_at_every_level,
         normalised_rows_have_mean_0_and_deviation_1,
         gates_are_those_of_a_gru_and_equal_at_every_level});
}

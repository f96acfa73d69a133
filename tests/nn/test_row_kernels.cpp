// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The kernels of layers whose weights are shared by many rows: every level against plain sums, and
// against the first level bit for bit. Values begin one element after where vectors would like it.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "kernels/kernels.hpp"
#include "model_builder.hpp"
#include "suite.hpp"

using percepnet::kernels::Kernels;
using percepnet::kernels::level;
using percepnet::kernels::RowWeights;
using percepnet::test::Random;

namespace {

constexpr int kGuard = 64;

std::vector<float> floats(Random &random, int n, float limit) {
    std::vector<float> values(n);
    for (auto &v : values)
        v = random.uniform(-limit, limit);
    return values;
}

// A matrix of rows' weights with its memory.
struct RowMatrix {
    std::vector<std::int8_t> plain, packed; // [output][input], as the kernels have it
    std::vector<std::int32_t> offset;
    std::vector<float> scale, bias;
    RowWeights weights;

    RowMatrix(Random &random, int inputs, int outputs, bool extreme)
        : plain(inputs * outputs), packed(inputs * outputs), offset(outputs),
          scale(floats(random, outputs, 1e-4f)), bias(floats(random, outputs, 1.0f)) {
        for (int o = 0; o < outputs; o++)
            for (int i = 0; i < inputs; i++) {
                const int w = extreme ? (random.below(2) ? 64 : -64) : random.below(129) - 64;
                plain[o * inputs + i] = std::int8_t(w);
                packed[(i / 4 * outputs + o) * 4 + i % 4] = std::int8_t(w);
                offset[o] -= 128 * w;
            }
        weights = {inputs, outputs, packed.data(), offset.data(), scale.data(), bias.data()};
    }
    float value(int o, const std::uint8_t *x) const {
        std::int32_t sum = 0;
        for (int i = 0; i < weights.inputs; i++)
            sum += plain[o * weights.inputs + i] * (x[i] - 128);
        volatile float product = scale[o] * float(sum); // volatile: no contraction here
        return bias[o] + product;
    }
};

std::vector<std::uint8_t> inputs(Random &random, int n, bool extreme) {
    std::vector<std::uint8_t> values(n);
    for (auto &v : values)
        v = std::uint8_t(extreme ? (random.below(2) ? 255 : 1) : 1 + random.below(255));
    return values;
}

double sigmoid(double x) {
    return 1.0 / (1.0 + std::exp(-x));
}

// The state of one unit, in double precision; from: reset, update and new of input and memory.
double gru_state(const double *input, const double *memory, double old) {
    const double update = sigmoid(input[1] + memory[1]);
    return (1.0 - update) * std::tanh(input[2] + sigmoid(input[0] + memory[0]) * memory[2]) +
           update * old;
}

} // namespace

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

START_TEST(int8_rows_are_exact_at_every_level) {
    Random random(6);
    for (int rows : {1, 7, 34})
        for (int count : {16, 48, 256})
            for (int outputs : {16, 48, 208})
                for (bool extreme : {false, true}) {
                    const RowMatrix matrix(random, count, outputs, extreme);
                    const auto loose = inputs(random, 1 + rows * count, extreme);
                    const std::uint8_t *const x = loose.data() + 1;
                    const auto before = floats(random, 1 + rows * outputs + kGuard, 1.0f);
                    for (int i = 0; const Kernels *kernels = level(i); i++)
                        for (bool add : {false, true}) {
                            auto y = before;
                            kernels->rows_s8(y.data() + 1, x, matrix.weights, rows, add);
                            for (int r = 0; r < rows; r++)
                                for (int o = 0; o < outputs; o++) {
                                    const float value = matrix.value(o, &x[r * count]);
                                    const int at = 1 + r * outputs + o;
                                    ck_assert(y[at] == (add ? before[at] + value : value));
                                }
                            for (int j = 0; j < kGuard; j++)
                                ck_assert(y[1 + rows * outputs + j] ==
                                          before[1 + rows * outputs + j]);
                        }
                }
}
END_TEST

START_TEST(normalised_rows_are_rounded_and_clamped) {
    Random random(7);
    constexpr int kRows = 34, n = 48;
    auto x = floats(random, kRows * n, 3.0f);
    x[5] = 1000.0f; // beyond the range after normalisation
    for (int i = 0; i < n; i++)
        x[n + i] = std::nanf("");
    std::vector<float> normal(x.size());
    level(0)->normalise(normal.data(), x.data(), kRows, n);
    for (int i = 0; const Kernels *kernels = level(i); i++) {
        std::vector<std::uint8_t> y(x.size() + kGuard, 77);
        kernels->normalise_s8(y.data(), x.data(), kRows, n);
        ck_assert_int_eq(y[5], 255);
        for (std::size_t j = 0; j < x.size(); j++) {
            const double wanted = 127.0 / 4.0 * normal[j];
            if (std::isnan(wanted))
                ck_assert_int_eq(y[j], 1);
            else
                ck_assert_double_le(std::fabs(y[j] - 128 - std::fmin(wanted, 127.0)), 0.501);
        }
        for (int j = 0; j < kGuard; j++)
            ck_assert_int_eq(y[x.size() + j], 77);
    }
}
END_TEST

START_TEST(int8_grus_are_close_and_equal_at_every_level) {
    Random random(8);
    for (int units : {16, 48, 64, 128})
        for (int rows : {1, 5, 10, 23, 34}) {
            const bool extreme = rows == 10;
            const RowMatrix input(random, 48, 3 * units, extreme);
            const RowMatrix memory(random, units, 3 * units, extreme);
            const auto loose_x = inputs(random, 1 + rows * 48, extreme),
                       loose_last = inputs(random, 1 + rows * units, extreme);
            const std::uint8_t *const x = loose_x.data() + 1, *const last = loose_last.data() + 1;
            const auto before = floats(random, rows * units, 1.0f);
            std::vector<float> first;
            for (int i = 0; const Kernels *kernels = level(i); i++) {
                std::vector<float> loose_h(1 + rows * units + kGuard, 77.0f);
                std::copy(before.begin(), before.end(), loose_h.begin() + 1);
                std::vector<std::uint8_t> loose_next(1 + rows * units + kGuard, 77);
                float *const h = loose_h.data() + 1;
                std::uint8_t *const next = loose_next.data() + 1;
                kernels->gru_rows_s8(h, next, x, last, {units, input.weights, memory.weights},
                                     rows);
                if (i == 0)
                    first = loose_h;
                ck_assert_mem_eq(loose_h.data(), first.data(), first.size() * sizeof(float));
                for (int j = 0; j < kGuard; j++) {
                    ck_assert_float_eq(h[rows * units + j], 77.0f);
                    ck_assert_int_eq(next[rows * units + j], 77);
                }
                for (int at = 0; at < rows * units; at++) {
                    double in[3], mem[3];
                    for (int g = 0; g < 3; g++) {
                        in[g] = input.value(g * units + at % units, &x[at / units * 48]);
                        mem[g] = memory.value(g * units + at % units, &last[at / units * units]);
                    }
                    ck_assert_double_eq_tol(h[at], gru_state(in, mem, before[at]), 4e-4);
                    ck_assert_double_le(std::fabs(next[at] - 128 - 127.0 * h[at]), 0.501);
                }
            }
        }
}
END_TEST

START_TEST(int8_chains_go_both_ways_from_nothing) {
    Random random(9);
    for (int units : {16, 32, 48, 256}) {
        constexpr int kRows = 34;
        const bool extreme = units == 48;
        const RowMatrix matrices[2] = {{random, units, 3 * units, extreme},
                                       {random, units, 3 * units, extreme}};
        const std::vector<float> gates[2] = {floats(random, kRows * 3 * units, 1.0f),
                                             floats(random, kRows * 3 * units, 1.0f)};
        for (int i = 0; const Kernels *kernels = level(i); i++) {
            std::vector<std::uint8_t> loose(1 + kRows * 2 * units + kGuard, 77);
            std::uint8_t *const states = loose.data() + 1;
            kernels->gru_chains_s8(states, gates[0].data(), gates[1].data(), matrices[0].weights,
                                   matrices[1].weights, kRows);
            for (int j = 0; j < kGuard; j++)
                ck_assert_int_eq(states[kRows * 2 * units + j], 77);
            for (int d = 0; d < 2; d++) {
                std::vector<std::uint8_t> last(units, 128);
                std::vector<double> h(units);
                for (int step = 0; step < kRows; step++) {
                    const int r = d == 0 ? step : kRows - 1 - step;
                    for (int u = 0; u < units; u++) {
                        double in[3], mem[3];
                        for (int g = 0; g < 3; g++) {
                            in[g] = gates[d][(3 * r + g) * units + u];
                            mem[g] = matrices[d].value(g * units + u, last.data());
                        }
                        h[u] = gru_state(in, mem, h[u]);
                    }
                    for (int u = 0; u < units; u++) {
                        last[u] = states[(2 * r + d) * units + u];
                        ck_assert_double_le(std::fabs(last[u] - 128 - 127.0 * h[u]), 0.7);
                    }
                }
            }
        }
    }
}
END_TEST

int main() {
    return percepnet::test::run_suite(
        "row kernels",
        {float_rows_are_sums_in_order_at_every_level, normalised_rows_have_mean_0_and_deviation_1,
         gates_are_those_of_a_gru_and_equal_at_every_level, int8_rows_are_exact_at_every_level,
         normalised_rows_are_rounded_and_clamped, int8_grus_are_close_and_equal_at_every_level,
         int8_chains_go_both_ways_from_nothing});
}

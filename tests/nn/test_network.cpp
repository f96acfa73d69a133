// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The network against a slow one in double precision; int8 against float; levels; memory.
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "model_builder.hpp"
#include "nn/network.hpp"
#include "reference_network.hpp"
#include "suite.hpp"

using namespace percepnet;
using nn::Model;
using nn::Network;
using nn::NetworkOutput;
using test::dense_architecture;
using test::ModelBuilder;

namespace {

std::shared_ptr<const Model> parse(const std::string &file) {
    return Model::parse(file.data(), file.size());
}

// Sizes that are and are not multiples of the vector widths.
std::vector<nn::Architecture> shapes() {
    nn::Architecture odd = dense_architecture(19, 37, 23, 2);
    odd.conv1_kernel = 2;
    odd.conv2_kernel = 1;
    odd.look_ahead = 0;
    return {dense_architecture(32, 64, 32, 3), dense_architecture(64, 144, 64, 3), odd,
            dense_architecture(1, 1, 1, 1)};
}

std::vector<float> features(test::Random &random, int count = kFeatures) {
    std::vector<float> values(std::size_t(count), 0.0f);
    for (float &v : values)
        v = random.uniform(-2.0f, 2.0f);
    return values;
}

std::vector<float> flat(const NetworkOutput &out) {
    std::vector<float> values(out.gain_b.begin(), out.gain_b.end());
    values.insert(values.end(), out.strength_b.begin(), out.strength_b.end());
    values.push_back(out.voice_probability);
    return values;
}

std::vector<float> run(Network &network, int hops, unsigned seed, int inputs = kFeatures) {
    test::Random random(seed);
    std::vector<float> all;
    for (int hop = 0; hop < hops; hop++) {
        NetworkOutput out;
        const auto x = features(random, inputs);
        network.step(x, out);
        const auto values = flat(out);
        all.insert(all.end(), values.begin(), values.end());
    }
    return all;
}

} // namespace

START_TEST(float_network_equals_the_double_reference) {
    for (const auto &shape : shapes()) {
        ModelBuilder builder(shape, false, 3, 2.0f);
        const std::vector<float> mean(kFeatures, 0.25f), scale(kFeatures, 0.5f);
        for (const auto &[name, values] :
             {std::pair{"feature_mean", mean}, {"feature_scale", scale}})
            builder.tensors.push_back(
                {name,
                 "F32",
                 {kFeatures},
                 {reinterpret_cast<const char *>(values.data()), values.size() * sizeof(float)}});
        const auto model = parse(builder.file());
        Network network(model);
        test::ReferenceNetwork reference(*model);
        test::Random random(4);
        for (int hop = 0; hop < 50; hop++) {
            const auto x = features(random);
            NetworkOutput out;
            network.step(x, out);
            const auto values = flat(out);
            const auto expected = reference.step(x);
            for (std::size_t i = 0; i < values.size(); i++)
                ck_assert_double_eq_tol(values[i], expected[i], 5e-6);
        }
    }
}
END_TEST

START_TEST(int8_network_is_within_2_percent_of_float) {
    for (unsigned seed = 1; seed <= 4; seed++)
        for (const auto &shape :
             {dense_architecture(32, 64, 32, 3), dense_architecture(64, 144, 64, 3),
              dense_architecture(96, 256, 96, 3)}) {
            Network exact(parse(ModelBuilder(shape, false, seed, 2.0f).file()));
            Network rounded(parse(ModelBuilder(shape, true, seed, 2.0f).file()));
            const auto a = run(exact, 50, seed), b = run(rounded, 50, seed);
            float worst = 0.0f, range = 0.0f;
            for (std::size_t i = 0; i < a.size(); i++) {
                worst = std::fmax(worst, std::fabs(a[i] - b[i]));
                range = std::fmax(range, std::fabs(a[i] - a[i % (2 * kBands + 1)]));
            }
            ck_assert_float_lt(worst, 0.02f);
            ck_assert_float_gt(range, 0.05f); // the outputs do move
        }
}
END_TEST

START_TEST(all_levels_agree_bit_for_bit) {
    for (bool quantised : {true, false})
        for (const auto &shape : shapes()) {
            const auto model = parse(ModelBuilder(shape, quantised, 5, 2.0f).file());
            Network plain(model, *kernels::level(0));
            const auto expected = run(plain, 30, 6);
            for (int i = 1; const auto *kernels = kernels::level(i); i++) {
                Network network(model, *kernels);
                const auto values = run(network, 30, 6);
                ck_assert_mem_eq(values.data(), expected.data(), values.size() * sizeof(float));
            }
        }
}
END_TEST

START_TEST(reset_equals_a_new_network) {
    const auto model = parse(ModelBuilder(dense_architecture(32, 48, 16, 2), true, 7, 2.0f).file());
    Network network(model);
    const auto first = run(network, 20, 8);
    run(network, 20, 9);
    network.reset();
    const auto again = run(network, 20, 8);
    ck_assert_mem_eq(first.data(), again.data(), first.size() * sizeof(float));
}
END_TEST

START_TEST(bad_features_give_outputs_in_range_and_are_forgotten) {
    const auto model = parse(ModelBuilder(dense_architecture(32, 48, 16, 2), true, 10).file());
    const float infinity = std::numeric_limits<float>::infinity();
    for (float bad : {std::nanf(""), infinity, -infinity, 3e38f}) {
        Network network(model), untouched(model);
        NetworkOutput out;
        const std::vector<float> x(kFeatures, bad);
        network.step(x, out);
        for (float value : flat(out))
            ck_assert(value >= 0.0f && value <= 1.0f);
        const auto a = run(network, 100, 11), b = run(untouched, 100, 11);
        for (std::size_t i = 0; i < a.size(); i++)
            ck_assert(a[i] >= 0.0f && a[i] <= 1.0f);
        ck_assert_float_eq_tol(a.back(), b.back(), 0.05f);
    }
}
END_TEST

START_TEST(the_papers_network_runs) {
    const auto model = parse(ModelBuilder(nn::Architecture(), true, 13, 2.0f).file());
    ck_assert_uint_gt(model->parameters(), 7900000);
    Network network(model);
    const auto values = run(network, 10, 14);
    float range = 0.0f;
    for (std::size_t i = 0; i < values.size(); i++) {
        ck_assert(values[i] >= 0.0f && values[i] <= 1.0f);
        range = std::fmax(range, std::fabs(values[i] - values[i % (2 * kBands + 1)]));
    }
    ck_assert_float_gt(range, 0.05f);
}
END_TEST

START_TEST(built_in_model_runs) {
    const auto model = Model::built_in();
    ck_assert_int_eq(model->latency(), 480 * (model->architecture().look_ahead + 1));
    Network network(model);
    for (float value : run(network, 20, 12, model->architecture().features))
        ck_assert(value >= 0.0f && value <= 1.0f);
    ck_assert_ptr_eq(model.get(), Model::built_in().get());
}
END_TEST

int main() {
    return test::run_suite("network", {float_network_equals_the_double_reference,
                                       int8_network_is_within_2_percent_of_float,
                                       all_levels_agree_bit_for_bit, reset_equals_a_new_network,
                                       bad_features_give_outputs_in_range_and_are_forgotten,
                                       the_papers_network_runs, built_in_model_runs});
}

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The network whose weights are shared by the bands: its files, int8 against float, levels, memory.
// parity_test.py compares it with numpy.
#include <cmath>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "channel.hpp"
#include "dsp/analysis.hpp"
#include "model_builder.hpp"
#include "nn/network.hpp"
#include "suite.hpp"

using namespace percepnet;
using nn::Model;
using nn::Network;
using nn::NetworkOutput;
using test::band_architecture;
using test::ModelBuilder;

namespace {

std::shared_ptr<const Model> parse(const std::string &file) {
    return Model::parse(file.data(), file.size());
}

std::vector<nn::Architecture> shapes() {
    nn::Architecture short_past = band_architecture(16, 32, 16, 3, true);
    short_past.band.past = 1;
    short_past.band.fine_past = 1;
    return {band_architecture(48, 64, 32, 2, true), band_architecture(32, 16, 48, 1, false),
            short_past};
}

std::vector<float> flat(const NetworkOutput &out) {
    std::vector<float> values(out.gain_b.begin(), out.gain_b.end());
    values.insert(values.end(), out.strength_b.begin(), out.strength_b.end());
    values.push_back(out.voice_probability);
    return values;
}

std::vector<float> run(Network &network, const Model &model, int hops, unsigned seed) {
    test::Random random(seed);
    std::vector<float> all, x(std::size_t(model.architecture().features));
    for (int hop = 0; hop < hops; hop++) {
        for (float &v : x)
            v = random.uniform(-2.0f, 2.0f);
        NetworkOutput out;
        network.step(x, out);
        const auto values = flat(out);
        all.insert(all.end(), values.begin(), values.end());
    }
    return all;
}

void expect_refusal(const std::string &file, const std::string &words) {
    std::string message;
    try {
        parse(file);
    } catch (const std::runtime_error &failure) {
        message = failure.what();
    }
    ck_assert_msg(message.find(words) != std::string::npos, "expected \"%s\", got \"%s\"",
                  words.c_str(), message.c_str());
}

} // namespace

START_TEST(files_are_read_as_the_architecture_says) {
    for (const auto &shape : shapes())
        for (bool quantised : {true, false}) {
            const auto model = parse(ModelBuilder(shape, quantised, 1).file());
            ck_assert(model->architecture().kind == nn::Kind::kBands);
            ck_assert(model->architecture().fine() == (shape.band.fine == 1));
            ck_assert_int_eq(model->bands().blocks.size(), shape.band.blocks);
            ck_assert(model->bands().out1.weight.quantised() == quantised);
        }
}
END_TEST

START_TEST(wrong_architectures_are_refused) {
    const auto with = [](const std::string &from, const std::string &to) {
        ModelBuilder builder(band_architecture(48, 64, 32, 2, true), true, 1);
        auto &text = builder.metadata["percepnet.architecture"];
        const auto at = text.find(from);
        ck_assert(at != std::string::npos);
        text.replace(at, from.size(), to);
        return builder.file();
    };
    expect_refusal(with("\"kind\":\"bands\"", "\"kind\":\"lines\""), "\"kind\" is not one");
    expect_refusal(with("\"kind\":\"bands\"", "\"kind\":3"), "\"kind\" is not one");
    expect_refusal(with("\"kind\":\"bands\",", ""), "\"features\" must be");
    expect_refusal(with("\"channels\":48", "\"channels\":40"), "a multiple of 16");
    expect_refusal(with("\"channels\":48", "\"channels\":272"), "\"channels\" must be");
    expect_refusal(with("\"channels\":48", "\"channels\":64"), "has shape");
    expect_refusal(with("\"blocks\":2", "\"blocks\":9"), "\"blocks\" must be");
    expect_refusal(with("\"blocks\":2", "\"blocks\":1"), "not one that the architecture knows");
    expect_refusal(with("\"blocks\":2", "\"blocks\":3"), "is missing");
    expect_refusal(with("\"past\":5", "\"past\":0"), "\"past\" must be");
    expect_refusal(with("\"fine\":1", "\"fine\":2"), "\"fine\" must be");
    expect_refusal(with("\"fine\":1", "\"fine\":0"), "\"features\" must be");
    expect_refusal(with("\"features\":274", "\"features\":70"), "\"features\" must be");
    expect_refusal(with("\"time_units\":64", "\"time_unit\":64"), "\"time_units\" is missing");
}
END_TEST

START_TEST(weights_that_the_kernels_cannot_take_are_refused) {
    const auto shape = band_architecture(16, 16, 16, 1, false);
    for (const char bad : {'\x41', '\xbf', '\x80'}) {
        ModelBuilder builder(shape, true, 1);
        builder.tensor("time0.weight_hh").data[5] = bad;
        expect_refusal(builder.file(), bad == '\x80' ? "-128" : "beyond -64..64");
    }
    ModelBuilder mixed(shape, true, 1), floats(shape, false, 1);
    mixed.tensor("out1.weight") = floats.tensor("out1.weight");
    for (std::size_t i = 0; i < mixed.tensors.size(); i++)
        if (mixed.tensors[i].name == "out1.weight_scale")
            mixed.tensors.erase(mixed.tensors.begin() + std::ptrdiff_t(i));
    expect_refusal(mixed.file(), "must be I8 if the others are");
    ModelBuilder int8_inputs(shape, true, 1);
    int8_inputs.tensor("inp.weight") = {"inp.weight", "I8", {16, 60}, std::string(960, '\1')};
    expect_refusal(int8_inputs.file(), "must be F32");
    for (const char *name : {"band", "gain_bias", "voice.weight", "up0.bias_hh"}) {
        ModelBuilder builder(shape, true, 1);
        builder.set_float(name, 0, std::nanf(""));
        expect_refusal(builder.file(), "not finite");
    }
}
END_TEST

START_TEST(int8_is_within_2_percent_of_float) {
    for (unsigned seed = 1; seed <= 4; seed++)
        for (const auto &shape : shapes()) {
            const auto exact = parse(ModelBuilder(shape, false, seed, 1.5f).file());
            const auto rounded = parse(ModelBuilder(shape, true, seed, 1.5f).file());
            Network a(exact), b(rounded);
            const auto expected = run(a, *exact, 50, seed), got = run(b, *rounded, 50, seed);
            float worst = 0.0f, range = 0.0f;
            for (std::size_t i = 0; i < expected.size(); i++) {
                worst = std::fmax(worst, std::fabs(expected[i] - got[i]));
                range = std::fmax(range, std::fabs(expected[i] - expected[i % (2 * kBands + 1)]));
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
            const auto expected = run(plain, *model, 30, 6);
            for (int i = 1; const auto *kernels = kernels::level(i); i++) {
                Network network(model, *kernels);
                const auto values = run(network, *model, 30, 6);
                ck_assert_mem_eq(values.data(), expected.data(), values.size() * sizeof(float));
            }
        }
}
END_TEST

START_TEST(reset_equals_a_new_network) {
    for (bool quantised : {true, false}) {
        const auto model = parse(ModelBuilder(shapes()[0], quantised, 7, 2.0f).file());
        Network network(model);
        const auto first = run(network, *model, 20, 8);
        run(network, *model, 20, 9);
        network.reset();
        const auto again = run(network, *model, 20, 8);
        ck_assert_mem_eq(first.data(), again.data(), first.size() * sizeof(float));
    }
}
END_TEST

// The first hop stands for the past before it: only the states over time move on when it repeats.
START_TEST(the_past_before_the_first_hop_is_like_it) {
    nn::Architecture shape = shapes()[0];
    ModelBuilder builder(shape, false, 3, 2.0f);
    for (const char *name : {"time_out0", "time_out1"})
        for (const char *part : {".weight", ".bias"}) {
            auto &data = builder.tensor(std::string(name) + part).data;
            data.assign(data.size(), '\0');
        }
    const auto model = parse(builder.file());
    Network network(model);
    const std::vector<float> x(std::size_t(shape.features), 0.7f);
    NetworkOutput first, later;
    network.step(x, first);
    for (int hop = 0; hop < 3; hop++)
        network.step(x, later);
    for (std::size_t i = 0; i < flat(first).size(); i++)
        ck_assert_float_eq(flat(first)[i], flat(later)[i]);
}
END_TEST

START_TEST(bad_features_give_outputs_in_range_and_are_forgotten) {
    const float infinity = std::numeric_limits<float>::infinity();
    for (bool quantised : {true, false}) {
        const auto model = parse(ModelBuilder(shapes()[0], quantised, 10).file());
        for (float bad : {std::nanf(""), infinity, -infinity, 3e38f}) {
            Network network(model), untouched(model);
            NetworkOutput out;
            const std::vector<float> x(std::size_t(model->architecture().features), bad);
            network.step(x, out);
            for (float value : flat(out))
                ck_assert(value >= 0.0f && value <= 1.0f);
            const auto a = run(network, *model, 100, 11), b = run(untouched, *model, 100, 11);
            for (float value : a)
                ck_assert(value >= 0.0f && value <= 1.0f);
            for (std::size_t i = a.size() - 69; i < a.size(); i++)
                ck_assert_float_eq_tol(a[i], b[i], 0.01f);
        }
    }
}
END_TEST

// Two linked signals that are the same are like one of them, all the way to the output.
START_TEST(a_channel_feeds_it_the_fine_features) {
    const auto model = parse(ModelBuilder(shapes()[0], true, 12).file());
    Channel one(model, 1), two(model, 2);
    dsp::Analysis analysis(1, model->architecture().look_ahead, true);
    Network network(model);
    test::Random random(13);
    for (int hop = 0; hop < 40; hop++) {
        float in[kHop], out[3][kHop], dry[3][kHop];
        for (float &sample : in)
            sample = random.uniform(-0.3f, 0.3f);
        const float *const inputs[2] = {in, in};
        float *const outputs[3] = {out[0], out[1], out[2]};
        float *const dries[3] = {dry[0], dry[1], dry[2]};
        const Channel::Turn turns[] = {{&one, inputs, outputs, dries, 0.0f},
                                       {&two, inputs, outputs + 1, dries + 1, 0.0f}};
        Channel::process_hops(turns);
        analysis.push(inputs);
        NetworkOutput answer;
        network.step(analysis.features(), answer);
        ck_assert_float_eq(one.readout().voice_probability, answer.voice_probability);
        ck_assert_float_eq_tol(two.readout().voice_probability, answer.voice_probability, 1e-3f);
        for (int i = 0; i < kHop; i++)
            ck_assert_float_eq_tol(out[1][i], out[0][i], 2e-3f);
    }
}
END_TEST

int main() {
    return test::run_suite(
        "band network", {files_are_read_as_the_architecture_says, wrong_architectures_are_refused,
                         weights_that_the_kernels_cannot_take_are_refused,
                         int8_is_within_2_percent_of_float, all_levels_agree_bit_for_bit,
                         reset_equals_a_new_network, the_past_before_the_first_hop_is_like_it,
                         bad_features_give_outputs_in_range_and_are_forgotten,
                         a_channel_feeds_it_the_fine_features});
}

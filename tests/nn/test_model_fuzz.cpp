// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Model files damaged at random, the same way every time: whatever is taken must also run, and
// nothing may crash. PERCEPNET_FUZZ_ROUNDS=N runs more rounds than the usual 4000.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "model_builder.hpp"
#include "nn/network.hpp"
#include "suite.hpp"

using namespace percepnet;
using test::ModelBuilder;
using test::Random;

namespace {

nn::Architecture small() {
    return test::dense_architecture(3, 4, 2, 1);
}

// One of: a bit, a byte, a digit, a run of bytes doubled, removed or overwritten.
void damage(std::string &file, Random &random, std::size_t within) {
    const std::size_t at = std::size_t(random.below(int(within)));
    const std::size_t run = std::min(file.size() - at, std::size_t(1 + random.below(24)));
    switch (random.below(6)) {
    case 0:
        file[at] = char(file[at] ^ (1 << random.below(8)));
        break;
    case 1:
        file[at] = char(random.below(256));
        break;
    case 2:
        file[at] = "0123456789-.e\"{}[],:"[random.below(20)];
        break;
    case 3:
        file.insert(at, file.substr(at, run));
        break;
    case 4:
        file.erase(at, run);
        break;
    default:
        file.replace(at, run, file.substr(std::size_t(random.below(int(file.size() - run))), run));
    }
}

// The header length may have changed: most rounds set it right, or nothing deeper would be reached.
void correct_length(std::string &file, std::ptrdiff_t growth, std::uint64_t length) {
    length = std::uint64_t(std::int64_t(length) + growth);
    for (int i = 0; i < 8 && std::size_t(i) < file.size(); i++)
        file[std::size_t(i)] = char(length >> (8 * i));
}

// Returns whether the file was taken.
bool try_file(const std::string &file) {
    const std::unique_ptr<char[]> copy(new char[file.size()]);
    std::memcpy(copy.get(), file.data(), file.size());
    std::shared_ptr<const nn::Model> model;
    try {
        model = nn::Model::parse(copy.get(), file.size());
    } catch (const std::runtime_error &failure) {
        ck_assert_msg(std::strlen(failure.what()) > 20, "a message without a reason");
        return false;
    }
    nn::Network network(model);
    nn::NetworkOutput out;
    const std::vector<float> features(std::size_t(model->architecture().features), 1.0f);
    network.step(features, out);
    for (float gain : out.gain_b)
        ck_assert(gain >= 0.0f && gain <= 1.0f);
    return true;
}

int rounds() {
    const char *wanted = std::getenv("PERCEPNET_FUZZ_ROUNDS");
    return wanted ? std::atoi(wanted) : 4000;
}

} // namespace

static void damage_files(const nn::Architecture &architecture) {
    const std::string sound = ModelBuilder(architecture, true, 1).file();
    std::uint64_t length = 0;
    std::memcpy(&length, sound.data(), 8);
    Random random(1);
    int taken = 0;
    for (int round = 0; round < rounds(); round++) {
        std::string file = sound;
        const bool in_header = random.below(8) != 0;
        for (int count = 1 + random.below(4); count > 0; count--)
            damage(file, random, std::min(file.size(), in_header ? 8 + length : file.size()));
        if (in_header && random.below(8) != 0)
            correct_length(file, std::ptrdiff_t(file.size()) - std::ptrdiff_t(sound.size()),
                           length);
        taken += try_file(file);
    }
    ck_assert_int_lt(taken, rounds() / 2);
    ck_assert(try_file(sound));
}

START_TEST(damaged_files_never_crash) {
    damage_files(small());
    damage_files(test::band_architecture(16, 16, 16, 1, false));
}
END_TEST

START_TEST(any_finite_weights_run) {
    Random random(2);
    for (int round = 0; round < 200; round++) {
        nn::Architecture a =
            random.below(2) ? nn::Architecture() : test::band_architecture(16, 32, 16, 1, true);
        a.fc = 1 + random.below(20);
        a.width = 1 + random.below(20);
        a.strength_width = 1 + random.below(20);
        a.gru_layers = 1 + random.below(3);
        ModelBuilder builder(a, random.below(2) != 0, unsigned(round));
        for (int count = 0; count < 20; count++) {
            auto &tensor = builder.tensors[std::size_t(random.below(int(builder.tensors.size())))];
            if (tensor.dtype == "F32")
                builder.set_float(tensor.name,
                                  std::size_t(random.below(int(tensor.data.size() / 4))),
                                  random.below(2) ? 3e38f : -3e38f);
        }
        ck_assert(try_file(builder.file()));
    }
}
END_TEST

int main() {
    return test::run_suite("model fuzz", {damaged_files_never_crash, any_finite_weights_run});
}

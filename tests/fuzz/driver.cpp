// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Runs a fuzz target without libFuzzer: the seeds as they are, then damaged, the same way each
// time.
//   fuzz_NAME FOLDER [EXECUTIONS]
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size);

namespace {

using Input = std::vector<std::uint8_t>;

std::vector<Input> read_seeds(const char *folder) {
    std::vector<Input> seeds;
    for (const auto &entry : std::filesystem::directory_iterator(folder)) {
        std::ifstream file(entry.path(), std::ios::binary);
        seeds.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    return seeds;
}

void damage(Input &input, std::mt19937 &random) {
    const std::size_t at = random() % (input.size() + 1);
    const std::size_t run = std::min<std::size_t>(input.size() - at, 1 + random() % 16);
    const auto here = input.begin() + std::ptrdiff_t(at);
    switch (random() % 4) {
    case 0:
        input.insert(here, std::uint8_t(random()));
        break;
    case 1:
        input.erase(here, here + std::ptrdiff_t(run));
        break;
    case 2:
        if (at < input.size())
            *here = std::uint8_t(*here ^ (1u << random() % 8));
        break;
    default:
        const Input copy(here, here + std::ptrdiff_t(run));
        input.insert(here, copy.begin(), copy.end());
    }
}

void run(const Input &input) {
    const Input exact(input); // its own allocation: a read past the end is seen
    LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

} // namespace

int main(int argc, char **argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: %s FOLDER [EXECUTIONS]\n", argv[0]);
        return 2;
    }
    const std::vector<Input> seeds = read_seeds(argv[1]);
    if (seeds.empty()) {
        std::fprintf(stderr, "%s holds no seeds\n", argv[1]);
        return 1;
    }
    for (const Input &seed : seeds)
        run(seed);
    const long executions = argc > 2 ? std::atol(argv[2]) : 3000;
    std::mt19937 random(1);
    for (long i = 0; i < executions; i++) {
        Input input = seeds[random() % seeds.size()];
        for (unsigned count = 1 + random() % 6; count > 0; count--)
            damage(input, random);
        run(input);
    }
    std::printf("%zu seeds, %ld damaged inputs\n", seeds.size(), executions);
    return 0;
}

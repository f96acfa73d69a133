// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// A hop of a band network of the shipped size under callgrind, which writes one dump for each part
// between two looks at the clock. Prints for each stage the numbers of its dumps, from 1.
#include <cstdio>
#include <memory>
#include <vector>

#include <valgrind/callgrind.h>

#include "../nn/model_builder.hpp"
#include "enhancer.hpp"
#include "stage_clock.hpp"

namespace {

bool counting = false;
int looks = 0;

// The n-th look says 2^n, so that what a stage has spent names its dumps.
std::uint64_t dump() noexcept {
    if (!counting)
        return 0;
    CALLGRIND_DUMP_STATS;
    return std::uint64_t(1) << looks++;
}

} // namespace

int main() {
    using namespace percepnet;
    const std::string file =
        test::ModelBuilder(test::band_architecture(48, 64, 32, 2, true), true, 1).file();
    Enhancer enhancer(nn::Model::parse(file.data(), file.size()), 1, kHop,
                      PERCEPNET_CHANNELS_LINKED);
    StageClock clock(dump);
    enhancer.measure(&clock);
    std::vector<float> block(kHop);
    float *const pointer = block.data();
    test::Random random(2);
    for (int hop = 0; hop <= 20; hop++) {
        for (float &sample : block)
            sample = random.uniform(-0.1f, 0.1f);
        counting = hop == 20;
        if (counting) {
            CALLGRIND_START_INSTRUMENTATION;
            clock.restart();
        }
        enhancer.process(&pointer, &pointer, kHop);
    }
    CALLGRIND_STOP_INSTRUMENTATION;
    for (std::size_t s = 0; s < std::size_t(Stage::kCount); s++) {
        std::printf("%s:", kStageNames[s]);
        for (int look = 1; look < looks; look++)
            if (clock.spent()[s] >> (look - 1) & 1)
                std::printf(" %d", look + 1);
        std::puts("");
    }
    return 0;
}

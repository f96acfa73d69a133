// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// A step of the network allocates nothing. A program of its own, as it replaces operator new.
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "model_builder.hpp"
#include "nn/network.hpp"
#include "suite.hpp"

namespace {
long allocations = 0;
}

// Counts what the program allocates.
void *operator new(std::size_t size) {
    allocations++;
    if (void *memory = std::malloc(size))
        return memory;
    throw std::bad_alloc();
}
void *operator new(std::size_t size, std::align_val_t alignment) {
    allocations++;
    const std::size_t grain = std::size_t(alignment);
    if (void *memory = std::aligned_alloc(grain, (size + grain - 1) / grain * grain))
        return memory;
    throw std::bad_alloc();
}
void operator delete(void *memory) noexcept {
    std::free(memory);
}
void operator delete(void *memory, std::size_t) noexcept {
    std::free(memory);
}
void operator delete(void *memory, std::align_val_t) noexcept {
    std::free(memory);
}
void operator delete(void *memory, std::size_t, std::align_val_t) noexcept {
    std::free(memory);
}

using namespace percepnet;

static void check(const std::shared_ptr<const nn::Model> &model) {
    for (int i = 0; const auto *kernels = kernels::level(i); i++) {
        nn::Network network(model, *kernels);
        const std::vector<float> x(std::size_t(model->architecture().features), 0.5f);
        nn::NetworkOutput out;
        const long before = allocations;
        for (int hop = 0; hop < 10; hop++)
            network.step(x, out);
        network.reset();
        ck_assert_int_eq(allocations, before);
        ck_assert_int_gt(before, 0);
    }
}

START_TEST(step_and_reset_allocate_nothing) {
    check(nn::Model::built_in());
    for (bool quantised : {true, false}) {
        const auto shape = test::band_architecture(48, 64, 32, 2, true);
        const std::string file = test::ModelBuilder(shape, quantised, 1).file();
        check(nn::Model::parse(file.data(), file.size()));
    }
}
END_TEST

int main() {
    return test::run_suite("no allocation", {step_and_reset_allocate_nothing});
}

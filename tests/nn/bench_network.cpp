// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Time of one network step at every level that this machine runs, for some sizes of network with
// random weights. The real-time factor is 10 ms by that time: above 1 it keeps up.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "model_builder.hpp"
#include "nn/network.hpp"

namespace {

using namespace percepnet;
using Clock = std::chrono::steady_clock;

// Of the fastest batch, in nanoseconds: what other programs take of the machine counts least there.
double time_step(nn::Network &network, const std::vector<float> &features) {
    nn::NetworkOutput out;
    network.step(features, out);
    double best = 1e18;
    for (int batch = 0; batch < 25; batch++) {
        constexpr int kSteps = 20;
        const auto start = Clock::now();
        for (int i = 0; i < kSteps; i++)
            network.step(features, out);
        const std::chrono::duration<double, std::nano> time = Clock::now() - start;
        best = std::min(best, time.count() / kSteps);
    }
    return best;
}

void bench(const char *name, const nn::Architecture &a, bool quantised) {
    const std::string file = test::ModelBuilder(a, quantised, 1).file();
    const auto model = nn::Model::parse(file.data(), file.size());
    test::Random random(2);
    std::vector<float> features(std::size_t(a.features));
    for (float &f : features)
        f = random.uniform(-1.0f, 1.0f);
    for (int i = 0; const auto *kernels = kernels::level(i); i++) {
        nn::Network network(model, *kernels);
        const double ns = time_step(network, features);
        std::printf("%-5s %9zu  %-7s  %-11s  %10.0f ns/step  %8.1f x real time\n", name,
                    model->parameters(), quantised ? "int8" : "float32", kernels->name, ns,
                    1e7 / ns);
    }
}

} // namespace

int main() {
    for (bool quantised : {true, false}) {
        bench("0.7M", test::dense_architecture(64, 144, 64, 3), quantised);
        bench("2M", test::dense_architecture(96, 256, 96, 3), quantised);
        bench("8M", test::dense_architecture(128, 512, 128, 3), quantised);
        bench("bands", test::band_architecture(48, 64, 32, 2, true), quantised);
    }
}

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "actions.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <vector>

namespace percepnet::tools {
namespace {

constexpr int kHop = PERCEPNET_HOP_SIZE;
constexpr int kRate = PERCEPNET_SAMPLE_RATE;
constexpr int kWarmUp = 100; // hops
constexpr int kHops = 2000;  // 20 s
constexpr double kTwoPi = 6.283185307179586;

double seconds(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return double(now.tv_sec) + 1e-9 * double(now.tv_nsec);
}

/** Voiced sound with a moving pitch in syllables, and white noise 10 dB below it. */
std::vector<float> test_signal(int hops) {
    std::vector<float> signal(std::size_t(hops) * kHop);
    std::uint32_t noise = 1;
    double phase = 0.0;
    for (std::size_t i = 0; i < signal.size(); i++) {
        const double t = double(i) / kRate;
        phase += kTwoPi * (140.0 + 40.0 * std::sin(kTwoPi * 0.7 * t)) / kRate;
        double voice = 0.0;
        for (int harmonic = 1; harmonic <= 20; harmonic++)
            voice += std::sin(harmonic * phase) / harmonic;
        noise = noise * 1664525u + 1013904223u;
        const double white = double(noise) / 2147483648.0 - 1.0;
        signal[i] = float(0.1 * voice * std::max(0.0, std::sin(kTwoPi * 2.0 * t)) + 0.03 * white);
    }
    return signal;
}

} // namespace

void run_bench(const Options &options) {
    const ModelHandle model = open_model(options);
    percepnet_params params = options.params;
    params.model = model.get();
    params.block_size = kHop;
    const double before_create = seconds(CLOCK_MONOTONIC);
    const StreamHandle stream = open_stream(params);
    const double create = seconds(CLOCK_MONOTONIC) - before_create;

    std::vector<float> signal = test_signal(kWarmUp + kHops);
    std::vector<double> hop_us;
    double wall = 0.0, cpu = 0.0;
    for (int hop = 0; hop < kWarmUp + kHops; hop++) {
        float *const block = &signal[std::size_t(hop) * kHop];
        const double cpu_start = seconds(CLOCK_THREAD_CPUTIME_ID);
        const double start = seconds(CLOCK_MONOTONIC);
        percepnet_process(stream.get(), &block, &block, kHop);
        const double spent = seconds(CLOCK_MONOTONIC) - start;
        if (hop < kWarmUp)
            continue;
        wall += spent;
        cpu += seconds(CLOCK_THREAD_CPUTIME_ID) - cpu_start;
        hop_us.push_back(1e6 * spent);
    }
    std::sort(hop_us.begin(), hop_us.end());
    const double audio = double(kHops) * kHop / kRate;
    std::printf("%.0f s of generated sound, 1 channel, 1 thread, %s kernels, %zu parameters\n",
                audio, percepnet_simd_level(), percepnet_model_parameters(model.get()));
    std::printf("speed       %.1f times real time by processor time, %.1f by the clock\n",
                audio / cpu, audio / wall);
    std::printf("processor   %.2f %% of one core in real time\n", 100.0 * cpu / audio);
    std::printf("hop         median %.0f us, 99 %% below %.0f us, longest %.0f us, of 10000 us\n",
                hop_us[kHops / 2], hop_us[kHops * 99 / 100], hop_us.back());
    std::printf("create      %.1f ms\n", 1e3 * create);
}

} // namespace percepnet::tools

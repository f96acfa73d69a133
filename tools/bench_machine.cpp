// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "bench_machine.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <vector>

#include "kernels/kernels.hpp"
#include "nn/aligned.hpp"

namespace percepnet::tools {
namespace {

using Clock = std::chrono::steady_clock;

std::string cpu_name() {
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);)
        if (line.rfind("model name", 0) == 0)
            return line.substr(std::min(line.find(": "), line.size() - 2) + 2);
    return "unknown";
}

/** Microseconds of the fastest of many calls: what other programs take counts least there. */
template <typename Function> double fastest_us(int calls, Function function) {
    double best = 1e9;
    for (int i = 0; i < calls; i++) {
        const auto start = Clock::now();
        function();
        const std::chrono::duration<double, std::micro> spent = Clock::now() - start;
        best = std::min(best, spent.count());
    }
    return best;
}

double stream_us(std::size_t bytes) {
    constexpr int kCols = 512;
    const int rows = int(bytes / kCols);
    const nn::AlignedVector<std::int8_t> w(bytes, 1), x(kCols, 1);
    nn::AlignedVector<std::int32_t> y((std::size_t(rows)));
    return fastest_us(
        40, [&] { kernels::active().matvec_s8(y.data(), w.data(), x.data(), rows, kCols); });
}

// A product as the band network has it, which stays in the nearest cache.
constexpr int kRows = 34, kInputs = 64, kOutputs = 192, kRepeats = 8;
constexpr double kProducts = double(kRows) * kInputs * kOutputs * kRepeats;

double int8_us() {
    const nn::AlignedVector<std::int8_t> w(kInputs * kOutputs, 1);
    const nn::AlignedVector<std::int32_t> offset(kOutputs, 0);
    const nn::AlignedVector<float> scale(kOutputs, 1.0f), bias(kOutputs, 0.0f);
    const nn::AlignedVector<std::uint8_t> x(kRows * kInputs, 1);
    nn::AlignedVector<float> y(kRows * kOutputs);
    const kernels::RowWeights weights{kInputs,       kOutputs,     w.data(),
                                      offset.data(), scale.data(), bias.data()};
    return fastest_us(100, [&] {
        for (int i = 0; i < kRepeats; i++)
            kernels::active().rows_s8(y.data(), x.data(), weights, kRows, false);
    });
}

double f32_us() {
    const nn::AlignedVector<float> w(kInputs * kOutputs, 1.0f), bias(kOutputs, 0.0f);
    const nn::AlignedVector<float> x(kRows * kInputs, 1.0f);
    nn::AlignedVector<float> y(kRows * kOutputs);
    return fastest_us(50, [&] {
        for (int i = 0; i < kRepeats; i++)
            kernels::active().rows_f32(y.data(), x.data(), w.data(), bias.data(), kRows, kInputs,
                                       kOutputs, false);
    });
}

} // namespace

Machine measure_machine() {
    Machine machine;
    machine.cpu = cpu_name();
    machine.level = kernels::active().name;
    for (const int kib : {128, 512, 2048, 8192})
        machine.weight_stream_us[kib] = stream_us(std::size_t(kib) * 1024);
    machine.gmacs_int8 = 1e-3 * kProducts / int8_us();
    machine.gmacs_f32 = 1e-3 * kProducts / f32_us();
    return machine;
}

} // namespace percepnet::tools

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// A second of one kind of signal through a stream, for callgrind to count: cost_tool SIGNAL
#include <cmath>
#include <cstdio>
#include <cstring>
#include <vector>

#include "percepnet.h"

namespace {

float sample(const char *kind, std::size_t n) {
    if (!std::strcmp(kind, "voice")) {
        double sum = 0.0;
        for (int h = 1; h < 40; h++)
            sum += std::cos(2.0 * M_PI * h * 150.0 * double(n) / 48000.0 + h * h) / h;
        return float(0.1 * sum);
    }
    static unsigned noise = 1;
    noise = noise * 1664525u + 1013904223u;
    if (!std::strcmp(kind, "noise"))
        return float(noise) / 4294967296.0f - 0.5f;
    if (!std::strcmp(kind, "nan"))
        return NAN;
    if (!std::strcmp(kind, "full-scale"))
        return n % 2 ? 1.0f : -1.0f;
    return std::strcmp(kind, "denormal") ? 0.0f : 1e-40f;
}

} // namespace

int main(int argc, char **argv) {
    if (argc != 2)
        return 2;
    percepnet_stream *const stream = percepnet_create(nullptr, nullptr);
    std::vector<float> signal(48000);
    for (std::size_t n = 0; n < signal.size(); n++)
        signal[n] = sample(argv[1], n);
    float *pointer = signal.data();
    percepnet_process(stream, &pointer, &pointer, signal.size());
    percepnet_destroy(stream);
    return 0;
}

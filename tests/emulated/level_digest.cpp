// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Prints the level in use and a digest of every bit of what the built-in model makes of two seconds
// of made-up voice and noise. No function of the mathematics library takes part in the signal.
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "percepnet.h"

namespace {

constexpr int kSamples = 96000, kBlock = 1000;

// Pulses of a gliding pitch through two resonances, and noise.
std::vector<float> signal() {
    std::vector<float> out(kSamples);
    std::uint32_t random = 1;
    float phase = 0.0f, y1 = 0.0f, y2 = 0.0f;
    for (int n = 0; n < kSamples; n++) {
        random = random * 1664525u + 1013904223u;
        const float noise = float(std::int32_t(random >> 8) - (1 << 23)) / float(1 << 23);
        phase += (140.0f + 40.0f * float(n) / kSamples) / 48000.0f;
        float pulse = 0.0f;
        if (phase >= 1.0f) {
            phase -= 1.0f;
            pulse = 0.5f;
        }
        const float y = pulse + 1.95f * y1 - 0.96f * y2;
        y2 = y1;
        y1 = y;
        out[std::size_t(n)] = 0.2f * y + 0.01f * noise;
    }
    return out;
}

struct Destroy {
    void operator()(percepnet_stream *stream) const { percepnet_destroy(stream); }
};

} // namespace

int main() {
    percepnet_params params;
    percepnet_params_init(&params);
    const std::unique_ptr<percepnet_stream, Destroy> stream(percepnet_create(&params, nullptr));
    if (!stream)
        return 1;
    std::vector<float> samples = signal();
    std::uint64_t digest = 14695981039346656037u; // FNV-1a
    float largest = 0.0f;
    for (int n = 0; n < kSamples; n += kBlock) {
        float *block = &samples[std::size_t(n)];
        if (percepnet_process(stream.get(), &block, &block, kBlock) != PERCEPNET_OK)
            return 1;
        for (int i = 0; i < kBlock; i++) {
            std::uint32_t bits;
            std::memcpy(&bits, block + i, sizeof bits);
            digest = (digest ^ bits) * 1099511628211u;
            largest = largest < block[i] ? block[i] : largest;
        }
    }
    std::printf("%s %016llx %.3f\n", percepnet_simd_level(),
                static_cast<unsigned long long>(digest), double(largest));
    return 0;
}

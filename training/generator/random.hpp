// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Random numbers of the generator: small, fast, the same on every machine.
#pragma once

#include <cmath>
#include <cstdint>

namespace percepnet::training {

// xorshift64* seeded through splitmix64, so that neighbouring seeds give unrelated streams.
class Random {
public:
    explicit Random(uint64_t seed) {
        uint64_t z = seed + 0x9e3779b97f4a7c15u;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        state_ = (z ^ (z >> 31)) | 1;
    }

    uint64_t next() {
        state_ ^= state_ >> 12;
        state_ ^= state_ << 25;
        state_ ^= state_ >> 27;
        return state_ * 0x2545f4914f6cdd1du;
    }

    float uniform() { return static_cast<float>(next() >> 40) * 0x1p-24f; }
    float uniform(float low, float high) { return low + (high - low) * uniform(); }
    bool chance(float probability) { return uniform() < probability; }
    // 0 .. count - 1
    int64_t below(int64_t count) {
        return static_cast<int64_t>((static_cast<unsigned __int128>(next()) * count) >> 64);
    }
    float exponential(float mean) { return -mean * std::log(1.f - uniform()); }
    // Mean 0, variance 1, the sum of four uniform numbers: near enough to a Gauss for noise.
    float gauss() {
        const uint64_t r = next();
        const int sum = static_cast<int>((r & 0xffff) + ((r >> 16) & 0xffff) +
                                         ((r >> 32) & 0xffff) + (r >> 48));
        return static_cast<float>(sum - 2 * 0xffff) * (1.7320508f / 65536.f);
    }

private:
    uint64_t state_;
};

inline float from_db(float db) {
    return std::pow(10.f, db / 20.f);
}
inline float power_to_db(double power) {
    return static_cast<float>(10 * std::log10(power + 1e-15));
}

} // namespace percepnet::training

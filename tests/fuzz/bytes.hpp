// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Reads decisions out of the bytes that a fuzzer sends; zeros after their end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace percepnet::fuzz {

class Bytes {
public:
    Bytes(const std::uint8_t *data, std::size_t size) : data_(data), left_(size) {}

    bool empty() const { return left_ == 0; }
    std::uint8_t byte() {
        if (left_ == 0)
            return 0;
        left_--;
        return *data_++;
    }
    unsigned below(unsigned limit) { return (byte() | unsigned(byte()) << 8) % limit; }
    // Any bit pattern: NaN, infinity and denormal numbers too.
    float number() {
        std::uint8_t bits[4];
        for (std::uint8_t &b : bits)
            b = byte();
        float value;
        std::memcpy(&value, bits, sizeof value);
        return value;
    }

private:
    const std::uint8_t *data_;
    std::size_t left_;
};

} // namespace percepnet::fuzz

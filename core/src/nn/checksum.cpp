// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "nn/checksum.hpp"

#include <array>
#include <cstdint>
#include <cstdio>

namespace percepnet::nn {
namespace {

constexpr std::array<std::uint32_t, 256> make_table() {
    std::array<std::uint32_t, 256> table = {};
    for (std::uint32_t byte = 0; byte < 256; byte++) {
        std::uint32_t value = byte;
        for (int bit = 0; bit < 8; bit++)
            value = (value >> 1) ^ (value & 1 ? 0xEDB88320u : 0u);
        table[byte] = value;
    }
    return table;
}

constexpr std::array<std::uint32_t, 256> kTable = make_table();

} // namespace

std::string checksum_text(const unsigned char *data, std::size_t size) {
    std::uint32_t crc = ~0u;
    for (std::size_t i = 0; i < size; i++)
        crc = (crc >> 8) ^ kTable[(crc ^ data[i]) & 0xFFu];
    char text[16];
    std::snprintf(text, sizeof text, "crc32:%08x", unsigned(~crc));
    return text;
}

} // namespace percepnet::nn

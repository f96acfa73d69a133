// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Texts from outside in messages of limited length, cut between characters of UTF-8.
#pragma once

#include <cstddef>
#include <string>

namespace percepnet {

// Most bytes of a path and of a name in a model file: with both, every sentence of the library fits
// into percepnet_error.
constexpr std::size_t kMostPath = 256, kMostName = 64;

// Whether a byte goes on with a character that began before it.
inline bool continues_character(char byte) noexcept {
    return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

// At most that many bytes (4 or more): the beginning, "..." and twice as much of the end.
inline std::string shortened(const std::string &text, std::size_t most) {
    if (text.size() <= most)
        return text;
    std::size_t head = (most - 3) / 3, tail = text.size() - (most - 3 - head);
    while (head > 0 && continues_character(text[head]))
        head--;
    while (tail < text.size() && continues_character(text[tail]))
        tail++;
    return text.substr(0, head) + "..." + text.substr(tail);
}

} // namespace percepnet

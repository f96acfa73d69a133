// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <string>

namespace percepnet::tools {

/** A file's bytes wherever they are; zeros beyond its end. */
class Bytes {
public:
    explicit Bytes(const std::string &path) : file_(path, std::ios::binary | std::ios::ate) {
        size_ = file_ ? std::uint64_t(file_.tellg()) : 0;
    }
    std::uint64_t size() const { return size_; }
    std::string text(std::uint64_t at, std::size_t count) {
        std::string bytes(count, '\0');
        file_.clear();
        file_.seekg(std::streamoff(at));
        file_.read(bytes.data(), std::streamsize(count));
        return bytes;
    }
    std::uint64_t number(std::uint64_t at, std::size_t count, bool big_endian) {
        std::string bytes = text(at, count);
        if (!big_endian)
            std::reverse(bytes.begin(), bytes.end());
        std::uint64_t value = 0;
        for (const unsigned char byte : bytes)
            value = value << 8 | byte;
        return value;
    }

private:
    std::ifstream file_;
    std::uint64_t size_ = 0;
};

} // namespace percepnet::tools

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <string>

#include <sys/mman.h>
#include <unistd.h>

#include "require.hpp"

namespace percepnet::fuzz {

/** A file in memory with a name. */
class MemoryFile {
public:
    MemoryFile(const std::uint8_t *data, std::size_t size)
        : descriptor_(memfd_create("input", MFD_CLOEXEC)) {
        require(descriptor_ >= 0 && write(descriptor_, data, size) == ssize_t(size));
    }
    ~MemoryFile() { close(descriptor_); }
    MemoryFile(const MemoryFile &) = delete;
    std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

private:
    int descriptor_;
};

} // namespace percepnet::fuzz

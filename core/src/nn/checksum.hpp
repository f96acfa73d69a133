// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <string>

namespace percepnet::nn {

// CRC-32 (ISO 3309, as in zlib) in the form of the metadata entry: "crc32:" and 8 hex digits.
// Against damage, not against forgery.
std::string checksum_text(const unsigned char *data, std::size_t size);

} // namespace percepnet::nn

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "bytes.hpp"

namespace percepnet::tools {

/** Where an MP4 (m4a, mov), Matroska (mkv, webm) or MP3 file is to end by what is in it; 0: not one
    of these, or it does not tell. */
std::uint64_t promised_media_end(Bytes &bytes);

} // namespace percepnet::tools

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>

namespace percepnet::tools {

/** Whether a file ends before its header says (WAV, RF64, AIFF, AU, W64, CAF, MP4, Matroska, MP3)
    or before its last page (Ogg): libraries read such a file without a word.
    @return what is missing, empty: nothing */
std::string missing_part(const std::string &path);

} // namespace percepnet::tools

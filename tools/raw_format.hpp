// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>

namespace percepnet::tools {

/** Samples without a header: "s16:48000:1". */
struct RawFormat {
    int subtype = 0; // libsndfile's SF_FORMAT_...
    int rate = 0;    // Hz; 0: not raw
    int channels = 1;
};

/** @throws UsageError */
RawFormat parse_raw_format(const std::string &text);

} // namespace percepnet::tools

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "raw_format.hpp"

#include <cstdio>
#include <cstring>

#include <sndfile.h>

#include "error.hpp"

namespace percepnet::tools {
namespace {

struct Name {
    const char *name;
    int subtype;
};

constexpr Name kNames[] = {{"s16", SF_FORMAT_PCM_16}, {"s24", SF_FORMAT_PCM_24},
                           {"s32", SF_FORMAT_PCM_32}, {"f32", SF_FORMAT_FLOAT},
                           {"f64", SF_FORMAT_DOUBLE}, {"ulaw", SF_FORMAT_ULAW},
                           {"alaw", SF_FORMAT_ALAW}};

} // namespace

RawFormat parse_raw_format(const std::string &text) {
    char name[8] = "";
    char excess = 0;
    RawFormat format;
    const int fields =
        std::sscanf(text.c_str(), "%7[^:]:%d:%d%c", name, &format.rate, &format.channels, &excess);
    for (const Name &known : kNames)
        if (fields >= 2 && fields <= 3 && std::strcmp(name, known.name) == 0)
            format.subtype = known.subtype;
    if (format.subtype == 0 || format.rate <= 0 || format.channels <= 0)
        throw UsageError("--raw " + text +
                         " is not FORMAT:RATE:CHANNELS, for example s16:48000:1 "
                         "(formats: s16 s24 s32 f32 f64 ulaw alaw)");
    return format;
}

} // namespace percepnet::tools

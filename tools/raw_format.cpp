// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "raw_format.hpp"

#include <charconv>
#include <string_view>
#include <system_error>

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

/** The whole number that all of text is, 0 if it is none. */
int whole_number(std::string_view text) {
    int number = 0;
    const char *const end = text.data() + text.size();
    const auto [stop, failed] = std::from_chars(text.data(), end, number);
    return failed == std::errc() && stop == end ? number : 0;
}

} // namespace

RawFormat parse_raw_format(const std::string &text) {
    RawFormat format;
    std::string_view name = text, rate, channels = "1";
    if (const std::size_t colon = name.find(':'); colon != name.npos)
        rate = name.substr(colon + 1), name = name.substr(0, colon);
    if (const std::size_t colon = rate.find(':'); colon != rate.npos)
        channels = rate.substr(colon + 1), rate = rate.substr(0, colon);
    for (const Name &known : kNames)
        if (name == known.name)
            format.subtype = known.subtype;
    format.rate = whole_number(rate);
    format.channels = whole_number(channels);
    if (format.subtype == 0 || format.rate <= 0 || format.channels <= 0)
        throw UsageError("--raw " + text +
                         " is not FORMAT:RATE:CHANNELS, for example s16:48000:1 "
                         "(formats: s16 s24 s32 f32 f64 ulaw alaw)");
    return format;
}

} // namespace percepnet::tools

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "media_format.hpp"

#include <algorithm>
#include <cctype>

namespace percepnet::tools {
namespace {

constexpr MediaFormat kFormats[] = {
    {"m4a", "ipod", "aac", nullptr, false, false},
    {"m4b", "ipod", "aac", nullptr, false, false},
    {"aac", "adts", "aac", nullptr, false, false},
    {"mka", "matroska", "libopus", "flac", false, false},
    {"mp4", "mp4", "aac", nullptr, true, false},
    {"m4v", "mp4", "aac", nullptr, true, false},
    {"mov", "mov", "aac", nullptr, true, false},
    {"mkv", "matroska", "libopus", "flac", true, false},
    {"webm", "webm", "libopus", nullptr, true, false},
    {"ts", "mpegts", "aac", nullptr, true, false},
    {"flac", "flac", "flac", nullptr, false, true},
    {"mp3", "mp3", "libmp3lame", nullptr, false, true},
    {"ogg", "ogg", "libvorbis", nullptr, false, true},
    {"oga", "ogg", "libvorbis", nullptr, false, true},
    {"opus", "opus", "libopus", nullptr, false, true},
};

} // namespace

const MediaFormat *media_format(const std::string &path) {
    const std::size_t dot = path.find_last_of("./");
    std::string extension = dot == std::string::npos ? "" : path.substr(dot + 1);
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char c) { return char(std::tolower(c)); });
    for (const MediaFormat &format : kFormats)
        if (extension == format.extension)
            return &format;
    return nullptr;
}

bool needs_media(const std::string &path) {
    const MediaFormat *format = media_format(path);
    return format && !format->with_sndfile;
}

std::string media_extensions() {
    std::string extensions;
    for (const MediaFormat &format : kFormats)
        if (!format.with_sndfile)
            extensions += std::string(" ") + format.extension;
    return extensions;
}

bool media_built() {
#ifdef HAVE_LIBAV
    return true;
#else
    return false;
#endif
}

} // namespace percepnet::tools

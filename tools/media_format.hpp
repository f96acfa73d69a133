// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>

namespace percepnet::tools {

/** A container that libavformat writes. */
struct MediaFormat {
    const char *extension;
    const char *muxer;    // libavformat's name
    const char *encoder;  // libavcodec's name, when the codec of the input does not do
    const char *lossless; // the same for an input without loss; nullptr: as above
    bool video;           // also holds pictures that move, subtitles and more tracks of sound
    bool with_sndfile;    // libsndfile writes the sound, but not the cover pictures
};

/** By the extension of a file's name, nullptr: none of these. */
const MediaFormat *media_format(const std::string &path);

/** Whether only libavformat writes this kind of file. */
bool needs_media(const std::string &path);

/** The extensions that only libavformat writes, each after a space. */
std::string media_extensions();

/** Whether this program was built with libavformat. */
bool media_built();

} // namespace percepnet::tools

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "audio_reader.hpp"

namespace percepnet::tools {

/** The container of a file name's extension with a sample format that suits the reader's, and its
    rate or the nearest that the codec has.
    @throws Error for an unknown extension or one that cannot hold this rate or channel count. */
SF_INFO output_format(const std::string &path, const SoundReader &like);

/** Bits of a sample format of integers without loss, 0 for others. */
int integer_bits(int format);

/** Of a sample in a file without compression; an upper bound for those with. */
int sample_bytes(int format);

/** Extensions of the files that this program writes, each after a space. */
std::string written_extensions();

/** Whether sound can be written under this name. */
bool names_a_format(const std::string &path);

/** A file that is there is replaced when that is forced, but a recording never by a picture, page
    or report (called so, and not OUT). @throws Error */
void keep_what_is_there(const std::string &path, const std::string &called, bool force);

/** RF64 that was chosen for a .wav of unknown length: WAV again if it stays below 4 GB. */
bool is_wav_for_now(const std::string &path, const SF_INFO &info);

/** Bytes that a container's sizes can count, 0: any number. */
std::int64_t largest_file(int format);

/** What is before the samples of a WAV file that is written to a pipe; length 0: not known;
    speakers: WAV's bits, 0: not known. */
std::vector<unsigned char> wav_header(const SF_INFO &info, std::int64_t length,
                                      std::uint64_t speakers);

} // namespace percepnet::tools

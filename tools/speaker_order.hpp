// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sndfile.h>

namespace percepnet::tools {

/** Channels in this program are in the order of WAV; libsndfile hands over those of Ogg in the
   order of Vorbis.
    @return for each channel its number in a file in this format; empty: the same */
std::vector<int> places_in_file(const SF_INFO &info);

/** Samples that were read, into the order of WAV. */
void from_file_order(std::vector<double> &interleaved, const std::vector<int> &places);

/** Samples in the order of WAV as they are to be written. */
std::vector<double> in_file_order(const std::vector<double> &interleaved,
                                  const std::vector<int> &places);

/** Whether an Ogg file holds Opus that does not tell which speaker each channel is for. */
bool has_unnamed_channels(const std::string &path);

/** libsndfile's names (SF_CHANNEL_MAP_...) of the speakers that so many channels of Ogg are for, in
    the order of WAV; empty: not defined. */
std::vector<int> speakers_of_ogg(int channels);

/** The same of speakers by WAV's bits, which are libavformat's; empty: one of them has no name. */
std::vector<int> speakers_of_bits(std::uint64_t bits);

/** 0: not in the order of WAV, or one of them has no bit. */
std::uint64_t bits_of_speakers(const std::vector<int> &names);

} // namespace percepnet::tools

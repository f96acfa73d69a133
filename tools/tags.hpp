// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sndfile.h>

#include "sound.hpp"

namespace percepnet::tools {

/** What goes along with the sound, as far as both formats know it: title, artist and other texts,
    speaker positions, cue points, broadcast data. Before the first sample is written. */
void copy_tags(const SoundReader &from, SNDFILE *to);

/** libavformat's name of a text that has libsndfile's number SF_STR_..., nullptr: it has none. */
const char *tag_name(int tag);

} // namespace percepnet::tools

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sndfile.h>

namespace percepnet::tools {

/** What goes along with the sound, as far as both formats know it: title, artist and other texts,
    speaker positions, cue points, broadcast data. Before the first sample is written. */
void copy_tags(SNDFILE *from, SNDFILE *to);

} // namespace percepnet::tools

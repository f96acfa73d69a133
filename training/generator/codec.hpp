// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Round trips through the codecs of calls. G.711 is always there; Opus, AMR and AMR-WB where their
// libraries were found.
#pragma once

#include "convolver.hpp"
#include "random.hpp"

#include <vector>

namespace percepnet::training {

enum class Codec { kMuLaw, kALaw, kOpus, kAmr, kAmrWideband };

const char *name_of(Codec codec);
std::vector<Codec> built_codecs();

// noisy (re) goes through the codec at a random bit rate, clean (im) through the same band limit;
// they stay aligned. Samples of full scale 1. Returns the frequency in Hz up to which voice is
// left.
float codec_round_trip(Codec codec, Random &random, Convolver &convolver, Pair &signals);

} // namespace percepnet::training

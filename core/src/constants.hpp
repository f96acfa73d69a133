// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The numbers of the signal chain, each in this one place. What a model may change (look-ahead,
// layer sizes) is in nn/architecture.hpp and comes from the model file.
#pragma once

#include <array>
#include <cstddef>

namespace percepnet {

constexpr int kSampleRate = 48000;
constexpr int kHop = 480;         // 10 ms
constexpr int kWindow = 2 * kHop; // Vorbis window, 50 % overlap
constexpr int kBins = kHop + 1;   // bins of 50 Hz, 0 .. 24 kHz
constexpr int kMaxLookAhead = 3;  // hops of future that a model may use
constexpr int kMaxChannels = 64;

// Streams or independent channels that go through the network together. More would share the
// weights further, but push each other's signals out of the nearer caches.
constexpr std::size_t kTogether = 8;

// Centres of the triangular ERB bands in bins of 50 Hz (paper section 2: 34 bands, 0..20 kHz).
constexpr int kBands = 34;
constexpr std::array<int, kBands> kBandCentre = {
    0,  2,  4,  6,  8,  10,  12,  15,  18,  21,  24,  28,  32,  36,  41,  47,  53,
    60, 68, 77, 87, 98, 110, 124, 140, 157, 176, 198, 223, 251, 282, 317, 356, 400};

// Pitch: 62.5 .. 500 Hz.
constexpr int kMinPeriod = 96;
constexpr int kMaxPeriod = 768;

// Comb filter: 5 periods on each side, Hann weights (paper section 3.2).
constexpr int kCombSide = 5;
constexpr int kCombTaps = 2 * kCombSide + 1;

// Features for each hop: band energies, pitch coherences, period, pitch correlation.
constexpr int kFeatures = 2 * kBands + 2;

// Parts of the bands in a longer spectrum, for models that want them (dsp/fine_spectrum.hpp).
constexpr int kFineWindow = 6 * kHop; // 60 ms
constexpr int kFineParts = 6;         // of each band
constexpr int kFineFeatures = kFineParts * kBands;

} // namespace percepnet

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <vector>

#include <percepnet/percepnet.h>

#include "pipeline.hpp"
#include "spectrogram.hpp"

namespace percepnet::tools {

/** A signal of the page: its picture, its levels, and its beginning to listen to. */
class Heard {
public:
    Heard(int rate, int channels);
    void add(const Planar &block, std::size_t frames);

    const Spectrogram &spectrogram() const { return spectrogram_; }
    /** Mean square of each 10 ms. */
    const std::vector<double> &hops() const { return hops_; }
    /** The first two minutes of the first two channels as a FLAC file. @throws Error */
    std::vector<unsigned char> flac() const;

private:
    int rate_, channels_; // channels that are played
    Spectrogram spectrogram_;
    std::vector<double> hops_;
    std::size_t frames_ = 0;
    std::vector<float> sound_; // interleaved
};

/** Listens to a pipeline and keeps what --report shows. What is not sound is of channel 1. */
class Inspection {
public:
    struct Hop {
        percepnet_readout readout;
        percepnet_bands bands;
    };

    /** @param latency the model's, in samples at 48 kHz */
    Inspection(int rate, int channels, int latency);
    void attach(Pipeline &pipeline);

    int rate() const { return rate_; }
    int channels() const { return channels_; }
    const Heard &before() const { return before_; }
    const Heard &after() const { return after_; }
    const Heard &removed() const { return removed_; }
    /** Number i is that of the 10 ms from i * 10 ms on. */
    const std::vector<Hop> &hops() const { return hops_; }

private:
    void subtract(const Planar &block, std::size_t frames);

    int rate_, channels_;
    std::size_t late_; // hops that are still to come before the first one of the output
    Heard before_, after_, removed_;
    Planar waiting_, difference_; // input that has no output yet
    std::vector<Hop> hops_;
};

} // namespace percepnet::tools

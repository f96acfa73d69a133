// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <vector>

#include <percepnet/percepnet.h>

#include "pipeline.hpp"
#include "series.hpp"
#include "spectrogram.hpp"

namespace percepnet::tools {

/** A signal of the page: its picture, its levels, and its beginning to listen to. */
class Heard {
public:
    Heard(int rate, int channels);
    void add(const Planar &block, std::size_t frames);

    const Spectrogram &spectrogram() const { return spectrogram_; }
    /** dB, one value. */
    Series levels() const;
    /** The first two minutes of the first two channels as a FLAC file. @throws Error */
    std::vector<unsigned char> flac() const;

private:
    int rate_, channels_; // channels that are played
    Spectrogram spectrogram_;
    Series levels_{1};    // without the hop that is not yet whole
    double square_ = 0.0; // its mean square
    std::size_t frames_ = 0;
    std::vector<float> sound_; // interleaved
};

/** Listens to a pipeline and keeps what --report shows. What is not sound is of
    the channel that most likely has a voice, hop by hop. */
class Inspection {
public:
    /** Where a hop's values stand in hops(). */
    enum Value : std::size_t {
        kVoice,
        kSnr,
        kGain,
        kPitch, // where there is a voice with one
        kGains,
        kStrengths = kGains + PERCEPNET_BANDS,
        kValues = kStrengths + PERCEPNET_BANDS
    };

    /** @param latency the model's, in samples at 48 kHz */
    Inspection(int rate, int channels, int latency);
    void attach(Pipeline &pipeline);

    int rate() const { return rate_; }
    int channels() const { return channels_; }
    const Heard &before() const { return before_; }
    const Heard &after() const { return after_; }
    const Heard &removed() const { return removed_; }
    /** kValues of every hop, from that of the first 10 ms of the sound on. */
    const Series &hops() const { return hops_; }

private:
    void subtract(const Planar &block, std::size_t frames);

    int rate_, channels_;
    std::size_t late_; // hops that are still to come before the first one of the output
    Heard before_, after_, removed_;
    Planar waiting_, difference_; // input that has no output yet
    Series hops_{kValues};
};

} // namespace percepnet::tools

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include <percepnet/percepnet.h>

#include "pipeline.hpp"

namespace percepnet::tools {

/** What --json tells of a file that is done. Levels are of all channels together. */
struct FileReport {
    std::string in, out, error; // error: empty if there is an output
    std::string cut_short;      // what the input lacks
    std::string note;           // what became of its other tracks
    int status = 0;             // the exit status that the file alone would have
    int rate = 0, channels = 0;
    std::size_t frames = 0;
    double voice_share = 0; // of the 10 ms hops, those that most likely have a voice
    double level_before = 0, level_after = 0; // dBFS, RMS
    double snr_before = NAN, snr_after = NAN; // dB; NaN: no voice, or no pause
    std::int64_t clipped_before = 0;          // samples at full scale or beyond
    std::int64_t clipped_after = 0;
};

/** Listens to a pipeline and measures. The signal-to-noise ratio is that of the hops with a voice
   to those without: both before and after on the same hops. */
class Meter {
public:
    /** @param latency the model's, in samples at 48 kHz */
    Meter(int rate, int channels, int latency);
    void attach(Pipeline &pipeline);
    void measure(FileReport &report) const;

private:
    struct Side {
        std::vector<double> hops; // sums of squares in 10 ms
        std::size_t frames = 0;
        std::int64_t clipped = 0;
    };
    void add(Side &side, const Planar &block, std::size_t frames);
    double level(const Side &side) const;
    double snr(const Side &side) const;
    bool has_voice(std::size_t hop) const;

    int rate_, channels_;
    std::size_t delay_; // hops
    Side before_, after_;
    std::vector<float> voice_;
};

/** All reports as JSON, into a file or to standard output ("-"). @throws Error */
void write_reports(const std::string &path, const std::vector<FileReport> &reports);

} // namespace percepnet::tools

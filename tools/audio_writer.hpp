// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <vector>

#include "audio_reader.hpp"
#include "output_file.hpp"

namespace percepnet::tools {

/** A sound file or standard output ("-") with the rate, channels, tags and, where it can, sample
    format of a reader. It is in its place after close(), not before. */
class AudioWriter {
public:
    /** @param raw true: standard output gets no header. @throws Error */
    AudioWriter(const std::string &path, const AudioReader &like, bool raw);

    /** The first frames of block. Integer formats are rounded and clipped. @throws Error */
    void write(const Planar &block, std::size_t frames);
    /** Interleaved samples, for example AudioReader::exact(). @throws Error */
    void write(const std::vector<double> &interleaved);

    /** Finish the file and put it in its place. @throws Error */
    void close();

    /** Samples beyond full scale that an integer format clipped. */
    std::int64_t clipped() const { return clipped_; }

private:
    void open(const AudioReader &like, bool raw);
    void write_wav_header(const AudioReader &like);
    void check_size();

    OutputFile output_;
    SF_INFO info_{};
    FileHandle file_;  // before output_ goes
    int bits_ = 0;     // 0: a format that takes float
    bool pad_ = false; // WAV on a pipe: an odd number of bytes gets one more
    std::int64_t samples_ = 0, clipped_ = 0;
    std::int64_t largest_ = 0; // bytes that the container can hold, 0: any
    std::vector<double> interleaved_;
    std::vector<int> integers_;
};

} // namespace percepnet::tools

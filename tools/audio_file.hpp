// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <sndfile.h>

#include "planar.hpp"
#include "raw_format.hpp"

namespace percepnet::tools {

struct CloseFile {
    void operator()(SNDFILE *file) const { sf_close(file); }
};
using FileHandle = std::unique_ptr<SNDFILE, CloseFile>;

/** A sound file or standard input ("-") to read from start to end. */
class AudioReader {
public:
    /** @param raw rate 0: the file has a header. @throws Error */
    AudioReader(const std::string &path, const RawFormat &raw);

    /** Read up to frames; block.frames() tells how many, 0 at the end. @throws Error */
    void read(Planar &block, std::size_t frames);

    int rate() const { return info_.samplerate; }
    int channels() const { return info_.channels; }
    int format() const { return info_.format; }
    /** In frames, 0 if not known (a pipe). */
    std::int64_t length() const { return length_; }
    /** libsndfile's speaker positions, empty if the file names none. */
    std::vector<int> channel_map() const;

private:
    std::string name_;
    SF_INFO info_{};
    FileHandle file_;
    std::int64_t length_ = 0;
    std::vector<float> interleaved_;
};

/** A sound file or standard output ("-") with the rate, channels and, where it can, sample format
   of a reader. */
class AudioWriter {
public:
    /** @param raw true: standard output gets no header. @throws Error */
    AudioWriter(const std::string &path, const AudioReader &like, bool raw);

    /** The first frames of block. Integer formats are rounded and clipped. @throws Error */
    void write(const Planar &block, std::size_t frames);

    /** Finish the file. @throws Error */
    void close();

private:
    void open_output(const AudioReader &like, bool raw);
    [[noreturn]] void fail(const char *reason) const;

    std::string name_;
    SF_INFO info_{};
    FileHandle file_;
    int bits_ = 0; // 0: a format that takes float
    std::vector<float> floats_;
    std::vector<int> integers_;
};

} // namespace percepnet::tools

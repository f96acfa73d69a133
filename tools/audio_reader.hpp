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
    /** What read() got last, as it is in the file: every bit of 32-bit integers and of doubles. */
    const std::vector<double> &exact() const { return interleaved_; }

    int rate() const { return info_.samplerate; }
    int channels() const { return info_.channels; }
    int format() const { return info_.format; }
    bool length_known() const { return !pipe_; }
    /** In frames, 0 if not known (a pipe). */
    std::int64_t length() const { return length_; }
    /** After the end: what the header promised and the file does not hold, empty: nothing. */
    std::string missing() const;
    /** libsndfile's, for what goes along with the sound. */
    SNDFILE *handle() const { return file_.get(); }

private:
    std::string path_, name_;
    SF_INFO info_{};
    FileHandle file_;
    bool pipe_ = false, raw_ = false;
    std::int64_t length_ = 0, frames_read_ = 0;
    std::vector<double> interleaved_;
};

} // namespace percepnet::tools

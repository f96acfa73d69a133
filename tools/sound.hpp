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

class MediaReader;

/** Sound to read from start to end, whatever library reads it. */
class SoundReader {
public:
    virtual ~SoundReader() = default;

    /** Read up to frames; block.frames() tells how many, 0 at the end. @throws Error */
    virtual void read(Planar &block, std::size_t frames) = 0;
    /** What read() got last, as it is in the file: every bit of 32-bit integers and of doubles. */
    const std::vector<double> &exact() const { return interleaved_; }

    virtual int rate() const = 0;
    virtual int channels() const = 0;
    /** libsndfile's sample format, in any container. */
    virtual int format() const = 0;
    /** Whether length() is exact. */
    virtual bool length_known() const = 0;
    /** In frames, 0 if not known (a pipe). */
    virtual std::int64_t length() const = 0;
    /** After the end: what the header promised and the file does not hold, empty: nothing. */
    virtual std::string missing() const = 0;
    /** libsndfile's names (SF_CHANNEL_MAP_...) of the speakers of the channels, empty: not known.
     */
    virtual std::vector<int> speakers() const { return {}; }
    /** A text that goes along with the sound, by libsndfile's SF_STR_..., nullptr: none. */
    virtual const char *text(int tag) const = 0;
    /** libsndfile's, for what else goes along with the sound; nullptr: not read by libsndfile. */
    virtual SNDFILE *handle() const { return nullptr; }
    /** nullptr: not read by libavformat. */
    virtual MediaReader *media() { return nullptr; }

protected:
    /** interleaved_ without what is not a whole frame, in a block. */
    void hand_over(Planar &block) const;
    std::vector<double> interleaved_;
};

/** Where sound goes. The file is in its place after close(), not before. */
class SoundWriter {
public:
    virtual ~SoundWriter() = default;

    /** The first frames of block. Integer formats are rounded and clipped. @throws Error */
    void write(const Planar &block, std::size_t frames);
    /** Interleaved samples, for example SoundReader::exact(). @throws Error */
    virtual void write(const std::vector<double> &interleaved) = 0;
    /** Finish the file and put it in its place. @throws Error */
    virtual void close() = 0;

    /** A line for the user: what became of the other tracks, empty: nothing to say. */
    virtual std::string note() const { return ""; }

private:
    std::vector<double> block_;
};

/** Open a file by whichever library reads it, so that what goes along with the sound can get into
    out ("" or "-": only the sound counts). "-" is standard input. @throws Error */
std::unique_ptr<SoundReader> open_sound(const std::string &path, const RawFormat &raw,
                                        const std::string &out);

/** A file in the format of its extension, with the rate, channels, tags and, where it can, sample
    format and other tracks of a reader, which must outlive it. @throws Error */
std::unique_ptr<SoundWriter> create_sound(const std::string &path, SoundReader &like, bool raw);

} // namespace percepnet::tools

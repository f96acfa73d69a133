// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "named_pipe.hpp"
#include "sound.hpp"
#include "unfinished_wav.hpp"

namespace percepnet::tools {

struct CloseFile {
    void operator()(SNDFILE *file) const { sf_close(file); }
};
using FileHandle = std::unique_ptr<SNDFILE, CloseFile>;

/** A sound file that libsndfile reads, or standard input ("-"). */
class AudioReader : public SoundReader {
public:
    /** @param raw rate 0: the file has a header. @throws Error */
    AudioReader(const std::string &path, const RawFormat &raw);

    void read(Planar &block, std::size_t frames) override;
    int rate() const override { return info_.samplerate; }
    int channels() const override { return info_.channels; }
    int format() const override { return info_.format; }
    bool length_known() const override { return !pipe_ && !endless_; }
    std::int64_t length() const override { return length_; }
    std::string missing() const override;
    std::vector<int> speakers() const override;
    const char *text(int tag) const override { return sf_get_string(file_.get(), tag); }
    SNDFILE *handle() const override { return file_.get(); }

private:
    void open();
    std::string file_name() const;

    std::string path_, name_;
    SF_INFO info_{};
    std::unique_ptr<UnfinishedWav> unfinished_; // where file_ reads, if it is one
    std::unique_ptr<NamedPipe> passed_on_;      // what comes through a named pipe to file_
    FileHandle file_;
    bool pipe_ = false, raw_ = false;
    bool endless_ = false; // a FLAC that went through a pipe does not tell its length
    std::int64_t length_ = 0, frames_read_ = 0;
    bool named_ = false;      // an Ogg whose number of channels tells their speakers
    std::vector<int> places_; // of the channels in the file; empty: as they are
};

} // namespace percepnet::tools

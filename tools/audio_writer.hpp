// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <vector>

#include "audio_reader.hpp"
#include "output_file.hpp"
#include "resampler.hpp"

namespace percepnet::tools {

/** A sound file that libsndfile writes, or standard output ("-"). */
class AudioWriter : public SoundWriter {
public:
    /** @param raw true: standard output gets no header. @throws Error */
    AudioWriter(const std::string &path, const SoundReader &like, bool raw);

    using SoundWriter::write;
    void write(const std::vector<double> &interleaved) override;
    void close() override;

private:
    void open(const SoundReader &like, bool raw);
    void write_wav_header(const SoundReader &like);
    void write_resampled(const Planar &block);
    void write_samples(const std::vector<double> &interleaved);
    void check_size();

    OutputFile output_;
    SF_INFO info_{};
    FileHandle file_;  // before output_ goes
    int bits_ = 0;     // 0: a format that takes float
    bool pad_ = false; // WAV on a pipe: an odd number of bytes gets one more
    std::int64_t samples_ = 0;
    std::int64_t largest_ = 0; // bytes that the container can hold, 0: any
    std::vector<int> integers_;
    std::unique_ptr<Resampler> resampler_; // the codec does not have the rate of what is written
    Planar original_, resampled_;
    std::vector<int> places_; // of the channels in the file; empty: as they are
};

} // namespace percepnet::tools

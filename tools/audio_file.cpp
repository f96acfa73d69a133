// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "audio_file.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <sys/stat.h>
#include <unistd.h>

#include "audio_format.hpp"
#include "error.hpp"

namespace percepnet::tools {
namespace {

bool is_pipe(int descriptor) {
    struct stat status {};
    return fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode);
}

std::string reading_failed(const std::string &name, bool pipe) {
    std::error_code ignored;
    if (pipe)
        return "standard input is not sound that can be read from a pipe; "
               "send WAV or AU, or say what it is with --raw";
    if (!std::filesystem::exists(name, ignored))
        return name + " does not exist; check the file name";
    if (std::filesystem::is_directory(name, ignored))
        return name + " is a folder; give a sound file";
    if (access(name.c_str(), R_OK) != 0)
        return name + " may not be read; check its permissions";
    return name +
           " is not a sound file that libsndfile reads; convert it first, "
           "for example: ffmpeg -i " +
           name + " in.wav";
}

bool streams(int format) {
    const int container = format & SF_FORMAT_TYPEMASK;
    return container == SF_FORMAT_WAV || container == SF_FORMAT_WAVEX ||
           container == SF_FORMAT_AU || container == SF_FORMAT_RAW;
}

} // namespace

AudioReader::AudioReader(const std::string &path, const RawFormat &raw)
    : name_(path == "-" ? "standard input" : path) {
    if (raw.rate > 0) {
        info_.format = SF_FORMAT_RAW | SF_ENDIAN_LITTLE | raw.subtype;
        info_.samplerate = raw.rate;
        info_.channels = raw.channels;
    }
    const bool pipe = path == "-" && is_pipe(STDIN_FILENO);
    file_.reset(path == "-" ? sf_open_fd(STDIN_FILENO, SFM_READ, &info_, SF_FALSE)
                            : sf_open(path.c_str(), SFM_READ, &info_));
    if (!file_ || (pipe && !streams(info_.format)))
        throw Error(reading_failed(name_, pipe));
    length_ = pipe ? 0 : info_.frames;
}

void AudioReader::read(Planar &block, std::size_t frames) {
    const std::size_t channels = std::size_t(info_.channels);
    interleaved_.resize(frames * channels);
    const sf_count_t got = sf_readf_float(file_.get(), interleaved_.data(), sf_count_t(frames));
    if (got < 0 || sf_error(file_.get()) != SF_ERR_NO_ERROR)
        throw Error(name_ + " is damaged: " + sf_strerror(file_.get()));
    block.resize(std::size_t(got));
    for (std::size_t c = 0; c < channels; c++)
        for (std::size_t i = 0; i < block.frames(); i++)
            block[int(c)][i] = interleaved_[i * channels + c];
}

std::vector<int> AudioReader::channel_map() const {
    std::vector<int> map(std::size_t(info_.channels));
    const int bytes = int(map.size() * sizeof(int));
    if (sf_command(file_.get(), SFC_GET_CHANNEL_MAP_INFO, map.data(), bytes) != SF_TRUE)
        map.clear();
    return map;
}

AudioWriter::AudioWriter(const std::string &path, const AudioReader &like, bool raw)
    : name_(path == "-" ? "standard output" : path) {
    if (path == "-") {
        open_output(like, raw);
    } else {
        info_ = output_format(path, like);
        file_.reset(sf_open(path.c_str(), SFM_WRITE, &info_));
    }
    if (!file_)
        fail("check that the folder exists and may be written to");
    std::vector<int> map = like.channel_map();
    if (!map.empty())
        sf_command(file_.get(), SFC_SET_CHANNEL_MAP_INFO, map.data(),
                   int(map.size() * sizeof(int)));
    bits_ = integer_bits(info_.format);
}

void AudioWriter::open_output(const AudioReader &like, bool raw) {
    const bool pipe = is_pipe(STDOUT_FILENO);
    info_ = output_format("-.wav", like);
    if ((pipe || raw) && integer_bits(info_.format) == 8)
        info_.format = (info_.format & ~SF_FORMAT_SUBMASK) | SF_FORMAT_PCM_16;
    if (pipe && !raw) {
        const std::vector<unsigned char> header = wav_header(info_, like.length());
        if (::write(STDOUT_FILENO, header.data(), header.size()) != ssize_t(header.size()))
            fail("the program at the other end of the pipe has gone");
    }
    if (raw || pipe)
        info_.format = SF_FORMAT_RAW | SF_ENDIAN_LITTLE | (info_.format & SF_FORMAT_SUBMASK);
    file_.reset(sf_open_fd(STDOUT_FILENO, SFM_WRITE, &info_, SF_FALSE));
}

void AudioWriter::write(const Planar &block, std::size_t frames) {
    const std::size_t channels = std::size_t(info_.channels);
    const double full_scale = std::ldexp(1.0, bits_ - 1);
    const int shift = 32 - bits_;
    floats_.resize(frames * channels);
    integers_.resize(frames * channels);
    for (std::size_t c = 0; c < channels; c++)
        for (std::size_t i = 0; i < frames; i++) {
            const float sample = block[int(c)][i];
            floats_[i * channels + c] = sample;
            if (bits_ == 0)
                continue;
            const double rounded = std::nearbyint(double(sample) * full_scale);
            const double clipped = std::clamp(rounded, -full_scale, full_scale - 1.0);
            integers_[i * channels + c] = int(std::int64_t(clipped) * (std::int64_t(1) << shift));
        }
    const sf_count_t count = sf_count_t(frames);
    const sf_count_t written = bits_ ? sf_writef_int(file_.get(), integers_.data(), count)
                                     : sf_writef_float(file_.get(), floats_.data(), count);
    if (written != count)
        fail("is there room left on the disk?");
}

void AudioWriter::close() {
    if (sf_close(file_.release()) != 0)
        fail("is there room left on the disk?");
}

void AudioWriter::fail(const char *reason) const {
    throw Error(name_ + " cannot be written: " + reason);
}

} // namespace percepnet::tools

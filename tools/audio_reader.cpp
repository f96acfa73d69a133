// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "audio_reader.hpp"

#include <filesystem>

#include <sys/stat.h>
#include <unistd.h>

#include "error.hpp"
#include "interrupt.hpp"
#include "media_format.hpp"
#include "paths.hpp"
#include "promised_length.hpp"
#include "speaker_order.hpp"

namespace percepnet::tools {
namespace {

bool is_pipe(const std::string &path) {
    struct stat status {};
    if (path == "-")
        return fstat(STDIN_FILENO, &status) != 0 || !S_ISREG(status.st_mode);
    return stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

std::string reading_failed(const std::string &name, bool pipe) {
    std::error_code ignored;
    if (pipe)
        return name + " is not sound that can be read from a pipe; "
                      "send WAV or AU, say what it is with --raw, or give the file by its name";
    if (name == "standard input")
        return "standard input is not sound that can be read; give the file by its name";
    if (!std::filesystem::exists(name, ignored))
        return name + " does not exist; check the file name";
    if (std::filesystem::is_directory(name, ignored))
        return name + " is a folder; give a sound file, or --into FOLDER for all that are in it";
    if (access(name.c_str(), R_OK) != 0)
        return name + " may not be read; check its permissions";
    if (std::filesystem::file_size(name, ignored) == 0)
        return name + " is empty (0 bytes); look for another copy of the recording";
    const std::string missing = missing_part(name);
    if (!missing.empty())
        return name + " is cut short: " + missing + "; what there is cannot be read";
    return name +
           (media_built()
                ? " is not a sound file that libsndfile or libavformat reads; "
                : " is not a sound file that libsndfile reads, and this program was built "
                  "without libavformat; ") +
           "convert it first, for example: ffmpeg -i " + shell_quoted(name) + " in.wav";
}

/** On standard input, which nobody reads after this. */
bool more_comes() {
    char byte = 0;
    return ::read(STDIN_FILENO, &byte, 1) == 1;
}

bool streams(int format) {
    const int container = format & SF_FORMAT_TYPEMASK;
    return container == SF_FORMAT_WAV || container == SF_FORMAT_WAVEX ||
           container == SF_FORMAT_AU || container == SF_FORMAT_RAW;
}

} // namespace

AudioReader::AudioReader(const std::string &path, const RawFormat &raw)
    : path_(path), name_(path == "-" ? "standard input" : path), raw_(raw.rate > 0) {
    if (raw_) {
        info_.format = SF_FORMAT_RAW | SF_ENDIAN_LITTLE | raw.subtype;
        info_.samplerate = raw.rate;
        info_.channels = raw.channels;
    }
    pipe_ = is_pipe(path);
    open();
    if (!file_ && pipe_ && interrupted())
        throw Stopped("stopped before any sound came from " + name_);
    if (!file_ || (pipe_ && !streams(info_.format)))
        throw Error(reading_failed(name_, pipe_));
    if (path == "-" && pipe_ && !raw_ && info_.frames == 0 && more_comes())
        throw Error("the header on standard input says that it holds no sound, but more follows; "
                    "save it in a file and give that");
    endless_ = info_.frames == SF_COUNT_MAX;
    length_ = length_known() ? info_.frames : 0;
    named_ =
        (info_.format & SF_FORMAT_TYPEMASK) == SF_FORMAT_OGG && !has_unnamed_channels(file_name());
    if (named_)
        places_ = places_in_file(info_);
}

void AudioReader::open() {
    const std::string name = file_name();
    std::error_code ignored;
    if (!raw_ && std::filesystem::is_regular_file(name, ignored) && is_unfinished_wav(name)) {
        unfinished_ = std::make_unique<UnfinishedWav>(name);
        file_.reset(unfinished_->open(info_));
    } else if (path_ == "-") {
        file_.reset(sf_open_fd(STDIN_FILENO, SFM_READ, &info_, SF_FALSE));
    } else if (NamedPipe::is_at(path_)) {
        passed_on_ = std::make_unique<NamedPipe>(path_);
        file_.reset(sf_open_fd(passed_on_->end(), SFM_READ, &info_, SF_TRUE));
    } else {
        file_.reset(sf_open(path_.c_str(), SFM_READ, &info_));
    }
}

/** A name to open it by, also for standard input. */
std::string AudioReader::file_name() const {
    return path_ == "-" ? "/dev/stdin" : path_;
}

std::vector<int> AudioReader::speakers() const {
    if (named_)
        return speakers_of_ogg(info_.channels);
    std::vector<int> names(std::size_t(info_.channels));
    const bool known = sf_command(file_.get(), SFC_GET_CHANNEL_MAP_INFO, names.data(),
                                  int(names.size() * sizeof(int))) == SF_TRUE;
    return known ? names : std::vector<int>();
}

void AudioReader::read(Planar &block, std::size_t frames) {
    const std::size_t channels = std::size_t(info_.channels);
    interleaved_.resize(frames * channels);
    const sf_count_t got = sf_readf_double(file_.get(), interleaved_.data(), sf_count_t(frames));
    if (got < 0 || sf_error(file_.get()) != SF_ERR_NO_ERROR)
        throw Error(name_ + " is damaged: " + sf_strerror(file_.get()));
    frames_read_ += got;
    interleaved_.resize(std::size_t(got) * channels);
    from_file_order(interleaved_, places_);
    block.resize(std::size_t(got));
    hand_over(block);
}

std::string AudioReader::missing() const {
    if (raw_)
        return "";
    if (unfinished_)
        return "its header says that it holds no sound, so its recorder may have died, and there "
               "are " +
               std::to_string(frames_read_) + " samples";
    if (!pipe_) {
        const std::string part = missing_part(file_name());
        if (!part.empty())
            return part;
    }
    if (endless_ || (info_.format & SF_FORMAT_TYPEMASK) == SF_FORMAT_MPEG)
        return ""; // no promise, and a guess of libsndfile's
    // A program that writes WAV to a pipe promises about 2^31 bytes or more, whatever comes.
    const std::int64_t sample_bytes = 4, most = 0x7FFFF000 / sample_bytes / info_.channels;
    if (frames_read_ >= info_.frames || (pipe_ && info_.frames >= most / 2))
        return "";
    return "its header promises " + std::to_string(info_.frames) + " samples and there are " +
           std::to_string(frames_read_);
}

} // namespace percepnet::tools

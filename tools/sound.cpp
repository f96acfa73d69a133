// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "sound.hpp"

#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

#include "audio_reader.hpp"
#include "audio_writer.hpp"
#include "error.hpp"
#include "media_format.hpp"
#include "promised_length.hpp"
#ifdef HAVE_LIBAV
#include "media_reader.hpp"
#include "media_writer.hpp"
#endif

namespace percepnet::tools {

void SoundReader::hand_over(Planar &block) const {
    const std::size_t channels = std::size_t(block.channels());
    for (std::size_t c = 0; c < channels; c++)
        for (std::size_t i = 0; i < block.frames(); i++)
            block[int(c)][i] = float(interleaved_[i * channels + c]);
}

void SoundWriter::write(const Planar &block, std::size_t frames) {
    const std::size_t channels = std::size_t(block.channels());
    block_.resize(frames * channels);
    for (std::size_t c = 0; c < channels; c++)
        for (std::size_t i = 0; i < frames; i++)
            block_[i * channels + c] = double(block[int(c)][i]);
    write(block_);
}

#ifdef HAVE_LIBAV
namespace {

/** Standard input, to have it again after another has closed it. */
class KeepInput {
public:
    KeepInput() : copy_(fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)) {}
    ~KeepInput() {
        if (copy_ >= 0)
            close(copy_);
    }
    KeepInput(const KeepInput &) = delete;
    KeepInput &operator=(const KeepInput &) = delete;
    void restore() const {
        if (copy_ >= 0 && fcntl(STDIN_FILENO, F_GETFD) < 0)
            dup2(copy_, STDIN_FILENO);
    }

private:
    int copy_;
};

/** What libsndfile does not read. @return nullptr: libavformat neither @throws Error */
std::unique_ptr<MediaReader> open_media(const std::string &path) {
    if (!std::filesystem::is_regular_file(path))
        return nullptr;
    try {
        return std::make_unique<MediaReader>(path);
    } catch (const NotMedia &) {
        return nullptr;
    } catch (const Error &) { // its index may be in the part that is missing
        if (missing_part(path).empty())
            throw;
        return nullptr;
    }
}

/** What libsndfile reads, too. @return nullptr: it has no cover pictures and no chapters */
std::unique_ptr<MediaReader> open_with_extras(const std::string &path) {
    if (!std::filesystem::is_regular_file(path))
        return nullptr;
    try {
        auto reader = std::make_unique<MediaReader>(path);
        return reader->has_extras() ? std::move(reader) : nullptr;
    } catch (const Error &) {
        return nullptr;
    }
}

} // namespace

std::unique_ptr<SoundReader> open_sound(const std::string &path, const RawFormat &raw,
                                        const std::string &out) {
    const bool named = path != "-" && raw.rate == 0;
    const KeepInput input; // libsndfile closes it when it does not read it
    try {
        auto reader = std::make_unique<AudioReader>(path, raw);
        std::unique_ptr<SoundReader> whole;
        if (named && media_format(out))
            whole = open_with_extras(path);
        return whole ? std::move(whole) : std::move(reader);
    } catch (const Error &) {
        input.restore();
        const std::string name = path == "-" ? "/dev/stdin" : path;
        if (auto reader = raw.rate == 0 ? open_media(name) : nullptr)
            return reader;
        throw;
    }
}

std::unique_ptr<SoundWriter> create_sound(const std::string &path, SoundReader &like, bool raw) {
    const MediaFormat *format = media_format(path);
    const bool with_extras = format && like.media() && like.media()->has_extras();
    if (format && (with_extras || !format->with_sndfile))
        return std::make_unique<MediaWriter>(path, *format, like);
    return std::make_unique<AudioWriter>(path, like, raw);
}
#else
std::unique_ptr<SoundReader> open_sound(const std::string &path, const RawFormat &raw,
                                        const std::string &) {
    return std::make_unique<AudioReader>(path, raw);
}

std::unique_ptr<SoundWriter> create_sound(const std::string &path, SoundReader &like, bool raw) {
    return std::make_unique<AudioWriter>(path, like, raw);
}
#endif

} // namespace percepnet::tools

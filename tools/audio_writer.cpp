// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "audio_writer.hpp"

#include <algorithm>
#include <cmath>

#include "audio_format.hpp"
#include "error.hpp"
#include "speaker_order.hpp"
#include "tags.hpp"

namespace percepnet::tools {
namespace {

OutputFile &output(void *user) {
    return *static_cast<OutputFile *>(user);
}

/** libsndfile writes through these, so that every failed write is seen, whatever the format. */
SF_VIRTUAL_IO virtual_io() {
    SF_VIRTUAL_IO io{};
    io.get_filelen = [](void *user) -> sf_count_t { return output(user).length(); };
    io.seek = [](sf_count_t offset, int whence, void *user) -> sf_count_t {
        return output(user).seek(offset, whence);
    };
    io.read = [](void *, sf_count_t, void *) -> sf_count_t { return 0; };
    io.write = [](const void *data, sf_count_t count, void *user) -> sf_count_t {
        return output(user).write(data, count);
    };
    io.tell = [](void *user) -> sf_count_t { return output(user).position(); };
    return io;
}

int container_of(const SF_INFO &info) {
    return info.format & SF_FORMAT_TYPEMASK;
}

} // namespace

AudioWriter::AudioWriter(const std::string &path, const SoundReader &like, bool raw)
    : output_(path), original_(like.channels()), resampled_(like.channels()) {
    const bool device = !output_.seekable() && path.find_last_of('.') == std::string::npos;
    const std::string name = path == "-" || device ? "-.wav" : path;
    info_ = output_format(name, like);
    if (!output_.seekable() && !raw && container_of(info_) != SF_FORMAT_WAV &&
        container_of(info_) != SF_FORMAT_WAVEX && container_of(info_) != SF_FORMAT_RF64)
        throw Error(path + " is a pipe or a device: only WAV goes there; name it .wav or use -");
    open(like, raw && path == "-");
    if (is_wav_for_now(name, info_))
        sf_command(file_.get(), SFC_RF64_AUTO_DOWNGRADE, nullptr, SF_TRUE);
    copy_tags(like, file_.get());
    bits_ = integer_bits(info_.format);
    places_ = places_in_file(info_);
    if (info_.samplerate != like.rate())
        resampler_ = std::make_unique<Resampler>(like.rate(), info_.samplerate, like.channels());
}

void AudioWriter::open(const SoundReader &like, bool raw) {
    const bool pipe = !output_.seekable();
    if ((pipe || raw) && integer_bits(info_.format) == 8)
        info_.format = (info_.format & ~SF_FORMAT_SUBMASK) | SF_FORMAT_PCM_16;
    if (pipe && !raw)
        write_wav_header(like);
    if (raw || pipe)
        info_.format = SF_FORMAT_RAW | SF_ENDIAN_LITTLE | (info_.format & SF_FORMAT_SUBMASK);
    largest_ = largest_file(info_.format);
    SF_VIRTUAL_IO io = virtual_io();
    file_.reset(sf_open_virtual(&io, SFM_WRITE, &info_, &output_));
    if (!file_) {
        output_.check();
        throw Error(output_.name() + " cannot be written: " + sf_strerror(nullptr));
    }
}

void AudioWriter::write_wav_header(const SoundReader &like) {
    const std::vector<unsigned char> header = wav_header(
        info_, like.length_known() ? like.length() : 0, bits_of_speakers(like.speakers()));
    output_.write(header.data(), std::int64_t(header.size()));
    output_.check();
    pad_ = sample_bytes(info_.format) % 2 != 0;
}

void AudioWriter::write(const std::vector<double> &interleaved) {
    if (!resampler_)
        return write_samples(interleaved);
    const std::size_t channels = std::size_t(info_.channels);
    original_.resize(interleaved.size() / channels);
    for (std::size_t i = 0; i < interleaved.size(); i++)
        original_[int(i % channels)][i / channels] = float(interleaved[i]);
    resampler_->process(original_, resampled_);
    write_resampled(resampled_);
}

void AudioWriter::write_resampled(const Planar &block) {
    const std::size_t channels = std::size_t(info_.channels);
    std::vector<double> interleaved(block.frames() * channels);
    for (std::size_t i = 0; i < interleaved.size(); i++)
        interleaved[i] = double(block[int(i % channels)][i / channels]);
    write_samples(interleaved);
}

void AudioWriter::write_samples(const std::vector<double> &interleaved) {
    const sf_count_t count = sf_count_t(interleaved.size());
    sf_count_t written = 0;
    if (bits_ == 0) {
        written =
            places_.empty()
                ? sf_write_double(file_.get(), interleaved.data(), count)
                : sf_write_double(file_.get(), in_file_order(interleaved, places_).data(), count);
    } else {
        const double full_scale = std::ldexp(1.0, bits_ - 1);
        const int shift = 32 - bits_;
        integers_.resize(interleaved.size());
        for (std::size_t i = 0; i < interleaved.size(); i++) {
            const double sample = std::isnan(interleaved[i]) ? 0.0 : interleaved[i];
            const double rounded = std::nearbyint(sample * full_scale);
            const double clipped = std::clamp(rounded, -full_scale, full_scale - 1.0);
            integers_[i] = int(std::int64_t(clipped) * (std::int64_t(1) << shift));
        }
        written = sf_write_int(file_.get(), integers_.data(), count);
    }
    output_.check();
    if (written != count)
        throw Error(output_.name() + " cannot be written: " + sf_strerror(file_.get()));
    samples_ += count;
    check_size();
}

void AudioWriter::check_size() {
    if (largest_ > 0 && output_.position() > largest_)
        throw Error(output_.name() + " would be larger than its format allows (4 GB); "
                                     "write .wav, .w64, .caf or .flac");
}

void AudioWriter::close() {
    if (resampler_) {
        resampler_->flush(resampled_);
        write_resampled(resampled_);
    }
    const bool pad = pad_ && samples_ % 2 != 0;
    const int failed = sf_close(file_.release());
    if (pad)
        output_.write("", 1);
    output_.check();
    if (failed != 0)
        throw Error(output_.name() + " cannot be written: " + sf_error_number(failed));
    output_.commit();
}

} // namespace percepnet::tools

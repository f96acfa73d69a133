// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "inspection.hpp"

#include <algorithm>
#include <cmath>

#include "audio_reader.hpp"
#include "error.hpp"

namespace percepnet::tools {
namespace {

constexpr std::size_t kMostSeconds = 120; // to listen to
constexpr int kMostPlayed = 2;            // channels
constexpr double kHopsPerSecond = double(PERCEPNET_SAMPLE_RATE) / PERCEPNET_HOP_SIZE;
constexpr float kPeriodic = 0.4f, kMostLikely = 0.5f; // where the pitch is one

double decibels(double square) {
    return 10.0 * std::log10(square + 1e-10);
}

std::vector<double> values_of(const percepnet_readout &readout, const percepnet_bands &bands) {
    std::vector<double> values(Inspection::kValues);
    const bool voiced =
        bands.pitch_correlation > kPeriodic && readout.voice_probability > kMostLikely;
    values[Inspection::kVoice] = double(readout.voice_probability);
    values[Inspection::kSnr] = double(readout.snr_db);
    values[Inspection::kGain] = double(readout.gain_db);
    values[Inspection::kPitch] = voiced ? double(bands.pitch_hz) : NAN;
    for (std::size_t band = 0; band < PERCEPNET_BANDS; band++) {
        values[Inspection::kGains + band] = double(bands.gain[band]);
        values[Inspection::kStrengths + band] = double(bands.strength[band]);
    }
    return values;
}

/** A file in memory, for libsndfile. */
struct Memory {
    std::vector<unsigned char> bytes;
    std::size_t at = 0;

    static Memory &of(void *user) { return *static_cast<Memory *>(user); }
    static sf_count_t length(void *user) { return sf_count_t(of(user).bytes.size()); }
    static sf_count_t tell(void *user) { return sf_count_t(of(user).at); }
    static sf_count_t seek(sf_count_t offset, int whence, void *user) {
        Memory &file = of(user);
        const sf_count_t from = whence == SEEK_SET   ? 0
                                : whence == SEEK_CUR ? sf_count_t(file.at)
                                                     : length(user);
        file.at = std::size_t(std::max<sf_count_t>(from + offset, 0));
        return sf_count_t(file.at);
    }
    static sf_count_t read(void *data, sf_count_t count, void *user) {
        Memory &file = of(user);
        const std::size_t left = file.bytes.size() - std::min(file.at, file.bytes.size());
        const std::size_t got = std::min(std::size_t(count), left);
        std::copy_n(file.bytes.data() + file.at, got, static_cast<unsigned char *>(data));
        file.at += got;
        return sf_count_t(got);
    }
    static sf_count_t write(const void *data, sf_count_t count, void *user) {
        Memory &file = of(user);
        file.bytes.resize(std::max(file.bytes.size(), file.at + std::size_t(count)));
        std::copy_n(static_cast<const unsigned char *>(data), count, file.bytes.data() + file.at);
        file.at += std::size_t(count);
        return count;
    }
};

} // namespace

Heard::Heard(int rate, int channels)
    : rate_(rate), channels_(std::min(channels, kMostPlayed)), spectrogram_(rate) {}

void Heard::add(const Planar &block, std::size_t frames) {
    spectrogram_.add(block, frames);
    for (std::size_t i = 0; i < frames; i++, frames_++) {
        const auto hop = std::size_t(double(frames_) * kHopsPerSecond / rate_);
        for (; levels_.hops() < hop; square_ = 0.0)
            levels_.add({decibels(square_)});
        for (int c = 0; c < block.channels(); c++) {
            const double x = std::isfinite(block[c][i]) ? double(block[c][i]) : 0.0;
            square_ += x * x * kHopsPerSecond / (double(rate_) * block.channels());
        }
        if (frames_ < kMostSeconds * std::size_t(rate_))
            for (int c = 0; c < channels_; c++)
                sound_.push_back(std::isfinite(block[c][i]) ? block[c][i] : 0.0f);
    }
}

Series Heard::levels() const {
    Series all = levels_;
    if (frames_ > 0)
        all.add({decibels(square_)});
    return all;
}

std::vector<unsigned char> Heard::flac() const {
    Memory memory;
    SF_VIRTUAL_IO calls = {Memory::length, Memory::seek, Memory::read, Memory::write, Memory::tell};
    SF_INFO info{};
    info.samplerate = rate_;
    info.channels = channels_;
    info.format = SF_FORMAT_FLAC | SF_FORMAT_PCM_16;
    FileHandle file(sf_open_virtual(&calls, SFM_WRITE, &info, &memory));
    if (!file)
        throw Error("no page plays sound at " + std::to_string(rate_) + " Hz (" +
                    sf_strerror(nullptr) + "): leave --report out, or convert it first");
    sf_command(file.get(), SFC_SET_CLIPPING, nullptr, SF_TRUE);
    const auto count = sf_count_t(sound_.size());
    if (sf_write_float(file.get(), sound_.data(), count) != count)
        throw Error("the page's sounds cannot be written as FLAC");
    file.reset(); // writes the rest
    return memory.bytes;
}

Inspection::Inspection(int rate, int channels, int latency)
    : rate_(rate), channels_(channels), late_(std::size_t(latency) / PERCEPNET_HOP_SIZE),
      before_(rate, channels), after_(rate, channels), removed_(rate, channels), waiting_(channels),
      difference_(channels) {
    before_.flac(); // fails now, not after the work
}

void Inspection::attach(Pipeline &pipeline) {
    pipeline.on_input.push_back([this](const Planar &block, std::size_t frames) {
        before_.add(block, frames);
        const std::size_t waited = waiting_.frames();
        waiting_.resize(waited + frames);
        for (int c = 0; c < channels_; c++)
            std::copy_n(block[c], frames, waiting_[c] + waited);
    });
    pipeline.on_output.push_back([this](const Planar &block, std::size_t frames) {
        after_.add(block, frames);
        subtract(block, frames);
    });
    pipeline.on_hop.push_back(
        [this](const percepnet_readout &readout, const percepnet_bands &bands) {
            if (late_ > 0)
                late_--;
            else
                hops_.add(values_of(readout, bands));
        });
}

void Inspection::subtract(const Planar &block, std::size_t frames) {
    difference_.resize(frames);
    for (int c = 0; c < channels_; c++)
        for (std::size_t i = 0; i < frames; i++)
            difference_[c][i] = waiting_[c][i] - block[c][i];
    waiting_.drop_front(frames);
    removed_.add(difference_, frames);
}

} // namespace percepnet::tools

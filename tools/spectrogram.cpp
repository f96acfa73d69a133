// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "spectrogram.hpp"

#include <algorithm>
#include <cmath>

namespace percepnet::tools {
namespace {

constexpr double kWindowSeconds = 0.04;
constexpr double kRumble = 80.0; // Hz; below it nothing counts for peak_db()
constexpr std::size_t kMostColumns = 2048;
constexpr float kSilence = 1e-12f; // -120 dB

std::size_t window_size(int rate) {
    std::size_t size = 64;
    while (double(size) < kWindowSeconds * rate)
        size *= 2;
    return size;
}

} // namespace

Spectrogram::Spectrogram(int rate)
    : rate_(rate), size_(window_size(rate)), step_(size_ / 4), window_(size_), pending_(size_ / 2),
      windowed_(size_), spectrum_(bins()), sum_(bins()) {
    fft_.SetFlag(fft_.HalfSpectrum);
    for (std::size_t i = 0; i < size_; i++) // Hann; a full-scale sine gives power 1
        window_[i] =
            float((1.0 - std::cos(2.0 * M_PI * double(i) / double(size_))) * 2.0 / double(size_));
}

void Spectrogram::add(const Planar &block, std::size_t frames) {
    frames_ += frames;
    for (std::size_t i = 0; i < frames; i++) {
        float sum = 0.0f;
        for (int c = 0; c < block.channels(); c++)
            sum += block[c][i];
        pending_.push_back(std::isfinite(sum) ? sum / float(block.channels()) : 0.0f);
        if (pending_.size() == size_)
            analyse();
    }
}

void Spectrogram::analyse() {
    for (std::size_t i = 0; i < size_; i++)
        windowed_[i] = pending_[i] * window_[i];
    pending_.erase(pending_.begin(), pending_.begin() + std::ptrdiff_t(step_));
    fft_.fwd(spectrum_, windowed_);
    std::vector<float> column(bins());
    for (std::size_t bin = 0; bin < column.size(); bin++)
        column[bin] = std::norm(spectrum_[bin]);
    store(std::move(column));
}

void Spectrogram::store(std::vector<float> column) {
    for (std::size_t bin = 0; bin < column.size(); bin++)
        sum_[bin] += column[bin] / float(joined_);
    if (++summed_ < joined_)
        return;
    powers_.push_back(sum_);
    std::fill(sum_.begin(), sum_.end(), 0.0f);
    summed_ = 0;
    if (powers_.size() < kMostColumns)
        return;
    for (std::size_t i = 0; i < kMostColumns / 2; i++)
        for (std::size_t bin = 0; bin < bins(); bin++)
            powers_[i][bin] = 0.5f * (powers_[2 * i][bin] + powers_[2 * i + 1][bin]);
    powers_.resize(kMostColumns / 2);
    joined_ *= 2;
}

double Spectrogram::column_time() const {
    return double(joined_ * step_) / rate_;
}

float Spectrogram::level_db(std::size_t column, std::size_t bin) const {
    return 10.0f * std::log10(std::max(powers_[column][bin], kSilence));
}

float Spectrogram::peak_db() const {
    auto lowest = std::ptrdiff_t(kRumble * double(size_) / rate_);
    if (lowest >= std::ptrdiff_t(bins())) // the rate is so low that all is rumble
        lowest = 0;
    float peak = kSilence;
    for (const auto &column : powers_)
        peak = std::max(peak, *std::max_element(column.begin() + lowest, column.end()));
    return 10.0f * std::log10(peak);
}

} // namespace percepnet::tools

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <complex>
#include <string>
#include <vector>

#include <unsupported/Eigen/FFT>

#include "planar.hpp"

namespace percepnet::tools {

/** Power over time and frequency of a sound of any length, in bounded memory: when there are too
    many columns, neighbours are joined. Channels are averaged. */
class Spectrogram {
public:
    explicit Spectrogram(int rate);

    void add(const Planar &block, std::size_t frames);

    int rate() const { return rate_; }
    double duration() const { return double(frames_) / rate_; } // s
    std::size_t columns() const { return powers_.size(); }
    std::size_t bins() const { return size_ / 2 + 1; }
    double column_time() const; // s from one column to the next
    /** dB, 0 for a full-scale sine. */
    float level_db(std::size_t column, std::size_t bin) const;
    float peak_db() const;

private:
    void analyse();
    void store(std::vector<float> column);

    int rate_;
    std::size_t size_, step_;
    std::size_t frames_ = 0;
    std::size_t joined_ = 1; // analysed columns in a stored one
    std::vector<float> window_, pending_;
    std::vector<float> windowed_;
    std::vector<std::complex<float>> spectrum_; // bins()
    Eigen::FFT<float> fft_;
    std::vector<std::vector<float>> powers_;
    std::vector<float> sum_;
    std::size_t summed_ = 0;
};

/** Both side by side in a PNG file. @throws Error */
void draw_spectrograms(const std::string &path, const Spectrogram &before,
                       const Spectrogram &after);

} // namespace percepnet::tools

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <vector>

namespace percepnet::tools {

/** Samples of some channels, one array for each; grows, never shrinks its memory. */
class Planar {
public:
    explicit Planar(int channels) : samples_(std::size_t(channels)), pointers_(samples_.size()) {}

    void resize(std::size_t frames) {
        frames_ = frames;
        for (std::size_t c = 0; c < samples_.size(); c++) {
            if (samples_[c].size() < frames)
                samples_[c].resize(frames);
            pointers_[c] = samples_[c].data();
        }
    }

    /** Forget the first frames. */
    void drop_front(std::size_t frames) {
        for (auto &channel : samples_)
            for (std::size_t i = frames; i < frames_; i++)
                channel[i - frames] = channel[i];
        frames_ -= frames;
    }

    int channels() const { return int(samples_.size()); }
    std::size_t frames() const { return frames_; }
    float *operator[](int channel) { return samples_[std::size_t(channel)].data(); }
    const float *operator[](int channel) const { return samples_[std::size_t(channel)].data(); }
    float *const *pointers() const { return pointers_.data(); }

private:
    std::vector<std::vector<float>> samples_;
    std::vector<float *> pointers_;
    std::size_t frames_ = 0;
};

} // namespace percepnet::tools

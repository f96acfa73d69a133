// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The decoded corpus that training/prepare.py writes, mapped into memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace percepnet::training {

struct Recording {
    int64_t offset, length; // samples
    float bandwidth_hz;
    float level_db; // RMS of the active part, dB of full scale
    float snr_db;   // speech: estimated; rooms: direct to reverberant ratio
    int group;      // speaker, session or place
    std::string category;
};

// One kind and split: KIND.SPLIT.pcm and KIND.SPLIT.tsv.
class Corpus {
public:
    Corpus(const std::string &folder, const std::string &kind, const std::string &split);
    ~Corpus();
    Corpus(const Corpus &) = delete;
    Corpus &operator=(const Corpus &) = delete;

    const std::vector<Recording> &recordings() const { return recordings_; }
    // Indices of the recordings whose category begins with the word (all when it is empty).
    std::vector<int> find(const std::string &word) const;
    // Indices of the noises of the given kinds, what follows the colon of their category.
    std::vector<int> find_kinds(const std::vector<std::string> &kinds) const;
    // count samples of a recording from `start` as float of full scale 1; zeros outside of it.
    void read_s16(const Recording &r, int64_t start, int64_t count, float gain, float *out) const;
    const float *read_f32(const Recording &r) const;

private:
    void read_index(const std::string &path);
    void map(const std::string &path);
    std::vector<Recording> recordings_;
    void *data_ = nullptr;
    size_t bytes_ = 0;
};

} // namespace percepnet::training

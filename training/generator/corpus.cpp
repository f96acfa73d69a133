// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "corpus.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace percepnet::training {

Corpus::Corpus(const std::string &folder, const std::string &kind, const std::string &split) {
    const std::string stem = folder + "/" + kind + "." + split;
    read_index(stem + ".tsv");
    map(stem + ".pcm");
    const size_t sample = kind == "rooms" ? sizeof(float) : sizeof(int16_t);
    for (const Recording &r : recordings_)
        if (static_cast<size_t>(r.offset + r.length) * sample > bytes_)
            throw std::runtime_error(stem +
                                     ".pcm is shorter than its index says; run prepare.py again");
}

Corpus::~Corpus() {
    if (data_)
        munmap(data_, bytes_);
}

void Corpus::read_index(const std::string &path) {
    std::ifstream file(path);
    if (!file)
        throw std::runtime_error("cannot read " + path + "; run prepare.py first");
    std::map<std::string, int> groups;
    std::string line, group;
    std::getline(file, line); // header
    while (std::getline(file, line)) {
        std::istringstream fields(line);
        Recording r{};
        fields >> r.offset >> r.length >> r.bandwidth_hz >> r.level_db >> r.snr_db >> group >>
            r.category;
        if (!fields)
            throw std::runtime_error(path + ": bad line: " + line);
        r.group = groups.try_emplace(group, static_cast<int>(groups.size())).first->second;
        recordings_.push_back(r);
    }
    if (recordings_.empty())
        throw std::runtime_error(path + " lists no recording");
}

void Corpus::map(const std::string &path) {
    const int file = open(path.c_str(), O_RDONLY);
    struct stat info {};
    if (file < 0 || fstat(file, &info) != 0)
        throw std::runtime_error("cannot open " + path);
    bytes_ = static_cast<size_t>(info.st_size);
    void *data = mmap(nullptr, bytes_, PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (data == MAP_FAILED)
        throw std::runtime_error("cannot map " + path);
    data_ = data;
}

std::vector<int> Corpus::find(const std::string &word) const {
    std::vector<int> found;
    for (size_t i = 0; i < recordings_.size(); i++)
        if (recordings_[i].category.compare(0, word.size(), word) == 0)
            found.push_back(static_cast<int>(i));
    return found;
}

std::vector<int> Corpus::find_kinds(const std::vector<std::string> &kinds) const {
    std::vector<int> found;
    for (size_t i = 0; i < recordings_.size(); i++) {
        const std::string &category = recordings_[i].category;
        const std::string kind = category.substr(category.find(':') + 1);
        if (std::find(kinds.begin(), kinds.end(), kind) != kinds.end())
            found.push_back(static_cast<int>(i));
    }
    return found;
}

void Corpus::read_s16(const Recording &r, int64_t start, int64_t count, float gain,
                      float *out) const {
    const int64_t first = std::clamp<int64_t>(-start, 0, count);
    const int64_t last = std::clamp<int64_t>(r.length - start, first, count);
    const int16_t *from = static_cast<const int16_t *>(data_) + r.offset + start;
    std::fill(out, out + first, 0.f);
    for (int64_t i = first; i < last; i++)
        out[i] = static_cast<float>(from[i]) * (gain / 32768.f);
    std::fill(out + last, out + count, 0.f);
}

const float *Corpus::read_f32(const Recording &r) const {
    return static_cast<const float *>(data_) + r.offset;
}

} // namespace percepnet::training

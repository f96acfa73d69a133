// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "unfinished_wav.hpp"

#include <algorithm>
#include <cctype>

#include "bytes.hpp"

namespace percepnet::tools {
namespace {

constexpr std::uint64_t kHead = 8; // bytes of a chunk's name and size
constexpr int kMostChunks = 1000;

bool is_name(const std::string &name) {
    return std::all_of(name.begin(), name.end(),
                       [](unsigned char c) { return std::isprint(c) != 0; });
}

/** Chunks fill the rest of the file, but for less than one; the last may lack its filling. */
bool are_chunks(Bytes &bytes, std::uint64_t at) {
    for (int i = 0; i < kMostChunks && at + kHead <= bytes.size(); i++) {
        if (!is_name(bytes.text(at, 4)))
            return false;
        const std::uint64_t size = bytes.number(at + 4, 4, false);
        at += kHead + size + size % 2;
    }
    return at <= bytes.size() + 1 && bytes.size() < at + kHead;
}

UnfinishedWav &wav(void *user) {
    return *static_cast<UnfinishedWav *>(user);
}

} // namespace

bool is_unfinished_wav(const std::string &path) {
    Bytes bytes(path);
    if (bytes.text(0, 4) != "RIFF" || bytes.text(8, 4) != "WAVE")
        return false;
    std::uint64_t at = 12;
    for (int i = 0; i < kMostChunks && at + kHead < bytes.size(); i++) {
        const std::uint64_t size = bytes.number(at + 4, 4, false);
        if (bytes.text(at, 4) == "data")
            return size == 0 && !are_chunks(bytes, at + kHead);
        at += kHead + size + size % 2;
    }
    return false;
}

UnfinishedWav::UnfinishedWav(const std::string &path)
    : file_(path, std::ios::binary | std::ios::ate), size_(file_ ? sf_count_t(file_.tellg()) : 0) {}

SNDFILE *UnfinishedWav::open(SF_INFO &info) {
    SF_VIRTUAL_IO io{};
    io.get_filelen = [](void *user) { return wav(user).size_; };
    io.seek = [](sf_count_t offset, int whence, void *user) {
        return wav(user).seek(offset, whence);
    };
    io.read = [](void *to, sf_count_t count, void *user) { return wav(user).read(to, count); };
    io.write = [](const void *, sf_count_t, void *) -> sf_count_t { return 0; };
    io.tell = [](void *user) { return wav(user).at_; };
    return sf_open_virtual(&io, SFM_READ, &info, this);
}

sf_count_t UnfinishedWav::seek(sf_count_t offset, int whence) {
    at_ = offset + (whence == SEEK_SET ? 0 : whence == SEEK_CUR ? at_ : size_);
    return at_;
}

/** The size of all (bytes 4 to 7) reads 8, libsndfile's sign of a file that was not closed. */
sf_count_t UnfinishedWav::read(void *to, sf_count_t count) {
    constexpr sf_count_t kSize = 4;
    constexpr char kEight[] = {8, 0, 0, 0};
    file_.clear();
    file_.seekg(at_);
    file_.read(static_cast<char *>(to), count);
    const sf_count_t got = file_.gcount();
    for (sf_count_t i = std::max(at_, kSize); i < std::min(at_ + got, kSize + 4); i++)
        static_cast<char *>(to)[i - at_] = kEight[i - kSize];
    at_ += got;
    return got;
}

} // namespace percepnet::tools

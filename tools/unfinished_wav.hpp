// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <fstream>
#include <string>

#include <sndfile.h>

namespace percepnet::tools {

/** Whether a WAV's header says that it holds no sound though it does: its recorder died before it
    wrote the length. What follows such a header are samples, and no chunks up to the file's end. */
bool is_unfinished_wav(const std::string &path);

/** An unfinished WAV with a header from which libsndfile (any since 1.0) sees that, and takes all
   that follows for sound. */
class UnfinishedWav {
public:
    explicit UnfinishedWav(const std::string &path);
    /** For reading only; for as long as this lives. */
    SNDFILE *open(SF_INFO &info);

private:
    sf_count_t seek(sf_count_t offset, int whence);
    sf_count_t read(void *to, sf_count_t count);

    std::ifstream file_;
    sf_count_t size_ = 0, at_ = 0;
};

} // namespace percepnet::tools

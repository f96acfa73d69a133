// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "output_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.hpp"

namespace percepnet::tools {
namespace {

constexpr int kMostLinks = 40;

/** The file that a chain of symbolic links ends at, there or not: the links stay. */
std::string behind_links(const std::string &path) {
    std::filesystem::path name = path;
    std::error_code none;
    for (int i = 0; i < kMostLinks && std::filesystem::is_symlink(name, none); i++) {
        const std::filesystem::path target = std::filesystem::read_symlink(name, none);
        name = target.is_absolute() ? target : name.parent_path() / target;
    }
    return name.string();
}

mode_t read_mask() {
    const mode_t mask = umask(0);
    umask(mask);
    return mask;
}

/** Read before main(): to read it is to change it, which other threads would notice. */
const mode_t kMask = read_mask();

mode_t mode_of_new_file(const std::string &path) {
    struct stat status {};
    if (stat(path.c_str(), &status) == 0)
        return status.st_mode & 07777;
    return 0666 & ~kMask;
}

bool is_direct(const std::string &path) {
    struct stat status {};
    return stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
}

bool can_seek(int descriptor) {
    struct stat status {};
    return fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) &&
           !(fcntl(descriptor, F_GETFL) & O_APPEND);
}

} // namespace

OutputFile::OutputFile(const std::string &path)
    : name_(path == "-" ? "standard output" : path), path_(path) {
    if (path == "-") {
        descriptor_ = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    } else if (is_direct(path)) {
        descriptor_ = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    } else {
        path_ = behind_links(path);
        open_beside();
    }
    if (descriptor_ < 0)
        fail(errno);
    seekable_ = can_seek(descriptor_);
    base_ = seekable_ && beside_.empty() ? lseek(descriptor_, 0, SEEK_CUR) : 0;
}

void OutputFile::open_beside() {
    // A file that may not be written is not replaced either.
    if (access(path_.c_str(), F_OK) == 0 && access(path_.c_str(), W_OK) != 0)
        fail(errno);
    const std::filesystem::path place(path_);
    beside_ = (place.parent_path() / (".percepnet-XXXXXX")).string();
    descriptor_ = mkostemp(beside_.data(), O_CLOEXEC);
    if (descriptor_ < 0)
        beside_.clear();
    else
        fchmod(descriptor_, mode_of_new_file(path_));
}

OutputFile::~OutputFile() {
    if (descriptor_ >= 0)
        close(descriptor_);
    if (!beside_.empty())
        unlink(beside_.c_str());
}

std::int64_t OutputFile::write(const void *data, std::int64_t count) {
    const char *from = static_cast<const char *>(data);
    std::int64_t done = 0;
    while (done < count && failure_ == 0) {
        const ssize_t written = ::write(descriptor_, from + done, std::size_t(count - done));
        if (written >= 0)
            done += written;
        else if (errno != EINTR)
            failure_ = errno;
    }
    return done;
}

std::int64_t OutputFile::seek(std::int64_t offset, int whence) {
    const off_t to = lseek(descriptor_, whence == SEEK_SET ? offset + base_ : offset, whence);
    return to < 0 ? -1 : to - base_;
}

std::int64_t OutputFile::position() {
    return seek(0, SEEK_CUR);
}

std::int64_t OutputFile::length() {
    struct stat status {};
    return fstat(descriptor_, &status) == 0 ? status.st_size - base_ : -1;
}

void OutputFile::check() const {
    if (failure_ != 0)
        fail(failure_);
}

void OutputFile::commit() {
    check();
    const bool on_disk = !seekable_ || fsync(descriptor_) == 0 || errno == EINVAL;
    if (!on_disk)
        fail(errno);
    if (close(std::exchange(descriptor_, -1)) != 0)
        fail(errno);
    if (beside_.empty())
        return;
    if (rename(beside_.c_str(), path_.c_str()) != 0)
        fail(errno);
    beside_.clear();
}

void OutputFile::fail(int reason) const {
    const char *advice = reason == EPIPE    ? "the program at the other end of the pipe has gone"
                         : reason == ENOENT ? "check that the folder exists"
                         : reason == EACCES ? "check the permissions of the file and its folder"
                         : reason == ENOSPC || reason == EDQUOT || reason == EFBIG
                             ? "make room, or write elsewhere"
                             : "write elsewhere";
    throw Error(name_ + " cannot be written (" + std::strerror(reason) + "): " + advice);
}

void check_writable(const std::string &path) {
    std::error_code none;
    if (path != "-" && (!is_direct(path) || std::filesystem::is_directory(path, none)))
        const OutputFile file(path);
}

} // namespace percepnet::tools

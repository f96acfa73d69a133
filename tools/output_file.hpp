// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <string>

namespace percepnet::tools {

/** A file to write that is there whole or not at all: it grows beside its place, under a name of
   its own, and takes its place in commit(). Until then what was there before stays. A pipe, a
   device and standard output ("-") are written directly. */
class OutputFile {
public:
    /** @throws Error */
    explicit OutputFile(const std::string &path);
    /** Without commit(): nothing is left, what was there stays. */
    ~OutputFile();
    OutputFile(const OutputFile &) = delete;
    OutputFile &operator=(const OutputFile &) = delete;

    /** False: a pipe, a terminal, or a file that is only appended to. */
    bool seekable() const { return seekable_; }
    /** What the user calls it. */
    const std::string &name() const { return name_; }

    /** @return the bytes written; fewer than count after a failure, which check() tells. */
    std::int64_t write(const void *data, std::int64_t count);
    /** @return the new position; whence as for lseek() */
    std::int64_t seek(std::int64_t offset, int whence);
    std::int64_t position();
    std::int64_t length();

    /** @throws Error if any write() failed, with the reason */
    void check() const;
    /** All that was written is on the disk and in its place. @throws Error */
    void commit();

private:
    void open_beside();
    [[noreturn]] void fail(int reason) const;

    std::string name_;
    std::string path_;   // where it is to be, links followed
    std::string beside_; // where it grows; empty: written directly
    int descriptor_ = -1;
    bool seekable_ = false;
    std::int64_t base_ = 0; // where standard output stood
    int failure_ = 0;       // errno of the first failed write
};

/** Tells before the work what would fail after it. A pipe or a device is not opened: who reads it
    may wait for another output. @throws Error if no file can grow at path */
void check_writable(const std::string &path);

} // namespace percepnet::tools

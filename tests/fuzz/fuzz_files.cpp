// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The command line's reader and writer. An input is a sound file as it is, or "raw s16:48000:1" and
// such, a newline and samples. What is read is written with its tags, and read again.
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <string>

#include <unistd.h>

#include "audio_reader.hpp"
#include "audio_writer.hpp"
#include "error.hpp"
#include "memory_file.hpp"
#include "require.hpp"

using namespace percepnet::tools;
using percepnet::fuzz::MemoryFile;
using percepnet::fuzz::require;

namespace {

constexpr std::size_t kBlock = 512; // frames
constexpr std::size_t kMostSamples = 1 << 16;
constexpr const char *kExtensions[] = {"wav", "aiff", "au", "caf", "w64", "rf64", "flac"};

/** Gone at the end of the process. */
struct Folder {
    std::filesystem::path path;
    Folder() {
        const std::filesystem::path memory = "/dev/shm"; // the writer waits for a disk
        std::string name =
            ((is_directory(memory) ? memory : std::filesystem::temp_directory_path()) /
             "percepnet-XXXXXX")
                .string();
        require(mkdtemp(name.data()) != nullptr);
        path = name;
    }
    ~Folder() { std::filesystem::remove_all(path); }
};

/** Frames that got through. */
std::int64_t copy(AudioReader &reader, const std::string &to, bool raw) {
    const std::size_t most = kMostSamples / std::size_t(reader.channels());
    AudioWriter writer(to, reader, raw);
    Planar block(reader.channels());
    std::int64_t frames = 0;
    while (std::size_t(frames) < most) {
        reader.read(block, kBlock);
        if (block.frames() == 0)
            break;
        if (frames % 1024 == 0)
            writer.write(block, block.frames());
        else
            writer.write(reader.exact());
        frames += std::int64_t(block.frames());
    }
    writer.close();
    return frames;
}

void read_and_write(const std::string &in, const std::string &out, const RawFormat &raw) {
    std::int64_t frames = 0;
    try {
        AudioReader reader(in, raw);
        frames = copy(reader, out, raw.rate > 0);
        reader.missing();
    } catch (const Error &error) {
        require(error.what()[0] != '\0');
        return;
    }
    if (frames == 0) // a FLAC of no samples is an empty file to libsndfile
        return;
    AudioReader written(out, RawFormat());
    Planar block(written.channels());
    std::int64_t back = 0;
    do {
        written.read(block, kBlock);
        back += std::int64_t(block.frames());
    } while (block.frames() > 0);
    require(back == frames && written.missing().empty());
    std::filesystem::remove(out);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    static const Folder folder;
    const std::string text(reinterpret_cast<const char *>(data), size);
    const std::string out =
        folder.path / (std::string("out.") + kExtensions[size % std::size(kExtensions)]);
    std::size_t begin = 0;
    RawFormat raw;
    if (text.compare(0, 4, "raw ") == 0 && text.find('\n') != std::string::npos) {
        begin = text.find('\n') + 1;
        try {
            raw = parse_raw_format(text.substr(4, begin - 5));
        } catch (const UsageError &) {
            return 0;
        }
    }
    const MemoryFile file(data + begin, size - begin);
    read_and_write(file.path(), out, raw);
    return 0;
}

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Headers of files beyond 2 and 4 GB. Silence is written as a hole in the file (write() is replaced
// here), so that this takes seconds and no room on the disk.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "audio_writer.hpp"
#include "error.hpp"

#include <check.h> // last: it has a macro named fail

extern "C" ssize_t write(int file, const void *data, size_t size) {
    const char *bytes = static_cast<const char *>(data);
    struct stat status {};
    const bool zeros = size > 0 && bytes[0] == 0 && std::memcmp(bytes, bytes + 1, size - 1) == 0;
    if (!zeros || fstat(file, &status) != 0 || !S_ISREG(status.st_mode))
        return syscall(SYS_write, file, data, size);
    const off_t end = lseek(file, off_t(size), SEEK_CUR);
    if (end > status.st_size && ftruncate(file, end) != 0)
        return -1;
    return ssize_t(size);
}

using namespace percepnet::tools;

namespace {

constexpr std::int64_t kGiB = std::int64_t(1) << 30;
constexpr int kChannels = 64;
constexpr std::int64_t kFrame = 8 * kChannels; // bytes: doubles

std::filesystem::path folder;

RawFormat raw(int subtype, int channels) {
    RawFormat format;
    format.subtype = subtype;
    format.rate = 48000;
    format.channels = channels;
    return format;
}

// A reader that does not know its length, as of a pipe.
AudioReader endless() {
    const int nothing = open("/dev/null", O_RDONLY);
    dup2(nothing, STDIN_FILENO);
    close(nothing);
    return AudioReader("-", raw(SF_FORMAT_DOUBLE, kChannels));
}

std::string write_silence(const std::string &name, std::int64_t bytes) {
    const std::string path = (folder / name).string();
    const AudioReader like = endless();
    AudioWriter writer(path, like, false);
    const std::vector<double> block(std::size_t(1) << 20);
    for (std::int64_t left = bytes / kFrame * kChannels; left > 0; left -= block.size())
        writer.write(std::vector<double>(
            block.begin(), block.begin() + std::min<std::int64_t>(left, block.size())));
    writer.close();
    return path;
}

std::string magic(const std::string &path) {
    std::string bytes(4, '\0');
    std::ifstream(path, std::ios::binary).read(bytes.data(), 4);
    return bytes;
}

void check_frames(const std::string &path, std::int64_t bytes) {
    SF_INFO info{};
    const FileHandle file(sf_open(path.c_str(), SFM_READ, &info));
    ck_assert_ptr_nonnull(file.get());
    ck_assert_int_eq(info.frames, bytes / kFrame);
    std::filesystem::remove(path);
}

} // namespace

START_TEST(a_wav_of_unknown_length_is_rf64_only_beyond_4_gb) {
    for (const std::int64_t bytes : {kFrame, 3 * kGiB, 4 * kGiB + 100 * kFrame}) {
        const std::string path = write_silence("a.wav", bytes);
        const std::string kind = magic(path);
        ck_assert_str_eq(kind.c_str(), bytes > 4 * kGiB ? "RF64" : "RIFF");
        check_frames(path, bytes);
    }
}
END_TEST

START_TEST(formats_with_64_bit_sizes_hold_more_than_4_gb) {
    for (const char *name : {"a.w64", "a.caf", "a.rf64"}) {
        const std::int64_t bytes = 4 * kGiB + 100 * kFrame;
        check_frames(write_silence(name, bytes), bytes);
    }
}
END_TEST

START_TEST(formats_with_32_bit_sizes_say_so_and_leave_nothing) {
    for (const char *name : {"a.aiff", "a.au"}) {
        try {
            write_silence(name, 4 * kGiB + 100 * kFrame);
            ck_abort_msg("%s was written", name);
        } catch (const Error &error) {
            ck_assert_msg(std::strstr(error.what(), "4 GB"), "%s", error.what());
        }
        ck_assert(std::filesystem::is_empty(folder));
    }
}
END_TEST

START_TEST(a_known_length_decides_by_its_own_bytes) {
    for (const std::int64_t bytes : {3 * kGiB, 5 * kGiB}) {
        const std::string in = (folder / "in.raw").string(), out = (folder / "out.wav").string();
        std::ofstream(in).close();
        std::filesystem::resize_file(in, std::uintmax_t(bytes));
        AudioReader reader(in, raw(SF_FORMAT_PCM_16, 1));
        AudioWriter writer(out, reader, false);
        writer.write(std::vector<double>(480, 0.5));
        writer.close();
        const std::string kind = magic(out);
        ck_assert_str_eq(kind.c_str(), "RIFF"); // that it became, or stayed
        std::filesystem::remove(in);
        std::ifstream file(out, std::ios::binary);
        std::string head(16, '\0');
        file.read(head.data(), 16);
        const std::string chunk = head.substr(12, 4);
        ck_assert_str_eq(chunk.c_str(), bytes < 4 * kGiB ? "fmt " : "JUNK");
        file.close();
        std::filesystem::remove(out);
    }
}
END_TEST

int main() {
    char name[] = "/tmp/percepnet-test-XXXXXX";
    folder = mkdtemp(name);
    Suite *suite = suite_create("long files");
    for (const TTest *test : {a_wav_of_unknown_length_is_rf64_only_beyond_4_gb,
                              formats_with_64_bit_sizes_hold_more_than_4_gb,
                              formats_with_32_bit_sizes_say_so_and_leave_nothing,
                              a_known_length_decides_by_its_own_bytes}) {
        TCase *tcase = tcase_create(test->name);
        tcase_set_timeout(tcase, 600);
        tcase_add_test(tcase, test);
        suite_add_tcase(suite, tcase);
    }
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    std::filesystem::remove_all(folder);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

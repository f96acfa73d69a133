// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Memory that runs out at every single allocation, memory that must not leak, and model files that
// are none. malloc() is replaced here and fails when it is told to.
#include <malloc.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>

#include "stream.hpp"

namespace {

thread_local long until_failure = -1; // allocations that still succeed; -1: all
thread_local size_t asked = 0;        // bytes, by this thread
bool failed = false;

bool fails_now() {
    if (until_failure < 0)
        return false;
    if (until_failure > 0)
        return until_failure--, false;
    failed = true;
    errno = ENOMEM;
    return true; // and all that follow
}

} // namespace

extern "C" {
void *__libc_malloc(size_t size);
void *__libc_memalign(size_t alignment, size_t size);

void *malloc(size_t size) {
    asked += size;
    return fails_now() ? nullptr : __libc_malloc(size);
}
void *aligned_alloc(size_t alignment, size_t size) {
    asked += size;
    return fails_now() ? nullptr : __libc_memalign(alignment, size);
}
int posix_memalign(void **memory, size_t alignment, size_t size) {
    asked += size;
    *memory = fails_now() ? nullptr : __libc_memalign(alignment, size);
    return *memory ? 0 : ENOMEM;
}
}

using namespace support;

namespace {

// Fails at the first allocation, the second ... until make() needs no more; every time a clean
// error.
template <typename Make> long fail_everywhere(Make make) {
    for (long count = 0;; count++) {
        percepnet_error error;
        until_failure = count;
        failed = false;
        const bool made = make(&error);
        until_failure = -1;
        if (!failed) {
            ck_assert(made);
            return count;
        }
        if (!made) {
            ck_assert_int_eq(error.status, PERCEPNET_ERROR_MEMORY);
            ck_assert_str_eq(error.message, "out of memory");
        }
    }
}

std::string read_default_model() {
    std::ifstream file(MODEL_FILE, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

size_t bytes_in_use() {
    return mallinfo2().uordblks + mallinfo2().hblkhd;
}

} // namespace

START_TEST(create_fails_cleanly_at_every_allocation) {
    percepnet_model_unref(percepnet_model_default(nullptr));
    for (const int channels : {1, 3}) {
        percepnet_params params;
        percepnet_params_init(&params);
        params.channels = channels;
        params.channel_mode = PERCEPNET_CHANNELS_INDEPENDENT;
        const long count = fail_everywhere([&](percepnet_error *error) {
            const Stream stream(percepnet_create(&params, error));
            return stream != nullptr;
        });
        ck_assert_int_gt(count, 10);
    }
}
END_TEST

START_TEST(a_wrong_argument_without_memory_is_a_clean_error) {
    percepnet_params params;
    percepnet_params_init(&params);
    params.channels = 65;
    for (long count = 0; count < 20; count++) {
        percepnet_error error;
        until_failure = count;
        percepnet_stream *const stream = percepnet_create(&params, &error);
        until_failure = -1;
        ck_assert_ptr_null(stream);
        ck_assert(error.status == PERCEPNET_ERROR_ARGUMENT ||
                  error.status == PERCEPNET_ERROR_MEMORY);
        ck_assert_str_ne(error.message, "");
    }
}
END_TEST

START_TEST(loading_fails_cleanly_at_every_allocation) {
    const std::string data = read_default_model();
    ck_assert_uint_gt(data.size(), 1000);
    const long count = fail_everywhere([&](percepnet_error *error) {
        percepnet_model *const model = percepnet_model_from_memory(data.data(), data.size(), error);
        percepnet_model_unref(model);
        return model != nullptr;
    });
    ck_assert_int_gt(count, 100);
}
END_TEST

START_TEST(the_built_in_model_can_be_had_after_memory_ran_out) {
    fail_everywhere([&](percepnet_error *error) {
        percepnet_model *const model = percepnet_model_default(error);
        percepnet_model_unref(model);
        return model != nullptr;
    });
}
END_TEST

START_TEST(ten_thousand_streams_leave_nothing) {
    percepnet_model *const model = percepnet_model_default(nullptr);
    percepnet_params params;
    percepnet_params_init(&params);
    params.model = model;
    Samples block(960, 0.1f);
    float *pointer = block.data();
    size_t before = 0;
    for (int i = 0; i < 10000; i++) {
        params.channels = 1 + i % 2;
        const Stream stream(percepnet_create(&params, nullptr));
        ck_assert_ptr_nonnull(stream.get());
        if (i % 1000 == 0 && params.channels == 1)
            percepnet_process(stream.get(), &pointer, &pointer, block.size());
        if (i == 100)
            before = bytes_in_use();
    }
    ck_assert_int_le(std::labs(long(bytes_in_use()) - long(before)), 1 << 19);
    percepnet_model_unref(model);
}
END_TEST

START_TEST(threads_that_find_no_work_ask_for_no_memory) {
    for (const int channels : {1, 3}) {
        const auto bytes_for = [&](int threads) {
            const auto stream = make_stream([&](percepnet_params &params) {
                params.channels = channels;
                params.channel_mode = PERCEPNET_CHANNELS_INDEPENDENT;
            });
            const Samples x(240000);
            Samples y(x.size());
            const std::vector<const float *> in(size_t(channels), x.data());
            const std::vector<float *> out(size_t(channels), y.data());
            asked = 0;
            percepnet_process_bulk(stream.get(), in.data(), out.data(), x.size(), threads);
            return asked;
        };
        const size_t some = bytes_for(16), many = bytes_for(1000);
        ck_assert_uint_gt(some, size_t(channels) << 19);
        ck_assert_msg(many < some + some / 8, "%zu bytes for 16 threads, %zu for 1000", some, many);
    }
}
END_TEST

namespace {

std::string temporary(const char *name) {
    char folder[] = "/tmp/percepnet-test-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(folder));
    return std::string(folder) + "/" + name;
}

void remove_with_folder(const std::string &path) {
    unlink(path.c_str());
    rmdir(path.substr(0, path.rfind('/')).c_str());
}

std::string refusal(const std::string &path) {
    percepnet_error error;
    ck_assert_ptr_null(percepnet_model_open(path.c_str(), &error));
    return error.message;
}

} // namespace

START_TEST(a_pipe_a_device_and_a_folder_are_no_models) {
    const std::string fifo = temporary("fifo");
    ck_assert_int_eq(mkfifo(fifo.c_str(), 0600), 0);
    for (const std::string &path : {fifo, std::string("/dev/zero"), std::string("/tmp")})
        ck_assert(refusal(path).find("no ordinary file") != std::string::npos);
    remove_with_folder(fifo);
}
END_TEST

START_TEST(a_huge_file_is_refused_without_being_read) {
    const std::string path = temporary("film.mkv");
    std::ofstream(path).close();
    ck_assert_int_eq(truncate(path.c_str(), off_t(20) << 30), 0);
    rusage before{}, after{};
    getrusage(RUSAGE_SELF, &before);
    ck_assert(refusal(path).find("larger than 256 MiB") != std::string::npos);
    getrusage(RUSAGE_SELF, &after);
    ck_assert_int_lt(after.ru_maxrss - before.ru_maxrss, 8 << 10); // KiB
    remove_with_folder(path);
}
END_TEST

int main() {
    return run(
        "memory",
        {create_fails_cleanly_at_every_allocation, a_wrong_argument_without_memory_is_a_clean_error,
         loading_fails_cleanly_at_every_allocation,
         the_built_in_model_can_be_had_after_memory_ran_out, ten_thousand_streams_leave_nothing,
         threads_that_find_no_work_ask_for_no_memory, a_pipe_a_device_and_a_folder_are_no_models,
         a_huge_file_is_refused_without_being_read});
}

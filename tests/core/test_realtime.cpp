// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// percepnet_process() and its companions allocate nothing, lock nothing and make no system call:
// the C library's functions are replaced here and count while a stream works.
#include <dlfcn.h>
#include <pthread.h>

#include <atomic>
#include <thread>

#include "every_call.hpp"

namespace {

std::atomic<bool> watching{false};
std::atomic<int> forbidden{0}, threads_started{0};
thread_local bool watched = false;

void note() {
    if (watching.load(std::memory_order_relaxed) && watched)
        forbidden++;
}

template <typename Function> Function next(const char *name) {
    return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

} // namespace

extern "C" {
void *__libc_malloc(size_t size);
void __libc_free(void *pointer);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *pointer, size_t size);

void *malloc(size_t size) {
    note();
    return __libc_malloc(size);
}
void free(void *pointer) {
    note();
    __libc_free(pointer);
}
void *calloc(size_t count, size_t size) {
    note();
    return __libc_calloc(count, size);
}
void *realloc(void *pointer, size_t size) {
    note();
    return __libc_realloc(pointer, size);
}
int pthread_mutex_lock(pthread_mutex_t *mutex) {
    static const auto real = next<int (*)(pthread_mutex_t *)>("pthread_mutex_lock");
    note();
    return real(mutex);
}
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*work)(void *),
                   void *argument) {
    static const auto real =
        next<int (*)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *)>(
            "pthread_create");
    threads_started++;
    return real(thread, attributes, work, argument);
}
ssize_t write(int file, const void *data, size_t size) {
    static const auto real = next<ssize_t (*)(int, const void *, size_t)>("write");
    note();
    return real(file, data, size);
}
}

using namespace support;

START_TEST(the_watch_sees_an_allocation) {
    watched = true;
    watching = true;
    void *volatile pointer = malloc(100);
    free(pointer);
    watching = false;
    ck_assert_int_ge(forbidden.exchange(0), 2);
}
END_TEST

START_TEST(a_working_stream_does_nothing_forbidden) {
    for (const int channels : {1, 2, 6}) {
        Working working(channels);
        watched = true;
        watching = true;
        working.call_everything();
        watching = false;
        ck_assert_int_eq(forbidden.exchange(0), 0);
    }
}
END_TEST

// What a caller allows, of one batch of eight hops only as many as there are groups of channels.
START_TEST(a_bulk_call_starts_no_thread_that_it_cannot_use) {
    const struct {
        int channels, threads;
        std::size_t frames;
        int started;
    } cases[] = {{1, 8, 480, 0},  {1, 8, 3840, 0},  {2, 8, 1000, 1}, {1, 1, 96000, 0},
                 {1, 2, 7680, 1}, {1, 3, 96000, 2}, {1, 8, 7680, 1}};
    for (const auto &each : cases) {
        const auto stream = make_stream([&](percepnet_params &params) {
            params.channels = each.channels;
            params.channel_mode = PERCEPNET_CHANNELS_INDEPENDENT;
        });
        Channels x(std::size_t(each.channels), white_noise(each.frames, 0.1f));
        std::vector<float *> at;
        for (Samples &channel : x)
            at.push_back(channel.data());
        threads_started = 0;
        ck_assert_int_eq(
            percepnet_process_bulk(stream.get(), at.data(), at.data(), each.frames, each.threads),
            PERCEPNET_OK);
        ck_assert_int_eq(threads_started, each.started);
    }
}
END_TEST

START_TEST(streams_that_work_together_do_nothing_forbidden) {
    std::vector<Stream> owners;
    std::vector<Channels> x;
    for (int s = 0; s < 11; s++) {
        owners.push_back(
            make_stream([&](percepnet_params &params) { params.channels = 1 + s % 2; }));
        x.emplace_back(std::size_t(1 + s % 2), white_noise(4800, 0.1f));
    }
    x[3][0][7] = NAN;
    std::vector<percepnet_stream *> streams;
    std::vector<std::vector<float *>> pointers;
    for (std::size_t s = 0; s < x.size(); s++) {
        streams.push_back(owners[s].get());
        pointers.emplace_back();
        for (Samples &channel : x[s])
            pointers[s].push_back(channel.data());
    }
    std::vector<const float *const *> in;
    std::vector<float *const *> out;
    for (const auto &channels : pointers) {
        in.push_back(channels.data());
        out.push_back(channels.data());
    }
    watched = true;
    watching = true;
    for (const std::size_t frames : {4800u, 1u, 441u, 4096u})
        percepnet_process_many(streams.data(), int(streams.size()), in.data(), out.data(), frames);
    watching = false;
    ck_assert_int_eq(forbidden.exchange(0), 0);
}
END_TEST

START_TEST(controls_may_be_turned_from_another_thread) {
    const auto stream = make_stream();
    std::atomic<bool> stop{false};
    std::thread turner([&] {
        for (int i = 0; !stop; i++) {
            percepnet_set_mix(stream.get(), float(i % 11) / 10.0f);
            percepnet_set_post_filter(stream.get(), float(i % 7) / 6.0f);
            percepnet_set_attenuation_limit(stream.get(), float(i % 101));
            percepnet_set_output(stream.get(), percepnet_output(i % 3));
            percepnet_readout readout;
            percepnet_get_readout(stream.get(), 0, &readout);
        }
    });
    const Channels out = run_stream(stream.get(), {white_noise(96000, 0.1f)});
    stop = true;
    turner.join();
    for (const float v : out[0])
        ck_assert(std::isfinite(v));
}
END_TEST

START_TEST(the_callers_denormal_mode_is_left_alone) {
    volatile float tiny = 1e-39f;
    const auto stream = make_stream();
    run_stream(stream.get(), {Samples(4800, 1e-40f)});
    ck_assert_float_gt(tiny * 0.5f, 0.0f);
}
END_TEST

int main() {
    return run("realtime", {the_watch_sees_an_allocation, a_working_stream_does_nothing_forbidden,
                            streams_that_work_together_do_nothing_forbidden,
                            a_bulk_call_starts_no_thread_that_it_cannot_use,
                            controls_may_be_turned_from_another_thread,
                            the_callers_denormal_mode_is_left_alone});
}

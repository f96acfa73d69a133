// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// percepnet_process_bulk(): the output is that of percepnet_process(), bit for bit, on any number
// of threads.
#include <atomic>
#include <cmath>
#include <ctime>
#include <string>
#include <thread>

#ifdef __linux__
#include <sched.h>
#endif

#include "../nn/model_builder.hpp"
#include "stream.hpp"

using namespace support;

namespace {

struct Unref {
    void operator()(percepnet_model *model) const { percepnet_model_unref(model); }
};
using Model = std::unique_ptr<percepnet_model, Unref>;

Model make_model(const percepnet::nn::Architecture &shape, bool int8, unsigned seed) {
    const std::string file = percepnet::test::ModelBuilder(shape, int8, seed).file();
    percepnet_error error;
    Model model(percepnet_model_from_memory(file.data(), file.size(), &error));
    ck_assert_msg(model != nullptr, "%s", error.message);
    return model;
}

percepnet::nn::Architecture dense() {
    return percepnet::test::dense_architecture(32, 64, 32, 2);
}

Channels sound(int channels, std::size_t count) {
    Channels x;
    for (int c = 0; c < channels; c++)
        x.push_back(harmonic(count, 110.0 + 13.0 * c, 20.0) +
                    white_noise(count, 0.02f, 100 + unsigned(c)));
    return x;
}

void process(percepnet_stream *stream, Channels &x, std::size_t first, std::size_t frames,
             int threads) {
    std::vector<float *> at;
    for (Samples &channel : x)
        at.push_back(channel.data() + first);
    const percepnet_status status =
        threads < 0 ? percepnet_process(stream, at.data(), at.data(), frames)
                    : percepnet_process_bulk(stream, at.data(), at.data(), frames, threads);
    ck_assert_int_eq(status, PERCEPNET_OK);
}

// In place: the first samples by percepnet_process(), then all but the last 777 in bulk.
Channels in_bulk(percepnet_stream *stream, Channels x, std::size_t first, int threads) {
    const std::size_t count = x[0].size(), last = std::min<std::size_t>(777, count - first);
    process(stream, x, 0, first, -1);
    process(stream, x, first, count - first - last, threads);
    process(stream, x, count - last, last, -1);
    return x;
}

void check_same(const Channels &a, const Channels &b) {
    for (std::size_t c = 0; c < a.size(); c++)
        ck_assert_mem_eq(a[c].data(), b[c].data(), a[c].size() * sizeof(float));
}

template <typename Make> void check(Make make, std::size_t count, std::size_t first, int threads) {
    const Stream alone = make(), stream = make();
    const Channels x = sound(percepnet_channels(stream.get()), count);
    Channels expected = x;
    process(alone.get(), expected, 0, count, -1);
    check_same(in_bulk(stream.get(), x, first, threads), expected);
    for (int c = 0; c < percepnet_channels(stream.get()); c++) {
        percepnet_readout readout[2];
        percepnet_bands bands[2];
        int i = 0;
        for (percepnet_stream *each : {alone.get(), stream.get()}) {
            ck_assert_int_eq(percepnet_get_readout(each, c, &readout[i]), PERCEPNET_OK);
            ck_assert_int_eq(percepnet_get_bands(each, c, &bands[i++]), PERCEPNET_OK);
        }
        ck_assert_mem_eq(&readout[0], &readout[1], sizeof readout[0]);
        ck_assert_mem_eq(&bands[0], &bands[1], sizeof bands[0]);
    }
}

double cpu_seconds(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return double(time.tv_sec) + 1e-9 * double(time.tv_nsec);
}

} // namespace

START_TEST(any_number_of_threads_gives_the_same) {
    for (const int threads : {0, 1, 2, 3, 5, 40})
        check([] { return make_stream(); }, 96000, 0, threads);
}
END_TEST

#ifdef __linux__
// As taskset, a container or a batch system does.
START_TEST(a_program_with_one_processor_gets_one_thread) {
    cpu_set_t allowed, one;
    ck_assert_int_eq(sched_getaffinity(0, sizeof allowed, &allowed), 0);
    CPU_ZERO(&one);
    for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; cpu++)
        if (CPU_ISSET(cpu, &allowed))
            CPU_SET(cpu, &one);
    ck_assert_int_eq(sched_setaffinity(0, sizeof one, &one), 0);
    const Stream stream = make_stream();
    Channels x = sound(1, 96000);
    const auto spent_by_others = [] {
        return cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
    };
    const double others = spent_by_others(), own = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
    process(stream.get(), x, 0, 96000, 0);
    ck_assert_double_lt(spent_by_others() - others,
                        0.02 * (cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - own));
    sched_setaffinity(0, sizeof allowed, &allowed);
}
END_TEST
#endif

START_TEST(lengths_and_places_in_the_hop_do_not_matter) {
    for (const std::size_t first : {0, 1, 479, 480, 700})
        for (const std::size_t count : {1500, 2400, 9600, 24000})
            check([] { return make_stream(); }, count, first, 2);
}
END_TEST

START_TEST(channels_go_beside_each_other) {
    for (const int channels : {2, 3, 16})
        for (const percepnet_channel_mode mode :
             {PERCEPNET_CHANNELS_LINKED, PERCEPNET_CHANNELS_INDEPENDENT})
            for (const int threads : {1, 2, 7})
                check(
                    [&] {
                        return make_stream([&](percepnet_params &params) {
                            params.channels = channels;
                            params.channel_mode = mode;
                            params.mix = 0.9f;
                            params.attenuation_limit = 30.0f;
                            params.post_filter = 0.8f;
                        });
                    },
                    24000, 100, threads);
}
END_TEST

START_TEST(all_kinds_of_models_can_be_had) {
    using percepnet::test::band_architecture;
    percepnet::nn::Architecture no_look_ahead = band_architecture(16, 16, 16, 3, false);
    no_look_ahead.look_ahead = 0;
    const Model models[] = {make_model(band_architecture(48, 64, 32, 2, true), true, 1),
                            make_model(band_architecture(32, 48, 16, 1, false), false, 2),
                            make_model(no_look_ahead, true, 3), make_model(dense(), true, 4)};
    for (const Model &model : models)
        for (const int threads : {1, 3})
            check(
                [&] {
                    return make_stream([&](percepnet_params &params) {
                        params.model = model.get();
                        params.channels = 2;
                    });
                },
                24000, 0, threads);
}
END_TEST

START_TEST(it_ends_and_begins_anew_as_percepnet_process_does) {
    const Stream stream = make_stream(),
                 even = make_stream([](percepnet_params &params) { params.block_size = 480; });
    for (percepnet_stream *each : {stream.get(), even.get()}) {
        const Channels x = sound(1, 48000);
        const Channels expected = run_stream(each, x, {480});
        for (int round = 0; round < 2; round++) {
            Channels y = x;
            y[0].resize(expected[0].size());
            process(each, y, 0, 48000, 2);
            float *rest = y[0].data() + 48000;
            const std::size_t owed = expected[0].size() - 48000;
            ck_assert_uint_eq(percepnet_flush(each, &rest, owed), owed);
            check_same(y, expected);
        } // the second begins in the middle of a flush
    }
}
END_TEST

START_TEST(bad_samples_are_repaired_as_ever) {
    Channels x = sound(1, 48000);
    x[0][1000] = NAN;
    std::fill(x[0].begin() + 15000, x[0].begin() + 17000, INFINITY);
    for (float &sample : x[0])
        sample = std::isnan(sample) ? sample : sample + 0.1f; // an offset
    Channels expected = x;
    const Stream alone = make_stream(), stream = make_stream();
    process(alone.get(), expected, 0, 48000, -1);
    process(stream.get(), x, 0, 48000, 2);
    check_same(x, expected);
}
END_TEST

START_TEST(controls_and_readouts_may_be_used_meanwhile) {
    const Stream stream = make_stream();
    Channels x = sound(1, 480000);
    std::atomic<bool> done{false};
    std::thread other([&] {
        for (int i = 0; !done; i++) {
            percepnet_set_mix(stream.get(), 0.1f * float(i % 10));
            percepnet_set_post_filter(stream.get(), 0.1f * float(i % 10));
            percepnet_readout readout;
            percepnet_get_readout(stream.get(), 0, &readout);
            std::this_thread::yield();
        }
    });
    process(stream.get(), x, 0, 480000, 2);
    done = true;
    other.join();
    for (const float sample : x[0])
        ck_assert(std::isfinite(sample) && std::fabs(sample) <= 1.0f);
}
END_TEST

START_TEST(wrong_arguments_are_refused_and_nothing_is_consumed) {
    const Stream even = make_stream([](percepnet_params &params) { params.block_size = 480; });
    Samples x(960, 0.1f), y(960);
    const float *const in[] = {x.data()}, *const none[] = {nullptr};
    float *const out[] = {y.data()};
    percepnet_stream *const stream = even.get();
    ck_assert_int_eq(percepnet_process_bulk(nullptr, in, out, 480, 1), PERCEPNET_ERROR_ARGUMENT);
    ck_assert_int_eq(percepnet_process_bulk(stream, nullptr, out, 480, 1),
                     PERCEPNET_ERROR_ARGUMENT);
    ck_assert_int_eq(percepnet_process_bulk(stream, none, out, 480, 1), PERCEPNET_ERROR_ARGUMENT);
    ck_assert_int_eq(percepnet_process_bulk(stream, in, nullptr, 480, 1), PERCEPNET_ERROR_ARGUMENT);
    ck_assert_int_eq(percepnet_process_bulk(stream, in, out, 480, -1), PERCEPNET_ERROR_ARGUMENT);
    ck_assert_int_eq(percepnet_process_bulk(stream, in, out, 481, 1), PERCEPNET_ERROR_BLOCK_SIZE);
    ck_assert_int_eq(percepnet_process_bulk(stream, in, out, 0, 1), PERCEPNET_OK);
    const Stream fresh = make_stream([](percepnet_params &params) { params.block_size = 480; });
    ck_assert(equal(run_stream(stream, {x}, {960}), run_stream(fresh.get(), {x}, {960})));
}
END_TEST

int main() {
    return run("bulk",
               {any_number_of_threads_gives_the_same,
#ifdef __linux__
                a_program_with_one_processor_gets_one_thread,
#endif
                lengths_and_places_in_the_hop_do_not_matter, channels_go_beside_each_other,
                all_kinds_of_models_can_be_had, it_ends_and_begins_anew_as_percepnet_process_does,
                bad_samples_are_repaired_as_ever, controls_and_readouts_may_be_used_meanwhile,
                wrong_arguments_are_refused_and_nothing_is_consumed});
}

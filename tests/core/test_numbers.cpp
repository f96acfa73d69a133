// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Numbers that no microphone gives, offsets, long runs, many threads: the output stays finite,
// comes back, and is the same bit for bit. PERCEPNET_HOURS=24 makes the long run that long (default
// 1/60) and lifts the limits of time; CK_RUN_CASE=long_runs_do_not_drift chooses it.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include "stream.hpp"

#include <sys/resource.h>

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

using namespace support;

namespace {

constexpr std::size_t kHop = 480;

Samples speech_like(std::size_t count, unsigned seed = 1) {
    Samples voice = harmonic(count, 140.0, 10.0, 0.08);
    for (std::size_t n = 0; n < count; n++) // words and pauses
        voice[n] *= (n / 14400) % 3 == 2 ? 0.0f : 1.0f;
    return voice + white_noise(count, 0.01f, seed);
}

Samples enhanced(const Samples &x) {
    return run_stream(make_stream().get(), {x})[0];
}

Samples repeated(std::size_t count, std::initializer_list<float> values) {
    Samples out(count);
    for (std::size_t n = 0; n < count; n++)
        out[n] = values.begin()[n % values.size()];
    return out;
}

long most_memory() { // KiB
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

} // namespace

START_TEST(any_numbers_come_out_finite_and_within_the_inputs_peak) {
    const std::size_t count = 24000;
    for (const Samples &x :
         {repeated(count, {NAN}), repeated(count, {INFINITY, -INFINITY}), repeated(count, {1e-40f}),
          repeated(count, {1.0f}), repeated(count, {-1.0f, 1.0f}), repeated(count, {1e38f, -1e38f}),
          repeated(count, {3e38f}), repeated(count, {1e38f, NAN, 0.1f, -INFINITY, 1e-42f})})
        for (const float v : enhanced(x)) {
            ck_assert(std::isfinite(v));
            ck_assert_float_le(std::fabs(v), 1000.0f);
        }
}
END_TEST

// The 8-bit copies of the network's states round the other way after any change that its inputs
// feel, and do so for seconds: a bad sample must do no more than one of -80 dB does. (This sound is
// no voice to the network, so that the post-filter would leave next to nothing to compare with:
// it is off. test_harm.py has voices.)
START_TEST(after_a_bad_sample_no_more_is_left_than_after_one_of_80_db_less) {
    const std::size_t bad_at = 48000;
    const std::size_t from = bad_at + 1919 + 10 * kHop, count = 30000; // words and a pause
    const Samples x = speech_like(96000);
    const auto unfiltered = [](const Samples &in) {
        const Stream stream = make_stream();
        percepnet_set_post_filter(stream.get(), 0.0f);
        return run_stream(stream.get(), {in})[0];
    };
    const Samples good = unfiltered(x);
    const auto error_with = [&](float sample) {
        Samples y = x;
        y[bad_at] = sample;
        const double error = error_db(&good[from], &unfiltered(y)[from], count);
        std::printf("%g: %.1f dB\n", double(sample), error);
        std::fflush(stdout);
        return error;
    };
    const double least = error_with(x[bad_at] + 1e-4f);
    for (const float bad : {float(NAN), float(INFINITY), float(-INFINITY), 3e38f, -1e30f, 1e-41f}) {
        const double error = error_with(bad);
        ck_assert_double_lt(error, -38.0);
        ck_assert_double_lt(error, std::max(-60.0, least + 4.0));
    }
}
END_TEST

// Wind, and what shakes the microphone, is no offset.
START_TEST(rumble_keeps_to_the_attenuation_limit_in_every_hop) {
    const std::size_t count = 240000;
    Samples x = white_noise(count, 0.01f);
    for (std::size_t n = 0; n < count; n++)
        x[n] += 0.3f * std::sin(2.0f * 3.14159265f * float(n) / 48000.0f); // 1 Hz
    const auto heard = [&](percepnet_output output) {
        return run_stream(make_stream([&](percepnet_params &params) {
                              params.attenuation_limit = 6.0f;
                              params.output = output;
                          }).get(),
                          {x})[0];
    };
    const Samples enhanced = heard(PERCEPNET_OUTPUT_ENHANCED), dry = heard(PERCEPNET_OUTPUT_BYPASS);
    for (std::size_t n = 4800; n + kHop <= count; n += kHop)
        ck_assert_double_gt(power(&enhanced[n], kHop), 0.24 * power(&dry[n], kHop)); // -6.2 dB
}
END_TEST

START_TEST(long_runs_do_not_drift) {
    const char *wanted = std::getenv("PERCEPNET_HOURS");
    const double hours = wanted ? std::atof(wanted) : 1.0 / 60.0;
    const std::size_t loop = 10 * 48000; // the same 10 s again and again
    const Samples x = speech_like(loop);
    const Stream stream = make_stream();
    Samples out(loop);
    double second = 0.0;
    long memory = 0;
    for (long round = 0; round < std::max(4L, std::lround(hours * 360.0)); round++) {
        for (std::size_t at = 0; at < loop; at += 4800) {
            const float *from = &x[at];
            float *to = &out[at];
            percepnet_process(stream.get(), &from, &to, 4800);
        }
        const double level = 10.0 * std::log10(power(out.data(), loop));
        second = round == 1 ? level : second;
        memory = round == 1 ? most_memory() : memory;
        if (round > 1)
            ck_assert_double_lt(std::fabs(level - second), 1.0); // the network's memory fills
    }
    ck_assert_int_le(most_memory() - memory, 256);
    std::printf("%.2f hours, level %.3f dB, %ld KiB more\n", hours, second, most_memory() - memory);
    std::fflush(stdout);
}
END_TEST

START_TEST(sixty_four_streams_on_eight_threads_equal_serial_ones) {
    constexpr std::size_t kStreams = 64, kThreads = 8;
    percepnet_model *const model = percepnet_model_default(nullptr);
    std::vector<Samples> inputs, outputs(kStreams);
    std::vector<Stream> streams;
    for (std::size_t i = 0; i < kStreams; i++) {
        inputs.push_back(speech_like(4800, unsigned(i + 1)));
        streams.push_back(make_stream([=](percepnet_params &params) { params.model = model; }));
    }
    percepnet_model_unref(model); // the streams have their own
    std::atomic<bool> stop{false};
    std::thread setter([&] {
        while (!stop)
            for (const Stream &stream : streams) {
                percepnet_set_mix(stream.get(), 1.0f);
                percepnet_set_post_filter(stream.get(), 0.5f);
                percepnet_set_attenuation_limit(stream.get(), 100.0f);
                percepnet_set_output(stream.get(), PERCEPNET_OUTPUT_ENHANCED);
                percepnet_readout readout;
                percepnet_get_readout(stream.get(), 0, &readout);
            }
    });
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < kThreads; t++)
        threads.emplace_back([&, t] {
            for (std::size_t i = t; i < kStreams; i += kThreads)
                outputs[i] = run_stream(streams[i].get(), {inputs[i]}, {480 + i})[0];
        });
    for (std::thread &thread : threads)
        thread.join();
    stop = true;
    setter.join();
    for (std::size_t i = 0; i < kStreams; i++)
        ck_assert(outputs[i] == enhanced(inputs[i]));
}
END_TEST

#if defined(__SSE2__)
START_TEST(the_callers_floating_point_mode_comes_back) {
    const Stream stream = make_stream();
    Samples x(960, 1e-40f);
    float *pointer = x.data();
    const unsigned before = _mm_getcsr();
    for (const unsigned mode : {0u, 0x8000u, 0x0040u, 0x8040u}) {
        _mm_setcsr((before & ~0x8040u) | mode);
        percepnet_process(stream.get(), &pointer, &pointer, x.size());
        percepnet_flush(stream.get(), &pointer, x.size());
        percepnet_reset(stream.get());
        ck_assert_uint_eq(_mm_getcsr() & 0x8040u, mode);
    }
    _mm_setcsr(before);
}
END_TEST

// Programs of some languages run with traps, some libraries round otherwise.
START_TEST(the_callers_floating_point_mode_changes_nothing) {
    constexpr unsigned kTraps = 0x0E80; // invalid operation, division by zero, overflow, underflow
    constexpr unsigned kUpwards = 0x4000, kDownwards = 0x2000;
    Samples x = speech_like(48000);
    x[9000] = NAN;
    std::fill(x.begin() + 20000, x.begin() + 30000, 0.0f);
    const Samples expected = enhanced(x);
    const unsigned before = _mm_getcsr();
    for (const unsigned mode :
         {before & ~kTraps, before | kUpwards, before | kDownwards, (before & ~kTraps) | kUpwards})
        for (const int threads : {0, 2}) { // 0: not in bulk
            const Stream stream = make_stream();
            Samples y = x;
            y.resize(expected.size());
            float *all = y.data(), *rest = all + x.size();
            _mm_setcsr(mode);
            if (threads == 0)
                percepnet_process(stream.get(), &all, &all, x.size());
            else
                percepnet_process_bulk(stream.get(), &all, &all, x.size(), threads);
            percepnet_flush(stream.get(), &rest, y.size() - x.size());
            _mm_setcsr(before);
            ck_assert(y == expected);
        }
}
END_TEST
#endif

int main() {
    return run("numbers", {
        any_numbers_come_out_finite_and_within_the_inputs_peak,
            after_a_bad_sample_no_more_is_left_than_after_one_of_80_db_less,
            rumble_keeps_to_the_attenuation_limit_in_every_hop, long_runs_do_not_drift,
#if defined(__SSE2__)
            the_callers_floating_point_mode_comes_back,
            the_callers_floating_point_mode_changes_nothing,
#endif
            sixty_four_streams_on_eight_threads_equal_serial_ones
    });
}

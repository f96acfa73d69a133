// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// A stream through the C interface: lengths, latency, chunking, controls, recovery.
#include <algorithm>

#include "stream.hpp"

using namespace support;

namespace {

Samples speech_like(std::size_t count, unsigned seed = 1) {
    Samples voice = harmonic(count, 140.0, 10.0, 0.08);
    for (std::size_t n = 0; n < count; n++) // words and pauses
        voice[n] *= (n / 14400) % 3 == 2 ? 0.0f : 1.0f;
    return voice + white_noise(count, 0.01f, seed);
}

void bypass(percepnet_params &params) {
    params.output = PERCEPNET_OUTPUT_BYPASS;
}

} // namespace

START_TEST(bypass_gives_the_input_back_bit_for_bit_at_every_length) {
    for (const int block : {0, 480})
        for (const std::size_t count : {0u, 1u, 100u, 479u, 480u, 481u, 96137u}) {
            const auto stream = make_stream([&](percepnet_params &params) {
                bypass(params);
                params.block_size = block;
            });
            const std::size_t latency = std::size_t(percepnet_latency(stream.get()));
            ck_assert_uint_eq(latency, block == 0 ? 1440 + 479 : 1440);
            Samples x = white_noise(count, 0.2f);
            if (block)
                x.resize((count + 479) / 480 * 480); // a promise is a promise
            const Channels out = run_stream(stream.get(), {x}, {std::size_t(block ? 960 : 1000)});
            ck_assert(std::equal(x.begin(), x.end(), out[0].begin() + std::ptrdiff_t(latency)));
            ck_assert(std::all_of(out[0].begin(), out[0].begin() + std::ptrdiff_t(latency),
                                  [](float v) { return v == 0.0f; }));
        }
}
END_TEST

START_TEST(bypass_keeps_values_but_denormals) {
    Samples x(4800, 0.25f);
    x[1000] = 1e-40f, x[1001] = -1e-40f, x[1002] = -0.0f, x[1003] = 1.2e-38f;
    const Channels out = run_stream(make_stream(bypass).get(), {x});
    x[1000] = x[1001] = 0.0f;
    for (std::size_t n = 0; n < x.size(); n++)
        ck_assert_float_eq(out[0][n + 1919], x[n]);
}
END_TEST

START_TEST(chunking_never_changes_the_output) {
    const Channels x = {speech_like(50000), speech_like(50000, 2)};
    const auto two = [](percepnet_params &params) { params.channels = 2; };
    const Channels whole = run_stream(make_stream(two).get(), x, {50000});
    for (const std::vector<std::size_t> &blocks :
         {std::vector<std::size_t>{480}, {1}, {441}, {7, 0, 1024, 479, 481}, {4096}})
        ck_assert(equal(whole, run_stream(make_stream(two).get(), x, blocks)));
}
END_TEST

START_TEST(in_place_equals_out_of_place) {
    const Samples x = speech_like(9600);
    const Channels apart = run_stream(make_stream().get(), {x}, {9600});
    Samples same = x;
    float *pointer = same.data();
    const auto stream = make_stream();
    percepnet_process(stream.get(), &pointer, &pointer, same.size());
    ck_assert(std::equal(same.begin(), same.end(), apart[0].begin()));
}
END_TEST

START_TEST(blocks_that_break_the_promise_are_refused_and_nothing_is_lost) {
    const auto stream = make_stream([](percepnet_params &params) { params.block_size = 480; });
    Samples x(1000);
    float *pointer = x.data();
    ck_assert_int_eq(percepnet_process(stream.get(), &pointer, &pointer, 481),
                     PERCEPNET_ERROR_BLOCK_SIZE);
    ck_assert_int_eq(percepnet_process(stream.get(), &pointer, &pointer, 960), PERCEPNET_OK);
}
END_TEST

START_TEST(reset_equals_a_fresh_stream) {
    const Channels x = {speech_like(30000)};
    const auto stream = make_stream();
    const Channels first = run_stream(stream.get(), x);
    ck_assert(equal(first, run_stream(stream.get(), x))); // after the flush
    float *pointer = const_cast<float *>(x[0].data());
    Samples out(20000);
    float *to = out.data();
    percepnet_process(stream.get(), &pointer, &to, 20000);
    percepnet_reset(stream.get());
    ck_assert(equal(first, run_stream(stream.get(), x)));
}
END_TEST

START_TEST(process_after_a_partial_flush_starts_afresh) {
    const Channels x = {speech_like(20000)};
    const auto stream = make_stream();
    const Channels first = run_stream(stream.get(), x);
    Samples out(20000);
    float *to = out.data();
    const float *from = x[0].data();
    percepnet_process(stream.get(), &from, &to, 20000);
    ck_assert_uint_eq(percepnet_flush(stream.get(), &to, 100), 100);
    ck_assert(equal(first, run_stream(stream.get(), x)));
}
END_TEST

START_TEST(a_flush_without_room_changes_nothing) {
    const Channels x = {speech_like(20000)};
    const auto stream = make_stream();
    const Channels whole = run_stream(stream.get(), x);
    Samples out(whole[0].size());
    float *to = out.data();
    const float *from = x[0].data();
    percepnet_process(stream.get(), &from, &to, 10000);
    ck_assert_uint_eq(percepnet_flush(stream.get(), &to, 0), 0);
    from += 10000, to += 10000;
    percepnet_process(stream.get(), &from, &to, 10000);
    to += 10000;
    for (std::size_t got = 0; got < 1919; got += 19, to += 19) {
        ck_assert_uint_eq(percepnet_flush(stream.get(), &to, 0), 0);
        ck_assert_uint_eq(percepnet_flush(stream.get(), &to, 19), 19);
    }
    ck_assert(out == whole[0]);
    ck_assert_uint_eq(percepnet_flush(stream.get(), &to, 0), 0);
    ck_assert(equal(run_stream(stream.get(), x), whole));
}
END_TEST

START_TEST(mix_0_is_the_delayed_input_and_residual_is_the_rest) {
    const Channels x = {speech_like(48000)};
    const Channels enhanced = run_stream(make_stream().get(), x);
    const Channels dry = run_stream(make_stream(bypass).get(), x);
    const Channels mix0 =
        run_stream(make_stream([](percepnet_params &params) { params.mix = 0.0f; }).get(), x);
    const Channels residual = run_stream(make_stream([](percepnet_params &params) {
                                             params.output = PERCEPNET_OUTPUT_RESIDUAL;
                                         }).get(),
                                         x);
    ck_assert(equal(dry, mix0));
    ck_assert_double_lt(error_db(dry[0], enhanced[0] + residual[0], dry[0].size()), -120.0);
}
END_TEST

START_TEST(attenuation_limit_leaves_that_much_of_the_input) {
    const Channels x = {white_noise(96000, 0.05f)};
    const Channels dry = run_stream(make_stream(bypass).get(), x);
    const Channels full = run_stream(make_stream().get(), x);
    const Channels limited = run_stream(
        make_stream([](percepnet_params &params) { params.attenuation_limit = 12.0f; }).get(), x);
    const float kept = std::pow(10.0f, -12.0f / 20.0f);
    Samples expected(dry[0].size());
    for (std::size_t n = 0; n < expected.size(); n++)
        expected[n] = kept * dry[0][n] + (1.0f - kept) * full[0][n];
    ck_assert_double_lt(error_db(expected, limited[0], expected.size()), -100.0);
}
END_TEST

START_TEST(a_change_of_output_is_faded_over_one_hop) {
    const Samples x(48000, 0.25f);
    const auto stream = make_stream([](percepnet_params &params) {
        bypass(params);
        params.block_size = 480;
    });
    Samples out(480);
    float *to = out.data();
    float last = 0.0f, step = 0.0f;
    for (std::size_t at = 0; at < x.size(); at += 480) {
        percepnet_set_mix(stream.get(), (at / 4800) % 2 ? 1.0f : 0.0f);
        percepnet_set_output(stream.get(),
                             (at / 4800) % 2 ? PERCEPNET_OUTPUT_RESIDUAL : PERCEPNET_OUTPUT_BYPASS);
        const float *from = &x[at];
        percepnet_process(stream.get(), &from, &to, 480);
        for (const float v : out) {
            if (at > 4800)
                step = std::max(step, std::fabs(v - last));
            last = v;
        }
    }
    ck_assert_float_lt(step, 0.02f);
}
END_TEST

START_TEST(one_bad_sample_is_gone_within_10_hops) {
    for (const float bad : {NAN, INFINITY, -INFINITY, 3e38f, 1e-41f}) {
        Samples x = speech_like(48000);
        const Channels good = run_stream(make_stream().get(), {x});
        x[20000] = bad;
        const Channels out = run_stream(make_stream().get(), {x});
        for (const float v : out[0])
            ck_assert(std::isfinite(v));
        const double late = error_db(good[0].data() + 40000, out[0].data() + 40000, 8000);
        if (std::fabs(bad) < 1.0f || !std::isfinite(bad))
            ck_assert_double_lt(late, -10.0);
    }
    const Channels out = run_stream(make_stream().get(), {Samples(48000, NAN)});
    for (const float v : out[0])
        ck_assert_float_eq(v, 0.0f);
}
END_TEST

START_TEST(digital_silence_stays_silence) {
    Samples x = speech_like(48000);
    x.resize(96000, 0.0f);
    const Channels out = run_stream(make_stream().get(), {x});
    for (std::size_t n = 48000 + 1919 + 1440; n < out[0].size(); n++)
        ck_assert_float_eq(out[0][n], 0.0f);
}
END_TEST

START_TEST(output_of_a_full_scale_input_is_clipped_to_full_scale) {
    Samples x = white_noise(48000, 3.0f);
    for (float &v : x)
        v = std::clamp(v, -1.0f, 1.0f);
    const Channels out = run_stream(make_stream().get(), {x});
    for (const float v : out[0])
        ck_assert_float_le(std::fabs(v), 1.0f);
}
END_TEST

START_TEST(the_residual_is_exact_and_may_reach_beyond_full_scale) {
    Samples x = harmonic(96000, 180.0, 0.0, 1.0) + white_noise(96000, 0.4f);
    for (float &v : x)
        v = std::clamp(v, -1.0f, 1.0f);
    const Channels enhanced = run_stream(make_stream().get(), {x});
    const Channels dry = run_stream(make_stream(bypass).get(), {x});
    const Channels residual = run_stream(make_stream([](percepnet_params &params) {
                                             params.output = PERCEPNET_OUTPUT_RESIDUAL;
                                         }).get(),
                                         {x});
    float peak = 0.0f;
    for (std::size_t n = 0; n < dry[0].size(); n++) {
        ck_assert_float_eq(residual[0][n], dry[0][n] - enhanced[0][n]);
        peak = std::max(peak, std::fabs(residual[0][n]));
    }
    ck_assert_float_gt(peak, 1.0f);
    ck_assert_float_le(peak, 2.0f);
}
END_TEST

START_TEST(linked_channels_keep_the_image) {
    const Samples left = speech_like(48000);
    Samples right = left;
    for (float &v : right)
        v *= 0.5f;
    const Channels out = run_stream(
        make_stream([](percepnet_params &params) { params.channels = 2; }).get(), {left, right});
    Samples doubled = out[1];
    for (float &v : doubled)
        v *= 2.0f;
    ck_assert_double_lt(error_db(out[0], doubled, doubled.size()), -90.0);
}
END_TEST

START_TEST(independent_channels_equal_separate_streams) {
    const Channels x = {speech_like(30000), white_noise(30000, 0.1f)};
    const Channels out = run_stream(make_stream([](percepnet_params &params) {
                                        params.channels = 2;
                                        params.channel_mode = PERCEPNET_CHANNELS_INDEPENDENT;
                                    }).get(),
                                    x);
    ck_assert(out[0] == run_stream(make_stream().get(), {x[0]})[0]);
    ck_assert(out[1] == run_stream(make_stream().get(), {x[1]})[0]);
}
END_TEST

START_TEST(sixty_four_channels_run) {
    const Channels x(64, speech_like(4800));
    run_stream(make_stream([](percepnet_params &params) { params.channels = 64; }).get(), x);
}
END_TEST

START_TEST(readouts_stay_in_their_ranges) {
    const auto stream = make_stream();
    const Samples x = speech_like(48000);
    Samples out(480);
    float *to = out.data();
    for (std::size_t at = 0; at < x.size(); at += 480) {
        const float *from = &x[at];
        percepnet_process(stream.get(), &from, &to, 480);
        percepnet_readout readout;
        ck_assert_int_eq(percepnet_get_readout(stream.get(), 0, &readout), PERCEPNET_OK);
        ck_assert(readout.voice_probability >= 0.0f && readout.voice_probability <= 1.0f);
        ck_assert(readout.snr_db >= -30.0f && readout.snr_db <= 60.0f);
        ck_assert(readout.gain_db >= -100.0f && readout.gain_db <= 10.0f);
    }
}
END_TEST

START_TEST(bands_tell_pitch_gain_and_strength) {
    const auto stream = make_stream();
    Samples x = speech_like(48000), out(480);
    float *to = out.data();
    percepnet_bands bands;
    int periodic = 0;
    for (std::size_t at = 0; at < x.size(); at += 480) {
        const float *from = &x[at];
        percepnet_process(stream.get(), &from, &to, 480);
        ck_assert_int_eq(percepnet_get_bands(stream.get(), 0, &bands), PERCEPNET_OK);
        for (int b = 0; b < PERCEPNET_BANDS; b++) {
            ck_assert(bands.gain[b] >= 0.0f && bands.gain[b] <= 2.0f);
            ck_assert(bands.strength[b] >= 0.0f && bands.strength[b] <= 1.0f);
        }
        if (bands.pitch_correlation > 0.8f && at > 9600 && at < 28800) {
            periodic++;
            ck_assert(std::fabs(bands.pitch_hz - 140.0f) < 20.0f);
        }
    }
    ck_assert_int_gt(periodic, 20);
    ck_assert_int_eq(percepnet_get_bands(stream.get(), 1, &bands), PERCEPNET_ERROR_ARGUMENT);
    ck_assert_int_eq(percepnet_get_bands(nullptr, 0, &bands), PERCEPNET_ERROR_ARGUMENT);
    ck_assert_int_eq(percepnet_get_bands(stream.get(), 0, nullptr), PERCEPNET_ERROR_ARGUMENT);
    ck_assert(percepnet_band_hz(0) == 0.0f && percepnet_band_hz(1) == 100.0f);
    ck_assert(percepnet_band_hz(33) == 20000.0f && percepnet_band_hz(34) == 0.0f);
}
END_TEST

int main() {
    return run("stream", {bands_tell_pitch_gain_and_strength,
                          bypass_gives_the_input_back_bit_for_bit_at_every_length,
                          bypass_keeps_values_but_denormals,
                          chunking_never_changes_the_output,
                          in_place_equals_out_of_place,
                          blocks_that_break_the_promise_are_refused_and_nothing_is_lost,
                          reset_equals_a_fresh_stream,
                          process_after_a_partial_flush_starts_afresh,
                          a_flush_without_room_changes_nothing,
                          mix_0_is_the_delayed_input_and_residual_is_the_rest,
                          attenuation_limit_leaves_that_much_of_the_input,
                          a_change_of_output_is_faded_over_one_hop,
                          one_bad_sample_is_gone_within_10_hops,
                          digital_silence_stays_silence,
                          output_of_a_full_scale_input_is_clipped_to_full_scale,
                          the_residual_is_exact_and_may_reach_beyond_full_scale,
                          linked_channels_keep_the_image,
                          independent_channels_equal_separate_streams,
                          sixty_four_channels_run,
                          readouts_stay_in_their_ranges});
}

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// percepnet_process_many(): every stream puts out what it does alone, bit for bit.
#include <string>

#include "../nn/model_builder.hpp"
#include "stream.hpp"

using namespace support;

namespace {

percepnet::nn::Architecture dense() {
    return percepnet::test::dense_architecture(32, 64, 32, 2);
}

struct Unref {
    void operator()(percepnet_model *model) const { percepnet_model_unref(model); }
};
using Model = std::unique_ptr<percepnet_model, Unref>;

Model make_model(const std::string &file) {
    percepnet_error error;
    Model model(percepnet_model_from_memory(file.data(), file.size(), &error));
    ck_assert_msg(model != nullptr, "%s", error.message);
    return model;
}

Channels sound(const percepnet_stream *stream, std::size_t count, unsigned seed) {
    Channels x;
    for (int c = 0; c < percepnet_channels(stream); c++)
        x.push_back(harmonic(count, 110.0 + 13.0 * seed, 20.0) +
                    white_noise(count, 0.02f, 100 * seed + unsigned(c)));
    return x;
}

// Streams and their input, and what they shall put out.
struct Group {
    std::vector<Stream> streams;
    std::vector<Channels> in, expected;

    // alone: a stream of the same kind.
    void add(Stream stream, Stream alone, Channels x) {
        expected.push_back(run_stream(alone.get(), x, {x[0].size()}));
        streams.push_back(std::move(stream));
        in.push_back(std::move(x));
    }

    // In blocks of the sizes given in turn, in place.
    std::vector<Channels> run(const std::vector<std::size_t> &blocks) {
        std::vector<percepnet_stream *> handles;
        for (const Stream &stream : streams)
            handles.push_back(stream.get());
        std::vector<Channels> x = in;
        const std::size_t count = x[0][0].size();
        std::size_t done = 0;
        for (std::size_t i = 0; done < count; i++) {
            const std::size_t frames = std::min(blocks[i % blocks.size()], count - done);
            std::vector<std::vector<float *>> channels(x.size());
            std::vector<const float *const *> from;
            std::vector<float *const *> to;
            for (std::size_t s = 0; s < x.size(); s++) {
                for (Samples &channel : x[s])
                    channels[s].push_back(channel.data() + done);
                from.push_back(channels[s].data());
                to.push_back(channels[s].data());
            }
            ck_assert_int_eq(percepnet_process_many(handles.data(), int(handles.size()),
                                                    from.data(), to.data(), frames),
                             PERCEPNET_OK);
            done += frames;
        }
        return x;
    }

    void check(const std::vector<std::size_t> &blocks) {
        const std::vector<Channels> out = run(blocks);
        for (std::size_t s = 0; s < out.size(); s++)
            for (std::size_t c = 0; c < out[s].size(); c++)
                ck_assert_mem_eq(out[s][c].data(), expected[s][c].data(),
                                 out[s][c].size() * sizeof(float));
    }
};

} // namespace

START_TEST(one_to_seventeen_streams_put_out_what_each_does_alone) {
    for (unsigned count = 1; count <= 17; count++) {
        Group group;
        for (unsigned s = 0; s < count; s++) {
            Stream stream = make_stream();
            Channels x = sound(stream.get(), 4800, s + 1);
            group.add(std::move(stream), make_stream(), std::move(x));
        }
        group.check({480});
    }
}
END_TEST

START_TEST(models_settings_channels_and_hop_phases_may_differ) {
    const Model models[] = {
        make_model(percepnet::test::ModelBuilder(
                       percepnet::test::band_architecture(48, 64, 32, 2, true), true, 1)
                       .file()),
        make_model(percepnet::test::ModelBuilder(
                       percepnet::test::band_architecture(32, 48, 16, 1, false), false, 2)
                       .file()),
        make_model(percepnet::test::ModelBuilder(dense(), true, 3).file()),
        nullptr,
    };
    Group group;
    for (unsigned s = 0; s < 13; s++) {
        const auto make = [&] {
            Stream stream = make_stream([&](percepnet_params &params) {
                params.model = models[s % 4].get();
                params.channels = 1 + int(s % 3);
                params.channel_mode = percepnet_channel_mode(s % 2);
                params.mix = 1.0f - 0.05f * float(s);
                params.post_filter = 0.07f * float(s);
                params.attenuation_limit = 100.0f - 5.0f * float(s);
                params.output = percepnet_output(s % 5 == 4);
            });
            run_stream(stream.get(), sound(stream.get(), 1000, s)); // now flushed
            Channels some = sound(stream.get(), 37 * s, s);         // its place in the hop
            std::vector<float *> channels;
            for (Samples &channel : some)
                channels.push_back(channel.data());
            percepnet_process(stream.get(), channels.data(), channels.data(), 37 * s);
            return stream;
        };
        Stream stream = make();
        Channels x = sound(stream.get(), 9600, s + 1);
        group.add(std::move(stream), make(), std::move(x));
    }
    group.check({1, 479, 480, 37, 1500});
}
END_TEST

START_TEST(a_stream_after_its_flush_begins_anew_among_others) {
    Group group;
    for (unsigned s = 0; s < 3; s++) {
        Stream stream = make_stream();
        Channels x = sound(stream.get(), 2400, s + 1);
        if (s == 1) { // in the middle of its flush
            float rest[100];
            float *out = rest;
            run_stream(stream.get(), x);
            percepnet_process(stream.get(), &out, &out, 0);
            ck_assert_uint_eq(percepnet_flush(stream.get(), &out, 100), 100);
        }
        group.add(std::move(stream), make_stream(), std::move(x));
    }
    group.check({480});
}
END_TEST

START_TEST(bad_samples_of_one_stream_do_not_touch_the_others) {
    Group group;
    for (unsigned s = 0; s < 9; s++) {
        Stream stream = make_stream();
        Channels x = sound(stream.get(), 9600, s + 1);
        if (s == 4) {
            x[0][1000] = NAN;
            std::fill(x[0].begin() + 3000, x[0].begin() + 5000, INFINITY);
            x[0][7000] = 1e30f;
        }
        group.add(std::move(stream), make_stream(), std::move(x));
    }
    group.check({960});
    for (const float v : group.expected[4][0])
        ck_assert(std::isfinite(v));
}
END_TEST

START_TEST(wrong_arguments_are_refused_and_nothing_is_consumed) {
    const Stream any = make_stream();
    const Stream even = make_stream([](percepnet_params &params) { params.block_size = 480; });
    Samples x(960, 0.1f), y(960, 0.1f);
    const float *const from[] = {x.data()};
    float *const to[] = {y.data()};
    const float *const *const in[] = {from, from};
    float *const *const out[] = {to, to};
    percepnet_stream *const both[] = {any.get(), even.get()};
    percepnet_stream *const twice[] = {any.get(), any.get()};
    percepnet_stream *const missing[] = {any.get(), nullptr};
    ck_assert_int_eq(percepnet_process_many(nullptr, 0, nullptr, nullptr, 480), PERCEPNET_OK);
    ck_assert_int_eq(percepnet_process_many(both, -1, in, out, 480), PERCEPNET_ERROR_ARGUMENT);
    ck_assert_int_eq(percepnet_process_many(nullptr, 1, in, out, 480), PERCEPNET_ERROR_ARGUMENT);
    ck_assert_int_eq(percepnet_process_many(both, 2, nullptr, out, 480), PERCEPNET_ERROR_ARGUMENT);
    ck_assert_int_eq(percepnet_process_many(both, 2, in, nullptr, 480), PERCEPNET_ERROR_ARGUMENT);
    ck_assert_int_eq(percepnet_process_many(twice, 2, in, out, 480), PERCEPNET_ERROR_ARGUMENT);
    ck_assert_int_eq(percepnet_process_many(missing, 2, in, out, 480), PERCEPNET_ERROR_ARGUMENT);
    ck_assert_int_eq(percepnet_process_many(both, 2, in, out, 481), PERCEPNET_ERROR_BLOCK_SIZE);
    ck_assert_int_eq(percepnet_process_many(both, 2, in, out, 0), PERCEPNET_OK);
    const Channels expected = run_stream(make_stream().get(), {x}, {960});
    ck_assert(equal(expected, run_stream(any.get(), {x}, {960})));
}
END_TEST

int main() {
    return run("many", {one_to_seventeen_streams_put_out_what_each_does_alone,
                        models_settings_channels_and_hop_phases_may_differ,
                        a_stream_after_its_flush_begins_anew_among_others,
                        bad_samples_of_one_stream_do_not_touch_the_others,
                        wrong_arguments_are_refused_and_nothing_is_consumed});
}

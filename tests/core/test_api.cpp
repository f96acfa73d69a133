// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Errors of the C interface: a code, a sentence, nothing crashes.
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>

#include "stream.hpp"

using namespace support;

namespace {

template <typename Change> std::string refusal(Change change) {
    percepnet_params params;
    percepnet_params_init(&params);
    change(params);
    percepnet_error error;
    percepnet_stream *stream = percepnet_create(&params, &error);
    ck_assert_ptr_null(stream);
    ck_assert_int_eq(error.status, PERCEPNET_ERROR_ARGUMENT);
    return error.message;
}

bool mentions(const std::string &text, const char *word) {
    return text.find(word) != std::string::npos;
}

bool ends_with(const std::string &text, const std::string &end) {
    return text.size() >= end.size() &&
           text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// Characters of one and two bytes only, none cut in two.
bool is_whole_text(const std::string &text) {
    for (std::size_t i = 0; i < text.size(); i++) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x80)
            continue;
        if (byte >> 5 != 6 || i + 1 == text.size() ||
            static_cast<unsigned char>(text[++i]) >> 6 != 2)
            return false;
    }
    return true;
}

std::string repeated(const char *text, int times) {
    std::string all;
    for (int i = 0; i < times; i++)
        all += text;
    return all;
}

std::string open_failure(const std::string &path, percepnet_status status) {
    percepnet_error error;
    ck_assert_ptr_null(percepnet_model_open(path.c_str(), &error));
    ck_assert_int_eq(error.status, status);
    return error.message;
}

} // namespace

START_TEST(defaults_make_a_working_stream) {
    percepnet_error error;
    Stream stream(percepnet_create(nullptr, &error));
    ck_assert_ptr_nonnull(stream.get());
    ck_assert_int_eq(error.status, PERCEPNET_OK);
    ck_assert_str_eq(error.message, "");
    ck_assert_int_eq(percepnet_channels(stream.get()), 1);
}
END_TEST

START_TEST(wrong_parameters_are_refused_with_a_sentence) {
    ck_assert(mentions(refusal([](auto &p) { p.sample_rate = 44100; }), "44100"));
    ck_assert(mentions(refusal([](auto &p) { p.sample_rate = 44100; }), "resample"));
    ck_assert(mentions(refusal([](auto &p) { p.channels = 0; }), "channels"));
    ck_assert(mentions(refusal([](auto &p) { p.channels = 65; }), "64"));
    ck_assert(mentions(refusal([](auto &p) { p.block_size = -1; }), "block_size"));
    ck_assert(mentions(refusal([](auto &p) { p.mix = 1.5f; }), "mix"));
    ck_assert(mentions(refusal([](auto &p) { p.mix = NAN; }), "mix"));
    ck_assert(mentions(refusal([](auto &p) { p.attenuation_limit = -3.0f; }), "attenuation"));
    ck_assert(mentions(refusal([](auto &p) { p.post_filter = 2.0f; }), "post_filter"));
    ck_assert(mentions(refusal([](auto &p) { p.size = 0; }), "percepnet_params_init"));
    // A size that cuts the pointer to the model in two, and one that cuts a number.
    for (const size_t size : {offsetof(percepnet_params, model) + 3,
                              offsetof(percepnet_params, mix) + 1, sizeof(percepnet_params) + 8})
        ck_assert(mentions(refusal([=](auto &p) { p.size = size; }), "percepnet_params_init"));
    ck_assert(mentions(refusal([](auto &p) { p.output = percepnet_output(9); }), "output"));
    ck_assert(mentions(refusal([](auto &p) { p.channel_mode = percepnet_channel_mode(9); }),
                       "channel_mode"));
}
END_TEST

START_TEST(an_older_shorter_parameter_structure_works) {
    percepnet_params params;
    percepnet_params_init(&params);
    params.size = offsetof(percepnet_params, mix);
    params.mix = NAN; // beyond what that version had: not read
    Stream stream(percepnet_create(&params, nullptr));
    ck_assert_ptr_nonnull(stream.get());
}
END_TEST

START_TEST(bad_model_files_are_refused_with_a_sentence) {
    percepnet_error error;
    ck_assert_ptr_null(percepnet_model_open("/nonexistent/model", &error));
    ck_assert_int_eq(error.status, PERCEPNET_ERROR_FILE);
    ck_assert(mentions(error.message, "/nonexistent/model"));
    ck_assert_ptr_null(percepnet_model_open("/", &error));
    ck_assert_int_eq(error.status, PERCEPNET_ERROR_FILE);
    ck_assert_ptr_null(percepnet_model_open(nullptr, &error));
    ck_assert_int_eq(error.status, PERCEPNET_ERROR_ARGUMENT);
    ck_assert_ptr_null(percepnet_model_open("/proc/self/exe", &error));
    ck_assert_int_eq(error.status, PERCEPNET_ERROR_MODEL);
    ck_assert_ptr_null(percepnet_model_from_memory("no model", 8, &error));
    ck_assert_int_eq(error.status, PERCEPNET_ERROR_MODEL);
    ck_assert_uint_gt(std::strlen(error.message), 10);
    ck_assert_ptr_null(percepnet_model_from_memory(nullptr, 0, nullptr));
}
END_TEST

START_TEST(a_long_path_leaves_room_for_the_reason) {
    for (const char *shift : {"", "x", "xy", "xyz"}) {
        const std::string path = std::string("/nonexistent/") + shift + repeated("\u00e9", 400);
        const std::string message = open_failure(path + "/m.safetensors", PERCEPNET_ERROR_FILE);
        ck_assert(mentions(message, "\"/nonexistent/"));
        ck_assert(mentions(message, "/m.safetensors\": "));
        ck_assert(ends_with(message, "to use the built-in one"));
        ck_assert_msg(is_whole_text(message), "%s", message.c_str());
    }
    const std::string dots = repeated("./", 400);
    ck_assert(ends_with(open_failure("/" + dots, PERCEPNET_ERROR_FILE), "path of a model file"));
    ck_assert(ends_with(open_failure("/proc/self/" + dots + "exe", PERCEPNET_ERROR_MODEL),
                        "larger than 256 KiB"));
}
END_TEST

START_TEST(the_built_in_model_tells_about_itself) {
    percepnet_error error;
    percepnet_model *model = percepnet_model_default(&error);
    ck_assert_ptr_nonnull(model);
    ck_assert_int_eq(percepnet_model_latency(model), 1440);
    ck_assert_uint_gt(percepnet_model_parameters(model), 50000);
    const char *key = percepnet_model_metadata_key(model, 0);
    ck_assert_ptr_nonnull(key);
    ck_assert_ptr_nonnull(percepnet_model_metadata(model, key));
    ck_assert_ptr_null(percepnet_model_metadata(model, "no such key"));
    ck_assert_ptr_null(percepnet_model_metadata_key(model, 10000));
    percepnet_model_unref(model);
}
END_TEST

START_TEST(a_stream_outlives_the_callers_reference_to_its_model) {
    percepnet_model *model = percepnet_model_default(nullptr);
    const auto stream = make_stream([&](percepnet_params &params) { params.model = model; });
    percepnet_model_unref(model);
    run_stream(stream.get(), {white_noise(4800, 0.1f)});
}
END_TEST

START_TEST(null_arguments_do_nothing_or_are_refused) {
    percepnet_destroy(nullptr);
    percepnet_model_unref(nullptr);
    percepnet_reset(nullptr);
    percepnet_params_init(nullptr);
    ck_assert_ptr_null(percepnet_model_ref(nullptr));
    ck_assert_int_eq(percepnet_latency(nullptr), 0);
    ck_assert_int_eq(percepnet_process(nullptr, nullptr, nullptr, 480), PERCEPNET_ERROR_ARGUMENT);
    ck_assert_uint_eq(percepnet_flush(nullptr, nullptr, 480), 0);
    const auto stream = make_stream();
    ck_assert_int_eq(percepnet_process(stream.get(), nullptr, nullptr, 480),
                     PERCEPNET_ERROR_ARGUMENT);
    ck_assert_int_eq(percepnet_process(stream.get(), nullptr, nullptr, 0), PERCEPNET_OK);
    ck_assert_int_eq(percepnet_get_readout(stream.get(), 1, nullptr), PERCEPNET_ERROR_ARGUMENT);
}
END_TEST

START_TEST(controls_clamp_and_refuse_nan) {
    const auto stream = make_stream();
    ck_assert_int_eq(percepnet_set_mix(stream.get(), 7.0f), PERCEPNET_OK);
    ck_assert_float_eq(percepnet_get_mix(stream.get()), 1.0f);
    ck_assert_int_eq(percepnet_set_mix(stream.get(), NAN), PERCEPNET_ERROR_ARGUMENT);
    ck_assert_float_eq(percepnet_get_mix(stream.get()), 1.0f);
    percepnet_set_attenuation_limit(stream.get(), -5.0f);
    ck_assert_float_eq(percepnet_get_attenuation_limit(stream.get()), 0.0f);
    percepnet_set_post_filter(stream.get(), 0.25f);
    ck_assert_float_eq(percepnet_get_post_filter(stream.get()), 0.25f);
    ck_assert_int_eq(percepnet_set_output(stream.get(), percepnet_output(7)),
                     PERCEPNET_ERROR_ARGUMENT);
    ck_assert_int_eq(percepnet_get_output(stream.get()), PERCEPNET_OUTPUT_ENHANCED);
}
END_TEST

START_TEST(every_control_is_set_and_read_by_its_id) {
    const auto stream = make_stream();
    percepnet_params params;
    percepnet_params_init(&params);
    ck_assert_int_eq(percepnet_control_count(), PERCEPNET_CONTROL_COUNT);
    for (int id = 0; id < percepnet_control_count(); id++) {
        const percepnet_control &control = *percepnet_control_info(id);
        ck_assert_int_eq(control.id, id);
        ck_assert_float_eq(percepnet_get_control(stream.get(), id), control.default_value);
        ck_assert_float_eq(percepnet_params_get_control(&params, id), control.default_value);
        const float other =
            control.default_value == control.maximum ? control.minimum : control.maximum;
        const percepnet_status wanted = control.live ? PERCEPNET_OK : PERCEPNET_ERROR_ARGUMENT;
        ck_assert_int_eq(percepnet_set_control(stream.get(), id, other), wanted);
        ck_assert_float_eq(percepnet_get_control(stream.get(), id),
                           control.live ? other : control.default_value);
        ck_assert_int_eq(percepnet_params_set_control(&params, id, other), PERCEPNET_OK);
        ck_assert_float_eq(percepnet_params_get_control(&params, id), other);
        ck_assert_int_eq(percepnet_params_set_control(&params, id, 1e9f), PERCEPNET_OK);
        ck_assert_float_eq(percepnet_params_get_control(&params, id), control.maximum);
        ck_assert_int_eq(percepnet_set_control(stream.get(), id, NAN), PERCEPNET_ERROR_ARGUMENT);
        ck_assert_int_eq(percepnet_params_set_control(&params, id, NAN), PERCEPNET_ERROR_ARGUMENT);
    }
}
END_TEST

START_TEST(parameters_made_by_id_make_the_stream_that_they_say) {
    const auto stream = make_stream([](percepnet_params &params) {
        percepnet_params_set_control(&params, PERCEPNET_CONTROL_MIX, 0.25f);
        percepnet_params_set_control(&params, PERCEPNET_CONTROL_OUTPUT, 0.9f); // the nearest
        percepnet_params_set_control(&params, PERCEPNET_CONTROL_CHANNEL_MODE, 1.0f);
        ck_assert_float_eq(params.mix, 0.25f);
        ck_assert_int_eq(params.output, PERCEPNET_OUTPUT_RESIDUAL);
    });
    ck_assert_float_eq(percepnet_get_mix(stream.get()), 0.25f);
    ck_assert_int_eq(percepnet_get_output(stream.get()), PERCEPNET_OUTPUT_RESIDUAL);
    ck_assert_float_eq(percepnet_get_control(stream.get(), PERCEPNET_CONTROL_CHANNEL_MODE), 1.0f);
}
END_TEST

START_TEST(all_controls_are_set_at_once) {
    const auto stream = make_stream();
    percepnet_params params;
    percepnet_params_init(&params);
    params.attenuation_limit = 12.0f;
    params.mix = NAN; // stays
    params.output = PERCEPNET_OUTPUT_BYPASS;
    params.channel_mode = PERCEPNET_CHANNELS_INDEPENDENT;  // not live
    params.size = offsetof(percepnet_params, post_filter); // an older header
    params.post_filter = 0.75f;
    ck_assert_int_eq(percepnet_set_controls(stream.get(), &params), PERCEPNET_OK);
    ck_assert_float_eq(percepnet_get_attenuation_limit(stream.get()), 12.0f);
    ck_assert_float_eq(percepnet_get_mix(stream.get()), 1.0f);
    ck_assert_float_eq(percepnet_get_post_filter(stream.get()), 0.5f);
    ck_assert_int_eq(percepnet_get_output(stream.get()), PERCEPNET_OUTPUT_BYPASS);
    ck_assert_float_eq(percepnet_get_control(stream.get(), PERCEPNET_CONTROL_CHANNEL_MODE), 0.0f);
}
END_TEST

START_TEST(controls_of_a_structure_of_no_version_are_refused) {
    const auto stream = make_stream();
    percepnet_params params;
    percepnet_params_init(&params);
    params.mix = 0.25f;
    for (const size_t size : {size_t(0), offsetof(percepnet_params, model) + 3,
                              offsetof(percepnet_params, post_filter) + 1, sizeof params + 8}) {
        params.size = size;
        ck_assert_int_eq(percepnet_set_controls(stream.get(), &params), PERCEPNET_ERROR_ARGUMENT);
        ck_assert_float_eq(percepnet_get_mix(stream.get()), 1.0f);
    }
}
END_TEST

START_TEST(unknown_controls_are_refused) {
    const auto stream = make_stream();
    percepnet_params params;
    percepnet_params_init(&params);
    for (const int id : {-1, percepnet_control_count(), 1000}) {
        ck_assert_ptr_null(percepnet_control_info(id));
        ck_assert_int_eq(percepnet_set_control(stream.get(), id, 0), PERCEPNET_ERROR_ARGUMENT);
        ck_assert_float_eq(percepnet_get_control(stream.get(), id), 0.0f);
        ck_assert_int_eq(percepnet_params_set_control(&params, id, 0), PERCEPNET_ERROR_ARGUMENT);
        ck_assert_float_eq(percepnet_params_get_control(&params, id), 0.0f);
    }
    ck_assert_int_eq(percepnet_set_control(nullptr, 0, 0), PERCEPNET_ERROR_ARGUMENT);
    ck_assert_int_eq(percepnet_set_controls(stream.get(), nullptr), PERCEPNET_ERROR_ARGUMENT);
    ck_assert_int_eq(percepnet_set_controls(nullptr, &params), PERCEPNET_ERROR_ARGUMENT);
}
END_TEST

START_TEST(a_path_or_the_built_in_model) {
    percepnet_error error;
    for (const char *path : {static_cast<const char *>(nullptr), ""}) {
        percepnet_model *model = percepnet_model_load(path, &error);
        ck_assert_ptr_nonnull(model);
        ck_assert_uint_gt(percepnet_model_parameters(model), 50000);
        percepnet_model_unref(model);
    }
    ck_assert_ptr_null(percepnet_model_load("/nonexistent/model", &error));
    ck_assert_int_eq(error.status, PERCEPNET_ERROR_FILE);
}
END_TEST

START_TEST(the_loudest_voice_is_that_of_the_channel_that_has_one) {
    const auto both = make_stream([](percepnet_params &params) {
        params.channels = 2;
        params.channel_mode = PERCEPNET_CHANNELS_INDEPENDENT;
    });
    const Channels in = {white_noise(48000, 0.05f), harmonic(48000, 180.0, 20.0)};
    Channels out = in;
    const float *const from[] = {in[0].data(), in[1].data()};
    float *const to[] = {out[0].data(), out[1].data()};
    percepnet_process(both.get(), from, to, in[0].size());
    percepnet_readout one, other, loudest;
    percepnet_get_readout(both.get(), 0, &one);
    percepnet_get_readout(both.get(), 1, &other);
    ck_assert_float_ne(one.voice_probability, other.voice_probability);
    percepnet_stream *const streams[] = {make_stream().release(), both.get()};
    ck_assert_int_eq(percepnet_get_loudest_voice(streams, 2, &loudest), PERCEPNET_OK);
    ck_assert_float_eq(loudest.voice_probability,
                       std::max(one.voice_probability, other.voice_probability));
    ck_assert_float_eq(loudest.snr_db,
                       one.voice_probability > other.voice_probability ? one.snr_db : other.snr_db);
    percepnet_destroy(streams[0]);
    percepnet_stream *const none[] = {nullptr};
    ck_assert_int_eq(percepnet_get_loudest_voice(none, 1, &loudest), PERCEPNET_ERROR_ARGUMENT);
    ck_assert_int_eq(percepnet_get_loudest_voice(streams, 0, &loudest), PERCEPNET_ERROR_ARGUMENT);
    ck_assert_int_eq(percepnet_get_loudest_voice(nullptr, 1, &loudest), PERCEPNET_ERROR_ARGUMENT);
}
END_TEST

START_TEST(every_status_has_a_sentence) {
    for (int status = 1; status > -7; status--)
        ck_assert_uint_gt(std::strlen(percepnet_status_text(percepnet_status(status))), 5);
    ck_assert_ptr_nonnull(percepnet_version());
    ck_assert_ptr_nonnull(percepnet_simd_level());
}
END_TEST

int main() {
    return run("api",
               {defaults_make_a_working_stream, wrong_parameters_are_refused_with_a_sentence,
                an_older_shorter_parameter_structure_works,
                bad_model_files_are_refused_with_a_sentence, a_long_path_leaves_room_for_the_reason,
                the_built_in_model_tells_about_itself,
                a_stream_outlives_the_callers_reference_to_its_model,
                null_arguments_do_nothing_or_are_refused, controls_clamp_and_refuse_nan,
                every_control_is_set_and_read_by_its_id,
                parameters_made_by_id_make_the_stream_that_they_say, all_controls_are_set_at_once,
                controls_of_a_structure_of_no_version_are_refused, unknown_controls_are_refused,
                a_path_or_the_built_in_model, the_loudest_voice_is_that_of_the_channel_that_has_one,
                every_status_has_a_sentence});
}

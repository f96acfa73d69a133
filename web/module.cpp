// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The C interface in a shape that JavaScript can call: numbers and addresses, no structures. One
// thread; percepnet.js is its only caller and says what each function is for.
#include <algorithm>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include <emscripten.h>
#include <nlohmann/json.hpp>
#include <percepnet.h>

namespace {

percepnet_error last_error;

struct Stream {
    percepnet_stream *engine;
    std::vector<std::vector<float>> blocks; // input, and output in its place
    std::vector<float *> channels;
    std::vector<float> readout;

    ~Stream() { percepnet_destroy(engine); }
};

nlohmann::ordered_json as_json(const percepnet_control &control) {
    nlohmann::ordered_json json = {
        {"id", int(control.id)},
        {"name", control.name},
        {"title", control.title},
        {"unit", control.unit},
        {"minimum", control.minimum},
        {"maximum", control.maximum},
        {"default", control.default_value},
        {"live", control.live != 0},
        {"legend", control.legend},
        {"description", control.description},
    };
    for (int i = 0; control.choices && i <= int(control.maximum); i++)
        json["choices"].push_back(
            {{"name", control.choices[i].name}, {"description", control.choices[i].description}});
    return json;
}

std::unique_ptr<Stream> make_stream(const percepnet_params &params, int block) {
    auto stream = std::make_unique<Stream>();
    stream->engine = percepnet_create(&params, &last_error);
    if (!stream->engine)
        return nullptr;
    stream->blocks.assign(std::size_t(params.channels), std::vector<float>(std::size_t(block)));
    for (auto &channel : stream->blocks)
        stream->channels.push_back(channel.data());
    stream->readout.resize(3 + 2 + 2 * PERCEPNET_BANDS);
    return stream;
}

} // namespace

extern "C" {

EMSCRIPTEN_KEEPALIVE const char *web_version() {
    return percepnet_version();
}

EMSCRIPTEN_KEEPALIVE const char *web_error() {
    return last_error.message;
}

EMSCRIPTEN_KEEPALIVE const char *web_status_text(int status) {
    return percepnet_status_text(percepnet_status(status));
}

EMSCRIPTEN_KEEPALIVE const char *web_controls() {
    static const std::string text = [] {
        nlohmann::ordered_json all = nlohmann::ordered_json::array();
        for (int id = 0; id < percepnet_control_count(); id++)
            all.push_back(as_json(*percepnet_control_info(id)));
        return all.dump();
    }();
    return text.c_str();
}

EMSCRIPTEN_KEEPALIVE float web_band_hz(int band) {
    return percepnet_band_hz(band);
}

// values: one for each control; model: its file's bytes, none for the built-in one.
EMSCRIPTEN_KEEPALIVE Stream *web_create(int channels, int block_size, int room, const float *values,
                                        const void *model, size_t size) {
    percepnet_params params;
    percepnet_params_init(&params);
    params.channels = channels;
    params.block_size = block_size;
    for (int id = 0; id < percepnet_control_count(); id++)
        percepnet_params_set_control(&params, id, values[id]);
    params.model = size ? percepnet_model_from_memory(model, size, &last_error)
                        : percepnet_model_default(&last_error);
    if (!params.model)
        return nullptr;
    std::unique_ptr<Stream> stream;
    try {
        stream = make_stream(params, room);
    } catch (const std::bad_alloc &) {
        last_error = {PERCEPNET_ERROR_MEMORY, "out of memory"};
    }
    percepnet_model_unref(params.model);
    return stream.release();
}

EMSCRIPTEN_KEEPALIVE void web_destroy(Stream *stream) {
    delete stream;
}

EMSCRIPTEN_KEEPALIVE float *web_block(Stream *stream, int channel) {
    return stream->channels[std::size_t(channel)];
}

EMSCRIPTEN_KEEPALIVE int web_process(Stream *stream, int frames) {
    return percepnet_process(stream->engine, stream->channels.data(), stream->channels.data(),
                             size_t(frames));
}

EMSCRIPTEN_KEEPALIVE int web_flush(Stream *stream, int room) {
    return int(percepnet_flush(stream->engine, stream->channels.data(), size_t(room)));
}

EMSCRIPTEN_KEEPALIVE void web_reset(Stream *stream) {
    percepnet_reset(stream->engine);
}

EMSCRIPTEN_KEEPALIVE int web_latency(const Stream *stream) {
    return percepnet_latency(stream->engine);
}

EMSCRIPTEN_KEEPALIVE int web_set_control(Stream *stream, int id, float value) {
    return percepnet_set_control(stream->engine, id, value);
}

EMSCRIPTEN_KEEPALIVE float web_get_control(const Stream *stream, int id) {
    return percepnet_get_control(stream->engine, id);
}

// Voice probability, SNR, gain; pitch and its correlation; gains and strengths of the bands.
EMSCRIPTEN_KEEPALIVE const float *web_readout(Stream *stream, int channel) {
    percepnet_readout hop;
    percepnet_bands bands;
    if (percepnet_get_readout(stream->engine, channel, &hop) != PERCEPNET_OK ||
        percepnet_get_bands(stream->engine, channel, &bands) != PERCEPNET_OK)
        return nullptr;
    float *to = stream->readout.data();
    for (const float value :
         {hop.voice_probability, hop.snr_db, hop.gain_db, bands.pitch_hz, bands.pitch_correlation})
        *to++ = value;
    to = std::copy_n(bands.gain, PERCEPNET_BANDS, to);
    std::copy_n(bands.strength, PERCEPNET_BANDS, to);
    return stream->readout.data();
}

} // extern "C"

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The C interface but for the controls and the signal: checks arguments, lets no exception out,
// holds no logic.
#include "percepnet/percepnet.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include "controls.hpp"
#include "handles.hpp"
#include "kernels/kernels.hpp"
#include "shortened.hpp"

using percepnet::Enhancer;
using percepnet::nn::Model;

namespace {

void clear(percepnet_error *error) {
    if (error)
        *error = {PERCEPNET_OK, ""};
}

// Allocates nothing: memory may be what ran out. What does not fit is cut off between characters.
void set_error(percepnet_error *error, percepnet_status status, const char *message) noexcept {
    if (!error)
        return;
    error->status = status;
    std::size_t length = std::min(std::strlen(message), sizeof error->message - 1);
    while (length > 0 && percepnet::continues_character(message[length]))
        length--;
    std::memcpy(error->message, message, length);
    error->message[length] = '\0';
}

struct Failure : std::runtime_error {
    Failure(percepnet_status code, const std::string &message)
        : std::runtime_error(message), status(code) {}
    percepnet_status status;
};

// Runs a function that makes something; failures become a status and a sentence.
template <typename Function>
auto guarded(percepnet_error *error, Function make) noexcept -> decltype(make()) {
    try {
        clear(error);
        return make();
    } catch (const Failure &failure) {
        set_error(error, failure.status, failure.what());
    } catch (const std::bad_alloc &) {
        set_error(error, PERCEPNET_ERROR_MEMORY, "out of memory");
    } catch (const std::exception &failure) {
        set_error(error, PERCEPNET_ERROR_MODEL, failure.what());
    }
    return nullptr;
}

// For messages.
std::string quoted(const std::string &path) {
    return '"' + percepnet::shortened(path, percepnet::kMostPath) + '"';
}

constexpr std::uintmax_t kMaxModelBytes = std::uintmax_t(256) << 20;

// A pipe would wait for a writer, a device may never end, a film is not read to its end.
void check_model_file(const std::string &path) {
    std::error_code failed;
    const auto status = std::filesystem::status(path, failed);
    if (!failed && std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))
        throw Failure(PERCEPNET_ERROR_FILE, "the model " + quoted(path) +
                                                " is no ordinary file (a folder, pipe or "
                                                "device); give the path of a model file");
    const std::uintmax_t size = std::filesystem::file_size(path, failed);
    if (!failed && size > kMaxModelBytes)
        throw Failure(PERCEPNET_ERROR_MODEL,
                      quoted(path) + " is larger than 256 MiB: that is no percepnet model");
}

std::vector<char> read_file(const std::string &path) {
    check_model_file(path);
    std::ifstream file(path, std::ios::binary);
    const int reason = errno;
    if (!file)
        throw Failure(PERCEPNET_ERROR_FILE, "cannot open the model file " + quoted(path) + ": " +
                                                std::strerror(reason) +
                                                "; check the path, or leave model unset to use "
                                                "the built-in one");
    std::vector<char> data;
    std::vector<char> chunk(std::size_t(1) << 20);
    while (data.size() <= kMaxModelBytes &&
           (file.read(chunk.data(), std::streamsize(chunk.size())) || file.gcount() > 0))
        data.insert(data.end(), chunk.begin(), chunk.begin() + file.gcount());
    if (data.empty() || data.size() > kMaxModelBytes)
        throw Failure(PERCEPNET_ERROR_FILE,
                      "the model file " + quoted(path) + " is empty or cannot be read");
    return data;
}

std::shared_ptr<const Model> default_model() {
    try {
        return Model::built_in();
    } catch (const std::bad_alloc &) {
        throw;
    } catch (const std::exception &failure) {
        throw Failure(PERCEPNET_ERROR_MODEL,
                      std::string("the built-in model is damaged: ") + failure.what());
    }
}

// Copies the caller's structure, whose size may be that of an older version of this header.
percepnet_params checked(const percepnet_params *given) {
    percepnet_params params;
    percepnet_params_init(&params);
    if (given) {
        if (!percepnet::is_size_of_params(given->size))
            throw Failure(PERCEPNET_ERROR_ARGUMENT,
                          "percepnet_params.size is wrong: call percepnet_params_init() first");
        std::memcpy(&params, given, given->size);
    }
    const auto require = [](bool good, const std::string &message) {
        if (!good)
            throw Failure(PERCEPNET_ERROR_ARGUMENT, message);
    };
    require(params.sample_rate == PERCEPNET_SAMPLE_RATE,
            "percepnet needs 48000 Hz, got " + std::to_string(params.sample_rate) +
                "; resample the signal to 48000 Hz before it");
    require(params.channels >= 1 && params.channels <= PERCEPNET_MAX_CHANNELS,
            "percepnet takes 1 to 64 channels, got " + std::to_string(params.channels));
    require(params.block_size >= 0,
            "block_size must be 0 (any) or positive, got " + std::to_string(params.block_size));
    for (const percepnet_control &control : percepnet::controls())
        require(percepnet::in_range(control, percepnet::read_field(params, control)),
                percepnet::requirement(control));
    return params;
}

percepnet_model *wrap(std::shared_ptr<const Model> model) {
    auto *handle = new percepnet_model;
    handle->model = std::move(model);
    return handle;
}

} // namespace

extern "C" {

const char *percepnet_version(void) {
    return PERCEPNET_VERSION;
}

const char *percepnet_status_text(percepnet_status status) {
    switch (status) {
    case PERCEPNET_OK:
        return "success";
    case PERCEPNET_ERROR_ARGUMENT:
        return "an argument is out of its range, or NULL where it must not be";
    case PERCEPNET_ERROR_MEMORY:
        return "out of memory";
    case PERCEPNET_ERROR_FILE:
        return "a file could not be opened or read";
    case PERCEPNET_ERROR_MODEL:
        return "the model is not a sound percepnet model, or needs a newer library";
    case PERCEPNET_ERROR_BLOCK_SIZE:
        return "the block is not a multiple of the promised block_size; set block_size to 0 for "
               "blocks of any size";
    }
    return "unknown status";
}

const char *percepnet_simd_level(void) {
    return percepnet::kernels::active().name;
}

percepnet_model *percepnet_model_default(percepnet_error *error) {
    return guarded(error, [] { return wrap(default_model()); });
}

percepnet_model *percepnet_model_open(const char *path, percepnet_error *error) {
    return guarded(error, [=] {
        if (!path)
            throw Failure(PERCEPNET_ERROR_ARGUMENT, "the model path is NULL");
        const std::vector<char> data = read_file(path);
        try {
            return wrap(Model::parse(data.data(), data.size()));
        } catch (const std::runtime_error &failure) {
            throw Failure(PERCEPNET_ERROR_MODEL, quoted(path) + ": " + failure.what());
        }
    });
}

percepnet_model *percepnet_model_load(const char *path, percepnet_error *error) {
    return path && *path ? percepnet_model_open(path, error) : percepnet_model_default(error);
}

percepnet_model *percepnet_model_from_memory(const void *data, size_t size,
                                             percepnet_error *error) {
    return guarded(error, [=] {
        if (!data)
            throw Failure(PERCEPNET_ERROR_ARGUMENT, "the model data is NULL");
        return wrap(Model::parse(data, size));
    });
}

percepnet_model *percepnet_model_ref(percepnet_model *model) {
    if (model)
        model->references.fetch_add(1, std::memory_order_relaxed);
    return model;
}

void percepnet_model_unref(percepnet_model *model) {
    if (model && model->references.fetch_sub(1, std::memory_order_acq_rel) == 1)
        delete model;
}

int percepnet_model_latency(const percepnet_model *model) {
    return model ? model->model->latency() : 0;
}

size_t percepnet_model_parameters(const percepnet_model *model) {
    return model ? model->model->parameters() : 0;
}

const char *percepnet_model_metadata(const percepnet_model *model, const char *key) {
    if (!model || !key)
        return nullptr;
    const auto &metadata = model->model->metadata();
    const auto entry = metadata.find(key);
    return entry == metadata.end() ? nullptr : entry->second.c_str();
}

const char *percepnet_model_metadata_key(const percepnet_model *model, size_t index) {
    if (!model || index >= model->model->metadata().size())
        return nullptr;
    return std::next(model->model->metadata().begin(), std::ptrdiff_t(index))->first.c_str();
}

void percepnet_params_init(percepnet_params *params) {
    if (!params)
        return;
    *params = {};
    params->size = sizeof *params;
    params->sample_rate = PERCEPNET_SAMPLE_RATE;
    params->channels = 1;
    for (const percepnet_control &control : percepnet::controls())
        percepnet::write_field(*params, control, control.default_value);
}

percepnet_stream *percepnet_create(const percepnet_params *given, percepnet_error *error) {
    return guarded(error, [=] {
        const percepnet_params params = checked(given);
        auto model = params.model ? params.model->model : default_model();
        auto *stream = new percepnet_stream{
            {std::move(model), params.channels, params.block_size, params.channel_mode}};
        for (const percepnet_control &control : percepnet::controls())
            stream->enhancer.settings().set(control.id, percepnet::read_field(params, control));
        stream->enhancer.reset();
        return stream;
    });
}

void percepnet_destroy(percepnet_stream *stream) {
    delete stream;
}

int percepnet_latency(const percepnet_stream *stream) {
    return stream ? stream->enhancer.latency() : 0;
}

int percepnet_channels(const percepnet_stream *stream) {
    return stream ? stream->enhancer.channels() : 0;
}

percepnet_status percepnet_get_readout(const percepnet_stream *stream, int channel,
                                       percepnet_readout *readout) {
    if (!stream || !readout || channel < 0 || channel >= stream->enhancer.channels())
        return PERCEPNET_ERROR_ARGUMENT;
    *readout = stream->enhancer.readout(channel);
    return PERCEPNET_OK;
}

percepnet_status percepnet_get_loudest_voice(percepnet_stream *const *streams, int count,
                                             percepnet_readout *readout) {
    if (!streams || !readout || count < 1 ||
        std::find(streams, streams + count, nullptr) != streams + count)
        return PERCEPNET_ERROR_ARGUMENT;
    percepnet_readout loudest = streams[0]->enhancer.readout(0);
    for (int s = 0; s < count; s++)
        for (int c = 0; c < streams[s]->enhancer.channels(); c++) {
            const percepnet_readout other = streams[s]->enhancer.readout(c);
            if (other.voice_probability > loudest.voice_probability)
                loudest = other;
        }
    *readout = loudest;
    return PERCEPNET_OK;
}

float percepnet_band_hz(int band) {
    using namespace percepnet;
    return band >= 0 && band < kBands
               ? float(kBandCentre[std::size_t(band)]) * float(kSampleRate) / float(kWindow)
               : 0.0f;
}

percepnet_status percepnet_get_bands(const percepnet_stream *stream, int channel,
                                     percepnet_bands *bands) {
    if (!stream || !bands || channel < 0 || channel >= stream->enhancer.channels())
        return PERCEPNET_ERROR_ARGUMENT;
    *bands = stream->enhancer.bands(channel);
    return PERCEPNET_OK;
}

} // extern "C"

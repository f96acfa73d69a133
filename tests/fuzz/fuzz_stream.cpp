// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The C interface: streams of any parameters, then any calls in any order, with small networks of
// both kinds. A stream of ordinary parameters is kept, reset and called again: making one is most
// of the time, and what a reset leaves behind is found too.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <vector>

#include "../nn/model_builder.hpp"
#include "bytes.hpp"
#include "percepnet.h"

using percepnet::fuzz::Bytes;

namespace {

constexpr std::size_t kMostFrames = 1500;
constexpr int kMostCalls = 24;
constexpr std::size_t kMostSamples = 3600; // of all calls and channels: some hops
constexpr int kKeptChannels = 6;
constexpr unsigned kUnusual = 16 | 32 | 64 | 128; // of the first byte: see any_params

void require(bool good) {
    if (!good)
        std::abort();
}

percepnet_model *load(const percepnet::nn::Architecture &architecture) {
    const std::string file = percepnet::test::ModelBuilder(architecture, true, 1).file();
    percepnet_model *const model = percepnet_model_from_memory(file.data(), file.size(), nullptr);
    require(model != nullptr);
    return model;
}

percepnet_model *dense_model() {
    percepnet::nn::Architecture a;
    a.fc = 2;
    a.width = 3;
    a.strength_width = 2;
    a.gru_layers = 1;
    return load(a);
}

percepnet_model *band_model() {
    return load(percepnet::test::band_architecture(16, 16, 16, 1, true));
}

percepnet_params any_params(Bytes &bytes, percepnet_model *model, bool &usual) {
    percepnet_params params;
    percepnet_params_init(&params);
    params.model = model;
    const unsigned kind = bytes.byte();
    usual = (kind & kUnusual) == 0;
    params.channels = int(kind % 8) - 1;
    params.channel_mode = percepnet_channel_mode((kind >> 3) & 1);
    params.block_size = kind & 16 ? int(bytes.below(1000)) - 10 : 0;
    if (kind & 32)
        params.mix = bytes.number();
    if (kind & 64)
        params.attenuation_limit = bytes.number();
    if (kind & 128)
        params.size = bytes.below(sizeof params + 2);
    if (kind == 255)
        params.channels = 64;
    return params;
}

/** A stream with what it needs to be called. */
class Caller {
public:
    Caller(percepnet_stream *stream, bool in_place)
        : stream_(stream), channels_(std::size_t(percepnet_channels(stream))), in_place_(in_place) {
    }

    void process(Bytes &bytes) {
        const std::size_t frames = bytes.below(kMostFrames);
        if (!spend(frames))
            return;
        fill(bytes, frames);
        point(frames);
        const percepnet_status status = percepnet_process(
            stream_, from_.data(), in_place_ ? to_in_.data() : to_.data(), frames);
        require(status == PERCEPNET_OK || status == PERCEPNET_ERROR_BLOCK_SIZE);
        if (status == PERCEPNET_OK)
            check(in_place_ ? to_in_ : to_, frames);
    }

    void flush(Bytes &bytes) {
        const std::size_t room = bytes.below(kMostFrames);
        if (!spend(room))
            return;
        point(room);
        const std::size_t got = percepnet_flush(stream_, to_.data(), room);
        require(got <= room);
        check(to_, got);
    }

    void set(Bytes &bytes) {
        const float value = bytes.number();
        const bool taken[] = {
            percepnet_set_mix(stream_, value) == PERCEPNET_OK,
            percepnet_set_attenuation_limit(stream_, value) == PERCEPNET_OK,
            percepnet_set_post_filter(stream_, value) == PERCEPNET_OK,
        };
        for (const bool t : taken)
            require(t == !std::isnan(value));
        const float mix = percepnet_get_mix(stream_);
        require(mix >= 0.0f && mix <= 1.0f);
        percepnet_set_output(stream_, percepnet_output(bytes.byte() % 3));
    }

    void read() {
        percepnet_readout r;
        require(percepnet_get_readout(stream_, int(channels_), &r) == PERCEPNET_ERROR_ARGUMENT);
        for (std::size_t c = 0; c < channels_; c++) {
            require(percepnet_get_readout(stream_, int(c), &r) == PERCEPNET_OK);
            require(r.voice_probability >= 0 && r.voice_probability <= 1 && r.snr_db >= -30 &&
                    r.snr_db <= 60 && r.gain_db >= -100 && r.gain_db <= 10);
        }
    }

private:
    bool spend(std::size_t frames) {
        spent_ += frames * channels_;
        return spent_ <= kMostSamples;
    }

    // Silence, a wave, or numbers of any kind.
    void fill(Bytes &bytes, std::size_t frames) {
        in_.resize(frames * channels_);
        const unsigned kind = bytes.byte();
        const float value = bytes.number();
        for (std::size_t i = 0; i < in_.size(); i++)
            in_[i] = kind % 4 == 0   ? 0.0f
                     : kind % 4 == 1 ? std::sin(float(i) * float(kind) * 0.001f)
                     : kind % 4 == 2 ? (i % 2 ? value : -value)
                                     : (i % 37 == kind % 37 ? value : 0.1f);
    }

    // Exactly as long as said, so that one sample more is seen.
    void point(std::size_t frames) {
        in_.resize(frames * channels_);
        out_.assign(frames * channels_, NAN);
        in_.shrink_to_fit();
        out_.shrink_to_fit();
        from_.clear(), to_.clear(), to_in_.clear();
        float spare = 0.0f;
        for (std::size_t c = 0; c < channels_; c++) {
            from_.push_back(frames ? &in_[c * frames] : &spare);
            to_in_.push_back(frames ? &in_[c * frames] : &spare);
            to_.push_back(frames ? &out_[c * frames] : &spare);
        }
    }

    void check(const std::vector<float *> &to, std::size_t frames) const {
        for (const float *channel : to)
            for (std::size_t i = 0; i < frames; i++)
                require(std::fabs(channel[i]) <= 1000.0f); // false for NaN
    }

    percepnet_stream *stream_;
    std::size_t channels_;
    bool in_place_;
    std::size_t spent_ = 0;
    std::vector<float> in_, out_;
    std::vector<const float *> from_;
    std::vector<float *> to_, to_in_;
};

void call(Caller &caller, percepnet_stream *stream, Bytes &bytes) {
    switch (bytes.byte() % 8) {
    case 0:
        return percepnet_reset(stream);
    case 1:
        return caller.flush(bytes);
    case 2:
        return caller.set(bytes);
    case 3:
        return caller.read();
    default:
        return caller.process(bytes);
    }
}

// One of each channel count and mode, as if new.
percepnet_stream *kept(const percepnet_params &params, std::size_t network) {
    static std::array<std::array<std::array<percepnet_stream *, 2>, kKeptChannels>, 2> streams{};
    percepnet_stream *&stream =
        streams[network][std::size_t(params.channels) - 1][std::size_t(params.channel_mode)];
    if (!stream)
        stream = percepnet_create(&params, nullptr);
    require(stream && percepnet_set_controls(stream, &params) == PERCEPNET_OK);
    percepnet_reset(stream);
    return stream;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    static percepnet_model *const models[] = {dense_model(), band_model()};
    const std::size_t network = size > 0 ? data[size - 1] % 2u : 0u;
    Bytes bytes(data, size);
    bool usual;
    const percepnet_params params = any_params(bytes, models[network], usual);
    const bool keep = usual && params.channels >= 1 && params.channels <= kKeptChannels;
    percepnet_error error{};
    percepnet_stream *const stream =
        keep ? kept(params, network) : percepnet_create(&params, &error);
    require((stream == nullptr) == (error.message[0] != '\0'));
    if (!stream)
        return 0;
    Caller caller(stream, bytes.byte() % 2 != 0);
    for (int i = 0; i < kMostCalls && !bytes.empty(); i++)
        call(caller, stream, bytes);
    if (!keep)
        percepnet_destroy(stream);
    return 0;
}

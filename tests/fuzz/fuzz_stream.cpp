// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The C interface: streams of any parameters, then any calls in any order, with small networks of
// both kinds. A stream of ordinary parameters is kept, reset and called again: making one is most
// of the time, and what a reset leaves behind is found too. A reset clears much memory: it is paid
// for like a hop, and one that nothing needs is left out.
#include <algorithm>
#include <array>
#include <climits>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <vector>

#include "../nn/model_builder.hpp"
#include "bytes.hpp"
#include "percepnet.h"
#include "require.hpp"

using percepnet::fuzz::Bytes;
using percepnet::fuzz::require;

namespace {

constexpr std::size_t kMostFrames = 1500;
constexpr int kMostCalls = 24;
constexpr std::size_t kMostSamples = 2400; // of all calls and channels: five hops
constexpr std::size_t kResetCost = 480;    // of these, for each channel
constexpr int kKeptChannels = 6;
constexpr unsigned kThreadedCalls = 256; // one of so many that ask for threads has them
constexpr unsigned kBlocks = 10, kSizes = 14, kAll = 15; // of the first byte's upper half

percepnet_model *load(const percepnet::nn::Architecture &architecture) {
    const std::string file = percepnet::test::ModelBuilder(architecture, true, 1).file();
    percepnet_model *const model = percepnet_model_from_memory(file.data(), file.size(), nullptr);
    require(model != nullptr);
    return model;
}

percepnet_model *dense_model() {
    return load(percepnet::test::dense_architecture(2, 3, 2, 1));
}

percepnet_model *band_model() {
    return load(percepnet::test::band_architecture(16, 16, 16, 1, true));
}

const std::array<percepnet_model *, 2> &models() {
    static const std::array<percepnet_model *, 2> both{dense_model(), band_model()};
    return both;
}

percepnet_params any_params(Bytes &bytes, percepnet_model *model, bool &usual) {
    percepnet_params params;
    percepnet_params_init(&params);
    params.model = model;
    const unsigned first = bytes.byte(), kind = first >> 4;
    usual = kind < kBlocks;
    params.channels = int(first % 8) - 1;
    params.channel_mode = percepnet_channel_mode((first >> 3) & 1);
    if (kind == kAll || (kind >= kBlocks && kind < kSizes))
        params.block_size = int(bytes.below(1000)) - 10;
    if (kind == kAll || kind & 1)
        params.mix = bytes.number();
    if (kind == kAll || kind & 2)
        params.attenuation_limit = bytes.number();
    if (kind >= kSizes)
        params.size = bytes.below(sizeof params + 2);
    if (first == 255)
        params.channels = 64;
    usual = usual && params.channels >= 1 && params.channels <= kKeptChannels && params.mix >= 0 &&
            params.mix <= 1 && params.attenuation_limit >= 0 && params.attenuation_limit <= 100;
    return params;
}

// One of each network, channel count and mode. It comes as if new.
struct Kept {
    percepnet_stream *stream = nullptr;
    bool used = false;
};

Kept &kept(percepnet_params params, std::size_t network) {
    static std::array<std::array<std::array<Kept, 2>, kKeptChannels>, 2> streams;
    Kept &kept =
        streams[network][std::size_t(params.channels) - 1][std::size_t(params.channel_mode)];
    if (!kept.stream)
        kept.stream = percepnet_create(&params, nullptr);
    require(kept.stream && percepnet_set_controls(kept.stream, &params) == PERCEPNET_OK);
    if (kept.used)
        percepnet_reset(kept.stream);
    kept.used = false;
    return kept;
}

/** A stream with what it needs to be called. */
class Caller {
public:
    Caller(percepnet_stream *stream, bool in_place)
        : stream_(stream), channels_(std::size_t(percepnet_channels(stream))), in_place_(in_place) {
    }

    bool done() const { return spent_ > kMostSamples; }

    void reset() {
        if (spend(kResetCost))
            percepnet_reset(stream_);
    }

    void process(Bytes &bytes) {
        process(bytes, [this](float *const *to, std::size_t frames) {
            return percepnet_process(stream_, from_.data(), to, frames);
        });
    }

    // Further threads, whose start would be all of the time, in one of many calls: in the first,
    // so that an input that is run alone has them.
    void process_bulk(Bytes &bytes) {
        static unsigned calls = 0;
        const unsigned choice = bytes.byte();
        int threads = choice > 8 ? 1 : choice == 8 ? INT_MAX : int(choice) - 1;
        if (threads >= 0 && calls++ % kThreadedCalls)
            threads = 1;
        process(bytes, [&](float *const *to, std::size_t frames) {
            const percepnet_status status =
                percepnet_process_bulk(stream_, from_.data(), to, frames, threads);
            require(status != (threads < 0 ? PERCEPNET_OK : PERCEPNET_ERROR_ARGUMENT));
            return status;
        });
    }

    // In one call with a stream of one channel and another network.
    void process_with(Kept &other, Bytes &bytes) {
        const std::size_t frames = bytes.below(kMostFrames);
        if (!spend(frames) || !spend(frames))
            return;
        other.used = true;
        fill(bytes, frames);
        point(frames);
        std::vector<float> out(frames, NAN);
        float *const other_to = out.data();
        percepnet_stream *const streams[] = {stream_, other.stream};
        const float *const *const from[] = {from_.data(), from_.data()};
        float *const *const to[] = {to_.data(), &other_to};
        const percepnet_status status = percepnet_process_many(streams, 2, from, to, frames);
        require(status == PERCEPNET_OK || status == PERCEPNET_ERROR_BLOCK_SIZE);
        if (status != PERCEPNET_OK)
            return;
        check(to_, frames);
        check({other_to}, frames);
        percepnet_readout r;
        require(percepnet_get_loudest_voice(streams, 2, &r) == PERCEPNET_OK);
        check(r);
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
        const unsigned choice = bytes.byte();
        percepnet_set_output(stream_, percepnet_output(choice % 3));
        const int id = int(choice >> 2) - 2;
        const percepnet_control *const control = percepnet_control_info(id);
        require((control != nullptr) == (id >= 0 && id < percepnet_control_count()));
        const percepnet_status status = percepnet_set_control(stream_, id, value);
        require((status == PERCEPNET_OK) == (control && control->live && !std::isnan(value)));
        const float set = percepnet_get_control(stream_, id);
        require(control ? set >= control->minimum && set <= control->maximum : set == 0.0f);
    }

    void read() {
        percepnet_readout r;
        require(percepnet_get_readout(stream_, int(channels_), &r) == PERCEPNET_ERROR_ARGUMENT);
        for (std::size_t c = 0; c < channels_; c++) {
            require(percepnet_get_readout(stream_, int(c), &r) == PERCEPNET_OK);
            check(r);
            percepnet_bands bands;
            require(percepnet_get_bands(stream_, int(c), &bands) == PERCEPNET_OK);
            require(bands.pitch_hz >= 62.5f && bands.pitch_hz <= 500 &&
                    bands.pitch_correlation >= 0 && bands.pitch_correlation <= 1);
            for (int b = 0; b < PERCEPNET_BANDS; b++)
                require(bands.gain[b] >= 0 && bands.gain[b] <= 2 && bands.strength[b] >= 0 &&
                        bands.strength[b] <= 1);
        }
    }

private:
    template <typename Call> void process(Bytes &bytes, Call call) {
        const std::size_t frames = bytes.below(kMostFrames);
        if (!spend(frames))
            return;
        fill(bytes, frames);
        point(frames);
        const percepnet_status status = call(in_place_ ? to_in_.data() : to_.data(), frames);
        require(status == PERCEPNET_OK || status == PERCEPNET_ERROR_BLOCK_SIZE ||
                status == PERCEPNET_ERROR_ARGUMENT);
        if (status == PERCEPNET_OK)
            check(in_place_ ? to_in_ : to_, frames);
    }

    static void check(const percepnet_readout &r) {
        require(r.voice_probability >= 0 && r.voice_probability <= 1 && r.snr_db >= -30 &&
                r.snr_db <= 60 && r.gain_db >= -100 && r.gain_db <= 10);
    }

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

void call(Caller &caller, std::size_t network, Bytes &bytes) {
    percepnet_params one;
    switch (bytes.byte() % 8) {
    case 0:
        return caller.reset();
    case 1:
        return caller.flush(bytes);
    case 2:
        return caller.set(bytes);
    case 3:
        return caller.read();
    case 4:
        percepnet_params_init(&one);
        one.model = models()[1 - network];
        return caller.process_with(kept(one, 1 - network), bytes);
    case 5:
        return caller.process_bulk(bytes);
    default:
        return caller.process(bytes);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::size_t network = size > 0 ? data[size - 1] % 2u : 0u;
    Bytes bytes(data, size);
    bool usual;
    const percepnet_params params = any_params(bytes, models()[network], usual);
    percepnet_error error{};
    Kept made;
    if (!usual)
        made.stream = percepnet_create(&params, &error);
    Kept &use = usual ? kept(params, network) : made;
    require((use.stream == nullptr) == (error.message[0] != '\0'));
    if (!use.stream)
        return 0;
    use.used = true;
    Caller caller(use.stream, bytes.byte() % 2 != 0);
    for (int i = 0; i < kMostCalls && !bytes.empty() && !caller.done(); i++)
        call(caller, network, bytes);
    percepnet_destroy(made.stream);
    return 0;
}

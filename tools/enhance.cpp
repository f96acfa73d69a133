// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "actions.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "audio_file.hpp"
#include "error.hpp"
#include "progress.hpp"
#include "resampler.hpp"
#include "spectrogram.hpp"

namespace percepnet::tools {
namespace {

/** Reader to writer, block by block: up to 48 kHz, through the stream, and back. */
class Pipeline {
public:
    Pipeline(const Options &options, percepnet_stream *stream)
        : reader_(options.in, options.raw), stream_(stream),
          up_(reader_.rate(), PERCEPNET_SAMPLE_RATE, reader_.channels()),
          down_(PERCEPNET_SAMPLE_RATE, reader_.rate(), reader_.channels()),
          input_(reader_.channels()), engine_(reader_.channels()), output_(reader_.channels()) {}

    AudioReader &reader() { return reader_; }
    void use_stream(percepnet_stream *stream) {
        stream_ = stream;
        head_ = std::size_t(percepnet_latency(stream));
    }
    void write_to(AudioWriter *writer) { writer_ = writer; }
    void draw_to(Spectrogram *before, Spectrogram *after) { before_ = before, after_ = after; }

    void run(Progress &progress) {
        const std::size_t block = std::size_t(reader_.rate()) / 20;
        for (reader_.read(input_, block); input_.frames() > 0; reader_.read(input_, block)) {
            frames_in_ += input_.frames();
            if (before_)
                before_->add(input_, input_.frames());
            up_.process(input_, engine_);
            enhance_block();
            down_.process(engine_, output_);
            put(output_);
            progress.show(frames_in_);
        }
        finish();
    }

    std::size_t frames() const { return frames_in_; }

private:
    void enhance_block() {
        percepnet_process(stream_, engine_.pointers(), engine_.pointers(), engine_.frames());
        drop_head();
    }

    void drop_head() {
        const std::size_t dropped = std::min(head_, engine_.frames());
        engine_.drop_front(dropped);
        head_ -= dropped;
    }

    void finish() {
        up_.flush(engine_);
        enhance_block();
        down_.process(engine_, output_);
        put(output_);
        engine_.resize(std::size_t(percepnet_latency(stream_)));
        engine_.resize(percepnet_flush(stream_, engine_.pointers(), engine_.frames()));
        drop_head();
        down_.process(engine_, output_);
        put(output_);
        down_.flush(output_);
        put(output_);
        pad();
    }

    /** The resamplers may be a sample short or long: the length is that of the input. */
    void put(const Planar &block) {
        const std::size_t frames = std::min(block.frames(), frames_in_ - frames_out_);
        frames_out_ += frames;
        if (writer_)
            writer_->write(block, frames);
        if (after_)
            after_->add(block, frames);
    }

    void pad() {
        output_.resize(frames_in_ - frames_out_);
        for (int c = 0; c < output_.channels(); c++)
            std::fill_n(output_[c], output_.frames(), 0.0f);
        put(output_);
    }

    AudioReader reader_;
    percepnet_stream *stream_;
    Resampler up_, down_;
    Planar input_, engine_, output_;
    AudioWriter *writer_ = nullptr;
    Spectrogram *before_ = nullptr, *after_ = nullptr;
    std::size_t head_ = 0, frames_in_ = 0, frames_out_ = 0;
};

void check_paths(const Options &options) {
    std::error_code ignored;
    if (options.in != "-" && !options.out.empty() &&
        std::filesystem::equivalent(options.in, options.out, ignored))
        throw Error("IN and OUT are both " + options.in + "; write to another file");
}

StreamHandle make_stream(const Options &options, percepnet_model *model, int channels) {
    if (channels > PERCEPNET_MAX_CHANNELS)
        throw Error(options.in + " has " + std::to_string(channels) +
                    " channels; 64 are the most, split it first");
    percepnet_params params = options.params;
    params.model = model;
    params.channels = channels;
    return open_stream(params);
}

} // namespace

ModelHandle open_model(const Options &options) {
    percepnet_error error;
    ModelHandle model(percepnet_model_load(options.model.c_str(), &error));
    if (!model)
        throw Error(error.message);
    return model;
}

StreamHandle open_stream(const percepnet_params &params) {
    percepnet_error error;
    StreamHandle stream(percepnet_create(&params, &error));
    if (!stream)
        throw Error(error.message);
    return stream;
}

void enhance(const Options &options) {
    check_paths(options);
    const ModelHandle model = open_model(options);
    Pipeline pipeline(options, nullptr);
    AudioReader &reader = pipeline.reader();
    const StreamHandle stream = make_stream(options, model.get(), reader.channels());
    pipeline.use_stream(stream.get());

    std::optional<AudioWriter> writer;
    if (!options.out.empty())
        pipeline.write_to(&writer.emplace(options.out, reader, options.raw.rate > 0));
    std::optional<Spectrogram> before, after;
    if (!options.plot.empty())
        pipeline.draw_to(&before.emplace(reader.rate()), &after.emplace(reader.rate()));

    Progress progress(reader.rate(), reader.length(), options.quiet);
    pipeline.run(progress);
    if (writer)
        writer->close();
    if (before)
        draw_spectrograms(options.plot, *before, *after);
    progress.finish(pipeline.frames());
    if (pipeline.frames() == 0)
        std::fprintf(stderr, "percepnet: %s holds no samples, so the output holds none either\n",
                     options.in.c_str());
}

} // namespace percepnet::tools

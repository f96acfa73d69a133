// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "pipeline.hpp"

#include <algorithm>
#include <cmath>

#include "error.hpp"
#include "interrupt.hpp"

namespace percepnet::tools {
namespace {

constexpr std::size_t kLeastBlock = 64;                    // frames; for rates that no sound has
constexpr std::size_t kBulkSamples = std::size_t(1) << 19; // of all channels: memory

/** With these settings the output is the input: it is copied, whatever its rate and format. */
bool leaves_input_alone(const percepnet_stream *stream) {
    const percepnet_output output = percepnet_get_output(stream);
    return output == PERCEPNET_OUTPUT_BYPASS ||
           (output == PERCEPNET_OUTPUT_ENHANCED &&
            (percepnet_get_mix(stream) == 0.0f || percepnet_get_attenuation_limit(stream) == 0.0f));
}

} // namespace

Pipeline::Pipeline(SoundReader &reader, percepnet_stream *stream, SoundWriter *writer, int threads)
    : reader_(reader), stream_(stream), writer_(writer), threads_(threads),
      up_(reader.rate(), PERCEPNET_SAMPLE_RATE, reader.channels()),
      down_(PERCEPNET_SAMPLE_RATE, reader.rate(), reader.channels()), input_(reader.channels()),
      engine_(reader.channels()), output_(reader.channels()),
      head_(std::size_t(percepnet_latency(stream))) {}

/** A pipe is not: what comes out of it slowly shall go on at once. */
bool Pipeline::in_bulk() const {
    return on_hop.empty() && reader_.length_known();
}

bool Pipeline::read_block() {
    if (interrupted())
        return false;
    const std::size_t rate = std::size_t(reader_.rate());
    const std::size_t block =
        in_bulk() ? std::min(rate * 5, kBulkSamples / std::size_t(reader_.channels())) : rate / 20;
    reader_.read(input_, std::max(block, kLeastBlock));
    frames_in_ += input_.frames();
    for (const Listener &listen : on_input)
        listen(input_, input_.frames());
    return input_.frames() > 0;
}

void Pipeline::run() {
    if (leaves_input_alone(stream_))
        return copy();
    while (read_block()) {
        up_.process(input_, engine_);
        enhance_block();
        down_.process(engine_, output_);
        put(output_);
    }
    finish();
}

void Pipeline::copy() {
    std::vector<double> exact;
    while (read_block()) {
        exact = reader_.exact();
        for (double &sample : exact)
            sample = std::isfinite(sample) ? sample : 0.0;
        if (writer_)
            writer_->write(exact);
        for (const Listener &listen : on_output)
            listen(input_, input_.frames());
        if (!on_hop.empty()) {
            up_.process(input_, engine_);
            enhance_block();
        }
    }
}

void Pipeline::enhance_block() {
    if (in_bulk()) {
        const percepnet_status status = percepnet_process_bulk(
            stream_, engine_.pointers(), engine_.pointers(), engine_.frames(), threads_);
        if (status != PERCEPNET_OK)
            throw Error(percepnet_status_text(status));
        return drop_head();
    }
    std::vector<float *> at(engine_.pointers(), engine_.pointers() + engine_.channels());
    for (std::size_t done = 0; done < engine_.frames();) {
        const std::size_t left = engine_.frames() - done;
        const std::size_t count =
            on_hop.empty() ? left : std::min(left, PERCEPNET_HOP_SIZE - in_hop_);
        percepnet_process(stream_, at.data(), at.data(), count);
        for (float *&channel : at)
            channel += count;
        done += count;
        in_hop_ = (in_hop_ + count) % PERCEPNET_HOP_SIZE;
        if (in_hop_ == 0)
            tell_hop();
    }
    drop_head();
}

void Pipeline::tell_hop() {
    int loudest = 0;
    percepnet_readout readout, other;
    percepnet_bands bands;
    if (percepnet_get_readout(stream_, 0, &readout))
        return;
    for (int c = 1; c < engine_.channels(); c++)
        if (!percepnet_get_readout(stream_, c, &other) &&
            other.voice_probability > readout.voice_probability)
            readout = other, loudest = c;
    if (percepnet_get_bands(stream_, loudest, &bands))
        return;
    for (const HopListener &listen : on_hop)
        listen(readout, bands);
}

void Pipeline::drop_head() {
    const std::size_t dropped = std::min(head_, engine_.frames());
    engine_.drop_front(dropped);
    head_ -= dropped;
}

void Pipeline::finish() {
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
void Pipeline::put(const Planar &block) {
    const std::size_t frames = std::min(block.frames(), frames_in_ - frames_out_);
    frames_out_ += frames;
    if (writer_)
        writer_->write(block, frames);
    for (const Listener &listen : on_output)
        listen(block, frames);
}

void Pipeline::pad() {
    output_.resize(frames_in_ - frames_out_);
    for (int c = 0; c < output_.channels(); c++)
        std::fill_n(output_[c], output_.frames(), 0.0f);
    put(output_);
}

} // namespace percepnet::tools

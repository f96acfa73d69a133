// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <functional>

#include <percepnet/percepnet.h>

#include "resampler.hpp"
#include "sound.hpp"

namespace percepnet::tools {

/** Reader to writer, block by block: up to 48 kHz, through the stream, and back. Same length, no
 * lag. */
class Pipeline {
public:
    using Listener = std::function<void(const Planar &block, std::size_t frames)>;
    using HopListener =
        std::function<void(const percepnet_readout &readout, const percepnet_bands &bands)>;

    /** @param writer null: the sound is only listened to
        @param threads for a file of known length without on_hop, which goes in longer blocks */
    Pipeline(SoundReader &reader, percepnet_stream *stream, SoundWriter *writer, int threads);

    /** Called with all of the input, of the output, and once for each hop of the engine: with the
        channel that most likely has a voice in it. */
    std::vector<Listener> on_input, on_output;
    std::vector<HopListener> on_hop;

    /** To the end of the input, or to a signal (interrupt.hpp): then what was read is finished.
        @throws Error */
    void run();

    /** Samples read, and written. */
    std::size_t frames() const { return frames_in_; }

private:
    bool in_bulk() const;
    bool read_block();
    void copy();
    void enhance_block();
    void tell_hop();
    void drop_head();
    void finish();
    void put(const Planar &block);
    void pad();

    SoundReader &reader_;
    percepnet_stream *stream_;
    SoundWriter *writer_;
    const int threads_;
    Resampler up_, down_;
    Planar input_, engine_, output_;
    std::size_t head_;
    std::size_t in_hop_ = 0; // samples since the engine's last hop
    std::size_t frames_in_ = 0, frames_out_ = 0;
};

} // namespace percepnet::tools

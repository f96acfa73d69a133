// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The C interface to the signal: checks arguments, holds no logic.
#include <algorithm>
#include <array>
#include <cstddef>
#include <new>

#include "handles.hpp"
#include "percepnet/percepnet.h"
#include "processors.hpp"

using percepnet::Enhancer;

namespace {

bool complete(const float *const *pointers, int channels) {
    return pointers && std::all_of(pointers, pointers + channels, [](auto *p) { return p; });
}

percepnet_status check_block(const percepnet_stream *stream, const float *const *in,
                             const float *const *out, size_t frames) {
    if (!stream)
        return PERCEPNET_ERROR_ARGUMENT;
    if (frames == 0)
        return PERCEPNET_OK;
    const Enhancer &enhancer = stream->enhancer;
    if (!complete(in, enhancer.channels()) || !complete(out, enhancer.channels()))
        return PERCEPNET_ERROR_ARGUMENT;
    return frames % size_t(enhancer.quantum()) == 0 ? PERCEPNET_OK : PERCEPNET_ERROR_BLOCK_SIZE;
}

} // namespace

extern "C" {

percepnet_status percepnet_process(percepnet_stream *stream, const float *const *in,
                                   float *const *out, size_t frames) {
    const percepnet_status status = check_block(stream, in, out, frames);
    if (status == PERCEPNET_OK && frames > 0)
        stream->enhancer.process(in, out, frames);
    return status;
}

percepnet_status percepnet_process_many(percepnet_stream *const *streams, int count,
                                        const float *const *const *in, float *const *const *out,
                                        size_t frames) {
    if (count < 0 || (count > 0 && (!streams || !in || !out)))
        return PERCEPNET_ERROR_ARGUMENT;
    for (int s = 0; s < count; s++) {
        const percepnet_status status = check_block(streams[s], in[s], out[s], frames);
        if (status != PERCEPNET_OK)
            return status;
        if (std::find(streams, streams + s, streams[s]) != streams + s)
            return PERCEPNET_ERROR_ARGUMENT;
    }
    std::array<Enhancer::Turn, percepnet::kTogether> turns;
    size_t waiting = 0;
    for (int s = 0; s < count && frames > 0; s++) {
        turns[waiting++] = {&streams[s]->enhancer, in[s], out[s]};
        if (waiting == turns.size() || s == count - 1) {
            Enhancer::process_together({turns.data(), waiting}, frames);
            waiting = 0;
        }
    }
    return PERCEPNET_OK;
}

percepnet_status percepnet_process_bulk(percepnet_stream *stream, const float *const *in,
                                        float *const *out, size_t frames, int threads) {
    const percepnet_status status = check_block(stream, in, out, frames);
    if (status != PERCEPNET_OK)
        return status;
    if (threads < 0)
        return PERCEPNET_ERROR_ARGUMENT;
    if (threads == 0)
        threads = percepnet::processors();
    try {
        if (frames > 0)
            stream->enhancer.process_bulk(in, out, frames, threads);
    } catch (const std::bad_alloc &) {
        return PERCEPNET_ERROR_MEMORY;
    }
    return PERCEPNET_OK;
}

size_t percepnet_flush(percepnet_stream *stream, float *const *out, size_t capacity) {
    if (!stream || !complete(out, stream->enhancer.channels()))
        return 0;
    return stream->enhancer.flush(out, capacity);
}

void percepnet_reset(percepnet_stream *stream) {
    if (stream)
        stream->enhancer.reset();
}

} // extern "C"

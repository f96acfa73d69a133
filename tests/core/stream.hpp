// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Running signals through the public C interface.
#pragma once

#include <memory>

#include "percepnet.h"
#include "support.hpp"

namespace support {

struct Destroy {
    void operator()(percepnet_stream *stream) const { percepnet_destroy(stream); }
};
using Stream = std::unique_ptr<percepnet_stream, Destroy>;

template <typename Change> Stream make_stream(Change change) {
    percepnet_params params;
    percepnet_params_init(&params);
    change(params);
    percepnet_error error;
    Stream stream(percepnet_create(&params, &error));
    ck_assert_msg(stream != nullptr, "%s", error.message);
    return stream;
}

inline Stream make_stream() {
    return make_stream([](percepnet_params &) {});
}

using Channels = std::vector<Samples>;

// All of in, in blocks of the sizes given in turn, then the tail: latency() samples more than in.
inline Channels run_stream(percepnet_stream *stream, const Channels &in,
                           const std::vector<std::size_t> &blocks = {480}) {
    const std::size_t count = in[0].size();
    const std::size_t latency = std::size_t(percepnet_latency(stream));
    Channels out(in.size(), Samples(count + latency));
    std::vector<const float *> from(in.size());
    std::vector<float *> to(in.size());
    const auto at = [&](std::size_t position) {
        for (std::size_t c = 0; c < in.size(); c++) {
            from[c] = in[c].data() + std::min(position, count);
            to[c] = out[c].data() + position;
        }
    };
    std::size_t done = 0;
    for (std::size_t i = 0; done < count; i++) {
        const std::size_t frames = std::min(blocks[i % blocks.size()], count - done);
        at(done);
        ck_assert_int_eq(percepnet_process(stream, from.data(), to.data(), frames), PERCEPNET_OK);
        done += frames;
    }
    for (std::size_t i = 0;; i++) {
        at(done);
        const std::size_t room = std::min(blocks[i % blocks.size()], count + latency - done);
        const std::size_t got = percepnet_flush(stream, to.data(), std::max<std::size_t>(room, 1));
        if (got == 0)
            break;
        done += got;
        ck_assert_uint_le(done, count + latency);
    }
    ck_assert_uint_eq(done, count + latency);
    return out;
}

inline bool equal(const Channels &a, const Channels &b) {
    return a == b;
}

} // namespace support

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Every function that the C interface calls real-time safe, for the tests that watch what they do.
#pragma once

#include "stream.hpp"

namespace support {

// A stream of so many channels (independent ones if more than two) and sound for it, with a bad
// sample.
struct Working {
    Stream stream;
    Channels x;
    std::vector<float *> pointers;

    explicit Working(int channels)
        : stream(make_stream([&](percepnet_params &params) {
              params.channels = channels;
              params.channel_mode =
                  channels > 2 ? PERCEPNET_CHANNELS_INDEPENDENT : PERCEPNET_CHANNELS_LINKED;
          })),
          x(std::size_t(channels), white_noise(4800, 0.1f)) {
        x[0][3] = NAN;
        for (Samples &channel : x)
            pointers.push_back(channel.data());
    }

    // Neither allocates nor checks, so that all that is seen while it runs is the library's.
    void call_everything() {
        percepnet_stream *const s = stream.get();
        float **const at = pointers.data();
        for (const std::size_t frames : {4800u, 1u, 441u, 4096u})
            percepnet_process(s, at, at, frames);
        percepnet_set_mix(s, 0.5f);
        percepnet_set_attenuation_limit(s, 20.0f);
        percepnet_set_post_filter(s, 0.1f);
        percepnet_set_output(s, PERCEPNET_OUTPUT_RESIDUAL);
        percepnet_process(s, at, at, 4800);
        percepnet_set_control(s, PERCEPNET_CONTROL_MIX, 1.0f);
        percepnet_params params;
        percepnet_params_init(&params);
        percepnet_set_controls(s, &params);
        percepnet_set_control(s, PERCEPNET_CONTROL_OUTPUT, NAN);
        const float *const *const in = at;
        float *const *const out = at;
        percepnet_process_many(&s, 1, &in, &out, 4800);
        for (int id = -1; id <= percepnet_control_count(); id++)
            percepnet_get_control(s, id), percepnet_control_info(id);
        percepnet_get_mix(s), percepnet_get_attenuation_limit(s);
        percepnet_get_post_filter(s), percepnet_get_output(s);
        percepnet_latency(s), percepnet_channels(s), percepnet_band_hz(3);
        percepnet_readout readout;
        percepnet_bands bands;
        for (int c = 0; c < percepnet_channels(s); c++)
            percepnet_get_readout(s, c, &readout), percepnet_get_bands(s, c, &bands);
        percepnet_get_loudest_voice(&s, 1, &readout);
        while (percepnet_flush(s, at, 1000) > 0) {
        }
        percepnet_process(s, at, at, 960);
        percepnet_reset(s);
    }
};

} // namespace support

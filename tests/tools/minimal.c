// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The public header alone, first, as C and as C++ (minimal.cpp): it compiles, links and runs.
#include <percepnet/percepnet.h>

#include <stdio.h>

int main(void) {
    float samples[1000] = {0};
    float *channel[1];
    percepnet_error error;
    percepnet_params params;
    percepnet_stream *stream;
    size_t total = 0, frames;

    channel[0] = samples;
    percepnet_params_init(&params);
    stream = percepnet_create(&params, &error);
    if (!stream) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    if (percepnet_process(stream, (const float *const *)channel, channel, 1000) != PERCEPNET_OK)
        return 1;
    while ((frames = percepnet_flush(stream, channel, 1000)) > 0)
        total += frames;
    if (total != (size_t)percepnet_latency(stream))
        return 1;
    percepnet_destroy(stream);
    return 0;
}

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The smallest useful program: raw 48 kHz mono float samples from standard input to standard
// output, as many as came in and with no lag.
//
//     cc enhance.c -o enhance $(pkg-config --cflags --libs percepnet)
//     ./enhance < noisy.f32 > clean.f32
#include <stdio.h>

#include <percepnet.h>

#define BLOCK 1024 // any size will do

/** Writes what comes after the first *late samples. @return 0 if it cannot be written */
static int put(const float *block, size_t count, size_t *late) {
    const size_t dropped = count < *late ? count : *late;
    *late -= dropped;
    return fwrite(block + dropped, sizeof *block, count - dropped, stdout) == count - dropped;
}

int main(void) {
    percepnet_error error;
    percepnet_stream *stream = percepnet_create(NULL, &error); // mono, the model built in
    if (!stream) {
        fprintf(stderr, "enhance: %s\n", error.message);
        return 1;
    }
    float block[BLOCK], *channel = block;
    size_t late = (size_t)percepnet_latency(stream), count;
    int good = 1;
    while (good && (count = fread(block, sizeof *block, BLOCK, stdin)) > 0) {
        percepnet_process(stream, (const float *const *)&channel, &channel, count); // in place
        good = put(block, count, &late);
    }
    while (good && (count = percepnet_flush(stream, &channel, BLOCK)) > 0) // what is still inside
        good = put(block, count, &late);
    percepnet_destroy(stream);
    if (!good || ferror(stdin) || fflush(stdout) != 0) {
        fprintf(stderr, "enhance: standard input or output failed\n");
        return 1;
    }
    return 0;
}

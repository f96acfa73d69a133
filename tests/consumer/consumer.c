// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The least that a user of the library writes; also compiled as C++.
#include PERCEPNET_HEADER

int main(void) {
    percepnet_stream *stream = percepnet_create(NULL, NULL);
    const int latency = percepnet_latency(stream);
    percepnet_destroy(stream);
    return latency != 1919;
}

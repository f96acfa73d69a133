#!/usr/bin/env python3
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Prints how far two float WAV files of the same sound are apart: compare.py A.wav B.wav"""

import array
import math
import struct
import sys

FLOAT_CODES = (3, 0xFFFE)  # WAVE_FORMAT_IEEE_FLOAT, WAVE_FORMAT_EXTENSIBLE


def samples_of(path):
    """(frames, channels, interleaved float samples) of a 32-bit float WAV file."""
    with open(path, "rb") as file:
        data = file.read()
    position, channels = 12, 0
    while position + 8 <= len(data):
        name, size = data[position:position + 4], struct.unpack_from("<I", data, position + 4)[0]
        body = data[position + 8:position + 8 + size]
        if name == b"fmt ":
            code, channels, _, _, _, bits = struct.unpack_from("<HHIIHH", body)
            if code not in FLOAT_CODES or bits != 32:
                sys.exit(f"{path} does not hold 32-bit floats")
        if name == b"data":
            body = body[:len(body) // (4 * channels) * 4 * channels]
            return len(body) // (4 * channels), channels, array.array("f", body)
        position += 8 + size + size % 2
    sys.exit(f"{path} is not a WAV file")


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: compare.py A.wav B.wav")
    (frames_a, channels_a, a), (frames_b, channels_b, b) = map(samples_of, sys.argv[1:])
    if channels_a != channels_b:
        sys.exit(f"{channels_a} channels against {channels_b}")
    largest = max((abs(x - y) for x, y in zip(a, b)), default=0.0)
    level = f"{20 * math.log10(largest):.0f} dBFS" if largest > 0 else "every sample the same"
    print(f"Samples in each channel: {frames_a} and {frames_b}; "
          f"largest difference: {largest:.3g} ({level})")
    sys.exit(frames_a != frames_b)


if __name__ == "__main__":
    main()

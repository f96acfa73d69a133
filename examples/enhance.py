#!/usr/bin/env python3
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""The C interface from Python: numpy in, numpy out, nothing to compile.

    python3 enhance.py noisy.wav clean.wav      (python3-numpy, python3-soundfile; a 48 kHz file)
"""

import ctypes
import sys

import numpy as np

lib = ctypes.CDLL("libpercepnet.so.0")
lib.percepnet_create.restype = ctypes.c_void_p


def enhance(samples):
    """One channel of 48 kHz sound in [-1, 1], shape (n,): the same length comes back, no lag."""
    stream = ctypes.c_void_p(lib.percepnet_create(None, None))
    late = lib.percepnet_latency(stream)
    sound = np.append(samples, np.zeros(late)).astype(np.float32)  # a copy: processed in place
    channel = (ctypes.c_void_p * 1)(sound.ctypes.data)
    lib.percepnet_process(stream, channel, channel, ctypes.c_size_t(sound.size))
    lib.percepnet_destroy(stream)
    return sound[late:]


def main():
    import soundfile
    sound, rate = soundfile.read(sys.argv[1], always_2d=True)
    if rate != 48000:
        sys.exit(f"enhance.py: {sys.argv[1]} has {rate} Hz; convert it to 48000 Hz first")
    soundfile.write(sys.argv[2], np.stack([enhance(one) for one in sound.T], axis=1), rate)


if __name__ == "__main__":
    main()

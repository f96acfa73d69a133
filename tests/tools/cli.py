# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""What the tests of the command line share. Argument: PERCEPNET (the program)."""

import math
import os
import subprocess
import sys
import tempfile

import tap
from tap import check

try:
    import numpy as np
    import soundfile
except ImportError as missing:
    tap.skip_all(f"{missing.name} is not there: install python3-numpy and python3-soundfile")

PROGRAM = sys.argv[1]
SEED = np.random.default_rng(3)
FOLDER = tempfile.TemporaryDirectory()


def place(name):
    return os.path.join(FOLDER.name, name)


def percepnet(*arguments, stdin=b""):
    return subprocess.run([PROGRAM, *map(str, arguments)], input=stdin, capture_output=True,
                          timeout=120, check=False)


def enhance(*arguments, **keywords):
    result = percepnet("--force", *arguments, **keywords)
    check(result.returncode == 0, result.stderr.decode())
    return result


def sentence(*arguments, **keywords):
    """The one line that a run which must fail prints."""
    result = percepnet("--force", *arguments, **keywords)
    lines = result.stderr.decode().splitlines()
    check(result.returncode in (1, 2), f"exit status {result.returncode}")
    check(len(lines) == 1, f"{len(lines)} lines: {lines}")
    check(lines[0].startswith("percepnet: "), lines[0])
    return lines[0]


def noise(frames, channels=1, level=0.1):
    return (level * SEED.standard_normal((frames, channels))).clip(-1, 1).astype(np.float32)


def smooth(frames, rate, channels=1):
    """Sound below a third of the rate, so that rate conversion keeps all of it."""
    t = np.arange(frames)[:, None] / rate
    f = np.linspace(0.02, 0.3, 12)[None, :] * min(rate, 48000)
    phases = SEED.uniform(0, 2 * math.pi, (channels, 1, 12))
    return np.stack([(0.05 * np.sin(2 * math.pi * f * t + p)).sum(1) for p in phases],
                    axis=1).astype(np.float32)


def save(name, samples, rate=48000, subtype="FLOAT", **keywords):
    soundfile.write(place(name), samples, rate, subtype=subtype, **keywords)
    return place(name)


def load(name, dtype="float32"):
    return soundfile.read(place(name), dtype=dtype, always_2d=True)

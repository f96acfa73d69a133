# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""tools/measure_latency.mjs finds a lag that is known: test_latency.py SOURCE_ROOT"""

import pathlib
import shutil
import subprocess
import sys
import tempfile

import tap
from tap import check

for program in ("node", "ffmpeg"):
    if not shutil.which(program):
        tap.skip_all(f"{program} is not installed")
try:
    import numpy as np
    import soundfile
except ImportError as missing:
    tap.skip_all(f"{missing.name} is not there: install python3-numpy and python3-soundfile")

SCRIPT = pathlib.Path(sys.argv[1], "tools", "measure_latency.mjs")
FOLDER = tempfile.TemporaryDirectory()
LATE = 777


def measure(*arguments):
    return subprocess.run(["node", SCRIPT, *arguments], capture_output=True, text=True,
                          check=False)


def test_a_known_lag_is_found():
    files = [pathlib.Path(FOLDER.name, name) for name in ("in.wav", "out.wav")]
    sound = np.random.default_rng(1).standard_normal(24000) / 10
    late = np.concatenate([np.zeros(LATE), sound])[:len(sound)]
    for file, samples in zip(files, (sound, late)):
        soundfile.write(file, samples, 48000)
    done = measure("--files", *files)
    check(f": {LATE} samples, 16.2 ms" in done.stdout, done)


def test_a_wrong_command_line_is_told():
    for arguments in ([], ["--files", "in.wav"], ["modules", "in.wav", "out.wav"]):
        done = measure(*arguments)
        check(done.returncode == 2 and "usage" in done.stderr, done)


tap.run_module(dict(globals()))

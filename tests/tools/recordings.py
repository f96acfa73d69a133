# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""What the tests share that look after recordings. Argument: PERCEPNET (the program)."""

import os
import signal
import subprocess

from cli import FOLDER, PROGRAM, SEED, noise, place, soundfile
from tap import check

CUT_SHORT = 3
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_DFL)  # not ignored, as under nohup


def percepnet(*arguments, **keywords):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output="stdout" not in keywords,
                          timeout=120, check=False, **keywords)


def save(name, frames=4800, rate=48000, subtype="PCM_16", **keywords):
    soundfile.write(place(name), noise(frames), rate, subtype=subtype, **keywords)
    return place(name)


def contents(path):
    with open(path, "rb") as file:
        return file.read()


def fails_and_keeps(kept, *arguments, status=1, **keywords):
    """The run fails with one sentence, and the files in kept are what they were."""
    before = [contents(path) for path in kept]
    result = percepnet(*arguments, **keywords)
    check(result.returncode == status, f"exit status {result.returncode}: {result.stderr}")
    check(result.stderr is None or result.stderr.count(b"\n") == 1, result.stderr)
    check([contents(path) for path in kept] == before, f"{arguments} changed what it reads")
    left = [name for name in os.listdir(FOLDER.name) if name.startswith(".percepnet")]
    check(not left, f"left behind: {left}")
    return (result.stderr or b"").decode()


def cut(path, share, name):
    data = contents(path)
    with open(place(name), "wb") as file:
        file.write(data[:int(len(data) * share)])
    return place(name)

# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""tools/measure_recogniser.py with a recogniser that hears what it is told:
test_recogniser.py TOOLS PERCEPNET"""

import os
import pathlib
import subprocess
import sys
import tempfile

import tap
from tap import check

try:
    import numpy as np
    import scipy.signal  # pylint: disable=unused-import
    import soundfile
except ImportError as missing:
    tap.skip_all(f"{missing.name} is not there: install python3-scipy and python3-soundfile")

TOOLS, PERCEPNET = pathlib.Path(sys.argv[1]), sys.argv[2]
sys.path.insert(0, str(TOOLS))
import measure_recogniser  # noqa: E402  # pylint: disable=wrong-import-position

FOLDER = tempfile.TemporaryDirectory()
HERE = pathlib.Path(FOLDER.name)
# Hears one word more in what is not the clean recording.
RECOGNISER = """#!/usr/bin/python3
import soundfile, sys
samples, rate = soundfile.read(sys.argv[2])
assert rate == 16000 and len(samples) == 16000
print("one two three" + (" four" if abs(samples[:100]).max() > 1e-3 else ""))
"""


def test_errors_are_words_put_in_left_out_or_exchanged():
    errors = measure_recogniser.errors
    for heard, count in (("a b c", 0), ("a c", 1), ("a x b c", 1), ("a x c", 1), ("", 3),
                         ("c b a", 2), ("x y z w", 4)):
        check(errors("a b c".split(), heard.split()) == count, heard)
    check(measure_recogniser.words("Don't, STOP!") == ["don't", "stop"], "words")


def test_noise_is_mixed_in_at_the_snr():
    noise = np.random.default_rng(1)
    speech, other = 0.01 * noise.standard_normal(16000), noise.standard_normal(5000)
    for snr in (0, 12):
        added = measure_recogniser.mix(speech, other, snr) - speech
        got = 10 * np.log10(np.mean(speech ** 2) / np.mean(added ** 2))
        check(abs(got - snr) < 1e-6, f"{got} dB, not {snr}")


def test_a_folder_becomes_a_table():
    for name in ("speech", "noise", "bin"):
        (HERE / name).mkdir()
    program = HERE / "bin" / "pocketsphinx_continuous"
    program.write_text(RECOGNISER, encoding="utf-8")
    program.chmod(0o755)
    rng = np.random.default_rng(2)
    soundfile.write(HERE / "speech/talk.wav", np.r_[np.zeros(24000), rng.uniform(-.1, .1, 24000)],
                    48000)
    (HERE / "speech/talk.txt").write_text("One two!", encoding="utf-8")
    soundfile.write(HERE / "noise/hiss.wav", rng.uniform(-.1, .1, 16000), 16000)
    done = subprocess.run([sys.executable, TOOLS / "measure_recogniser.py", "--percepnet",
                           PERCEPNET, HERE / "speech", HERE / "noise", "--snr", "0"],
                          env={**os.environ, "PATH": f"{HERE}/bin:{os.environ['PATH']}"},
                          capture_output=True, text=True, check=False)
    check(done.returncode == 0, done.stderr)
    rows = {line.split("|")[1].strip(): line.split("|")[2].strip()
            for line in done.stdout.splitlines() if line.startswith("|")}
    check(rows["clean"] == "50 (50 to 50)" and rows["0 dB"] == "100 (100 to 100)", done.stdout)
    check("1 recordings, 2 words" in done.stdout, done.stdout)


tap.run_module(dict(globals()))

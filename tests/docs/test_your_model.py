# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""The commands of docs/models.md that train a model, word for word, on a small corpus.

test_your_model.py SOURCE_ROOT PERCEPNET (PERCEPNET_GENERATOR: the library of this build)
"""

import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

import tap
from tap import check

SOURCE, PERCEPNET = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
TRAINING = SOURCE / "training"
sys.path.insert(0, str(TRAINING))
try:
    import numpy as np
    import torch  # noqa: F401
    import synthetic_corpus
except ImportError as missing:
    tap.skip_all(f"needs {missing.name}")

BLOCK = re.compile(r"^<!-- your-model: ([a-z-]+) -->\n```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = dict(BLOCK.findall((SOURCE / "docs" / "models.md").read_text(encoding="utf-8")))
FOLDER = tempfile.TemporaryDirectory()
HERE = pathlib.Path(FOLDER.name)
USED = set()
PEOPLE = ("anna", "bela", "carl", "dora")
KINDS = {"stationary": "fan", "non-stationary": "street", "transient": "keyboard"}


def write(name, samples):
    synthetic_corpus.write_wav(str(HERE / name), samples)


def make_recordings():
    """The folders that the document describes, and files to try the model on."""
    random = np.random.default_rng(1)
    (HERE / "training").symlink_to(TRAINING)
    for person in PEOPLE:
        for take in range(3):
            write(f"mine/speech/{person}/{take}.wav", synthetic_corpus.voice(random, 2.0))
    for kind, what in KINDS.items():
        for take in range(4):
            write(f"mine/noise/{kind}/{what}/{take}.wav", synthetic_corpus.noise(random, kind, 2.0))
    for name in ("1.wav", "2.wav"):
        voice = synthetic_corpus.voice(random, 3.0)
        write(f"clean/{name}", voice)
        write(f"noisy/{name}", voice + synthetic_corpus.noise(random, "stationary", 3.0))
    write("noisy.wav", voice)
    (HERE / "bin").mkdir()
    (HERE / "bin" / "python3").symlink_to(sys.executable)  # the one that has numpy


def run(name):
    USED.add(name)
    env = {**os.environ, "MINUTES": "0.4",
           "PATH": f"{HERE}/bin{os.pathsep}{PERCEPNET.parent}{os.pathsep}{os.environ['PATH']}"}
    with subprocess.Popen(["sh", "-euc", BLOCKS[name]], cwd=HERE, env=env, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          start_new_session=True) as process:
        try:
            printed, _ = process.communicate(timeout=400)
        except BaseException:  # out of time, or ended from outside: the trainer ends with us
            os.killpg(process.pid, signal.SIGKILL)
            raise
    check(process.returncode == 0, f"{BLOCKS[name]}\n{printed[-4000:]}")
    return printed


def test_the_tables():
    run("rooms")
    run("tables")
    rows = [line.split("\t") for line in (HERE / "mine/speech.tsv").read_text().splitlines()]
    check(len(rows) == 1 + 12 and sum(row[-1] == "valid" for row in rows) == 3, rows)
    rows = [line.split("\t") for line in (HERE / "mine/noise.tsv").read_text().splitlines()]
    check(len(rows) == 1 + 12 and sum(row[-1] == "valid" for row in rows) == 3, rows)
    check(len((HERE / "mine/rirs.tsv").read_text().splitlines()) == 1 + 14, "rooms")


def test_the_corpus():
    printed = run("prepare")
    check("speech train: 9 recordings" in printed and "noise valid: 3" in printed, printed)


def test_the_training():
    run("train")
    check((HERE / "mine/run/best.pt").exists(), "no best.pt")


def test_the_model():
    printed = run("export")
    check("name: mine" in printed and "parameters  95973" in printed, printed)
    built_in = subprocess.run([PERCEPNET, "--info"], capture_output=True, text=True, check=True)
    sums = [re.search(r"crc32:\w+", text).group() for text in (printed, built_in.stdout)]
    check(sums[0] != sums[1], "the weights are those of the built-in model")


def test_the_figures():
    check("SI-SDR" in run("evaluate").replace("si_sdr", "SI-SDR"), "no figures")


def test_every_block_was_run():
    check(USED == set(BLOCKS), USED ^ set(BLOCKS))


signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))
make_recordings()
tap.run_module(dict(globals()))

# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""The WebAssembly module in node against the native plain C++ kernels:
test_module.py LIBPERCEPNET SOURCE_ROOT [PACKAGE]"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import tap
from tap import check

if len(sys.argv) < 4:
    tap.skip_all("the module is not built: tools/setup.sh --web, then -Dweb=enabled")
if not shutil.which("node"):
    tap.skip_all("node is not installed")
try:
    import numpy as np
    import soundfile
    import native
except ImportError as missing:
    tap.skip_all(f"{missing.name} is not there: install python3-numpy and python3-soundfile")

LIBRARY, SOURCE = native.Library(sys.argv[1]), pathlib.Path(sys.argv[2])
PACKAGE = pathlib.Path(sys.argv[3])
HERE = pathlib.Path(__file__).parent
FOLDER = tempfile.TemporaryDirectory()
SPEECH = soundfile.read(SOURCE / "docs/samples/noisy-english.flac", dtype="float32")[0][:240000]


def enhance(planes, **options):
    """(output, what the module said)"""
    before, after = (pathlib.Path(FOLDER.name, name) for name in ("in.f32", "out.f32"))
    planes = np.ascontiguousarray(planes, np.float32)
    planes.tofile(before)
    options = {"channels": len(planes), **options}
    done = subprocess.run(["node", HERE / "enhance.mjs", PACKAGE, before, after,
                           json.dumps(options)], capture_output=True, text=True, check=False)
    check(done.returncode == 0, done.stderr)
    said = json.loads(done.stdout)
    if "error" in said:
        return None, said
    return np.fromfile(after, np.float32).reshape(planes.shape), said


def compare(planes, fields=None, **options):
    wanted = LIBRARY.enhance(planes, **(fields or {}))
    got, _ = enhance(planes, **options)
    different = np.flatnonzero(got != wanted)
    check(different.size == 0, f"{different.size} samples differ, by "
                               f"{np.abs(got - wanted).max():.2e} at most")
    return got


def test_speech_is_that_of_the_native_engine():
    got = compare(SPEECH[None])
    check(np.std(got) < 0.9 * np.std(SPEECH), "nothing was done")


def test_every_control_does_what_it_does_natively():
    speech = SPEECH[None, :96000]
    settings = (({"attenuation_limit": 12}, {"attenuation-limit": 12}),
                ({"mix": 0.5, "post_filter": 1}, {"mix": 0.5, "post-filter": 1}),
                ({"output": 1}, {"output": "residual"}),
                ({"output": 2}, {"output": "bypass"}))
    for fields, controls in settings:
        compare(speech, fields, controls=controls)
    pair = np.stack([SPEECH[:96000], SPEECH[96000:192000]])
    linked = compare(pair)
    apart = compare(pair, {"channel_mode": 1}, controls={"channel-mode": "independent"})
    check(np.abs(linked - apart).max() > 0.01, "the mode changes nothing")


def test_hard_signals():
    noise = np.random.default_rng(1)
    for planes in (np.zeros((1, 48000)), np.full((1, 48000), 1e-40),
                   noise.uniform(-1, 1, (1, 48000)), SPEECH[None, :48000] * 1e-4,
                   np.sign(SPEECH[None, :48000])):
        compare(planes.astype(np.float32))


def test_blocks_change_nothing():
    speech = SPEECH[None, :60000]
    whole, _ = enhance(speech)
    for blocks in ([128], [1, 479, 4801, 7], [60000]):
        got, said = enhance(speech, blocks=blocks)
        check(np.array_equal(got, whole), f"blocks of {blocks}")
        check(said["latency"] == 1440 + 479, said["latency"])
    _, said = enhance(speech, blocks=[128], blockSize=128)
    check(said["latency"] == 1440 + 448, said["latency"])


def test_lengths_of_files_stay():
    for frames in (1, 479, 480, 4801):
        got, _ = enhance(np.zeros((2, frames)))
        check(got.shape == (2, frames), got.shape)


def test_controls_are_the_engines():
    _, said = enhance(np.zeros((1, 480)))
    check(said["version"] == LIBRARY.version(), said["version"])
    table = LIBRARY.controls()
    check([entry["name"] for entry in said["controls"]] == [c.name.decode() for c in table], said)
    for entry, control in zip(said["controls"], table):
        for name in ("id", "title", "unit", "minimum", "maximum", "default", "live", "legend",
                     "description"):
            value = getattr(control, name)
            value = value.decode() if isinstance(value, bytes) else value
            check(entry[name] == value, f"{entry['name']} {name}: {entry[name]} {value}")
        check(("choices" in entry) == bool(control.choices), entry)


def test_a_control_set_later_is_told():
    _, said = enhance(np.zeros((1, 4800)), blocks=[480], set={"mix": 0.25, "output": "residual"})
    check(said["values"]["mix"] == 0.25 and said["values"]["output"] == "residual", said)
    _, said = enhance(SPEECH[None, :96000], blocks=[480])
    check(0 <= said["readout"]["voiceProbability"] <= 1, said)
    check(len(said["readout"]["gains"]) == 34, said)


def test_what_is_wrong_is_said():
    for options, words in (({"controls": {"loudness": 1}}, 'no control "loudness"'),
                           ({"controls": {"output": "loud"}}, "no value of output"),
                           ({"channels": 65}, "64"),
                           ({"blocks": [480], "set": {"channel-mode": 1}}, "stream is made"),
                           ({"model": str(SOURCE / "README.md")}, "model")):
        _, said = enhance(np.zeros((options.get("channels", 1), 480)), **options)
        check(words in said.get("error", ""), f"{options}: {said}")


def test_a_model_can_be_given():
    speech = SPEECH[None, :48000]
    built_in, _ = enhance(speech)
    given, _ = enhance(speech, model=str(SOURCE / "core/model/default.safetensors"))
    check(np.array_equal(built_in, given), "another output")


def test_the_package_is_whole():
    package = json.loads((PACKAGE / "package.json").read_text(encoding="utf-8"))
    check(package["version"] == LIBRARY.version(), package["version"])
    for name in [*package["files"], "README.md", "LICENSE"]:
        check((PACKAGE / name).stat().st_size > 0, name)
    exported = json.dumps(package["exports"])
    for name in ("percepnet.js", "audio-node.js", "wav.js", "worklet.js", "percepnet.wasm"):
        check(f"./{name}" in exported and name in package["files"], name)


tap.run_module(dict(globals()))

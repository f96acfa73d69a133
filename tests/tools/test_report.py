# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""The page of --report, read and opened in a browser: test_report.py PERCEPNET SOURCE_ROOT"""

import base64
import io
import json
import pathlib
import re
import shutil
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

PROGRAM, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])
FOLDER = tempfile.TemporaryDirectory()
SAMPLE = SOURCE / "docs/samples/noisy-english.flac"


def place(name):
    return pathlib.Path(FOLDER.name, name)


def report(path, *options):
    page = place("page.html")
    done = subprocess.run([PROGRAM, "--force", "--report", page, *map(str, options), path],
                          capture_output=True, text=True, timeout=100, check=False)
    check(done.returncode == 0, done.stderr)
    text = page.read_text(encoding="utf-8")
    check(not re.search(r"(?:src|href)=|https?://", text), "the page asks for something else")
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    return json.loads(found.group(1))


def sound(data, name):
    return soundfile.read(io.BytesIO(base64.b64decode(data[name]["flac"])), always_2d=True)


def cells(picture):
    flat = np.frombuffer(base64.b64decode(picture["cells"]), np.uint8)
    return flat.reshape(picture["columns"], picture["rows"])


def test_sounds_are_input_output_and_their_difference():
    data = report(SAMPLE)
    before, rate = sound(data, "before")
    after, removed = sound(data, "after")[0], sound(data, "removed")[0]
    original = soundfile.read(SAMPLE, always_2d=True)
    check(rate == original[1] and np.abs(before - original[0]).max() < 1e-4, "another input")
    check(before.shape == after.shape == removed.shape, "other lengths")
    check(np.abs(before - after - removed).max() < 1e-4, "they do not add up")
    check(np.std(after) < 0.9 * np.std(before), "nothing was done")


def test_gains_and_curves_stand_where_the_sound_is():
    """Speech only in the middle second: there, and not elsewhere, the curves rise."""
    speech, rate = soundfile.read(SAMPLE, dtype="float32")
    start = int(1.7 * rate)
    noise = 0.002 * np.random.default_rng(1).standard_normal(5 * rate).astype(np.float32)
    noise[2 * rate:3 * rate] += speech[start:start + rate]
    soundfile.write(place("middle.wav"), noise, rate)
    data = report(place("middle.wav"))
    columns = len(data["curves"]["voice"])
    check(columns >= 490, f"{columns} columns")
    loud = np.arange(columns) / columns * 5
    inside, outside = (loud > 2.2) & (loud < 2.9), (loud < 1.9) | (loud > 4)
    for name in ("voice", "gain", "level_after"):
        values = np.array(data["curves"][name][:columns], dtype=float)
        check(values[inside].mean() > values[outside].mean(), name)
    gains = cells(data["gains"])
    check(gains.shape == (columns, 34), gains.shape)
    check(gains[inside].mean() > 3 * gains[outside].mean(), "gains")
    pitch = [value for value in data["curves"]["pitch"] if value is not None]
    check(len(pitch) > 5 and 60 < np.median(pitch) < 500, f"pitch {pitch}")


def test_a_voice_in_one_of_independent_channels_is_shown():
    speech, rate = soundfile.read(SAMPLE, frames=3 * 48000, dtype="float32")
    soundfile.write(place("alone.wav"), speech, rate)
    soundfile.write(place("right.wav"), np.stack([0 * speech, speech], axis=1), rate)
    alone, right = (report(place(name), "--channel-mode", "independent")
                    for name in ("alone.wav", "right.wav"))
    check(np.max(alone["curves"]["voice"]) > 0.5, "no voice")
    check(right["curves"]["voice"] == alone["curves"]["voice"], "voice of another channel")
    loud = np.array(alone["curves"]["voice"]) > 0.5
    check(np.array_equal(cells(right["gains"])[loud], cells(alone["gains"])[loud]), "gains")


def test_any_rate_and_channels_and_none():
    kinds = ((16000, (8000, 1)), (44100, (30000, 3)), (48000, (0, 1)), (48000, (100, 2)),
             (100, (300, 1)))
    for rate, shape in kinds:
        soundfile.write(place("odd.wav"), np.random.default_rng(2).uniform(-.1, .1, shape), rate)
        data = report(place("odd.wav"))
        if shape[0] == 0:
            check(data["seconds"] == 0 and data["curves"]["voice"] == [], data["curves"])
            continue
        got, got_rate = sound(data, "after")
        check(got_rate == rate and got.shape == (shape[0], min(shape[1], 2)),
              f"{shape}: {got.shape}")


def test_a_rate_that_no_page_plays_is_told_before_the_work():
    soundfile.write(place("fast.wav"), np.zeros(768), 768000)
    done = subprocess.run([PROGRAM, "--report", place("fast.html"), place("fast.wav"),
                           place("unwanted.wav")], capture_output=True, text=True, check=False)
    check(done.returncode == 1 and "768000 Hz" in done.stderr, done.stderr)
    check(not place("unwanted.wav").exists(), "an output")


def test_settings_are_told_and_names_do_no_harm():
    name = place("<b>&</script><script>alert(1).wav".replace("/", "_"))
    soundfile.write(name, np.zeros(4800), 48000)
    data = report(name, "--attenuation-limit", "12")
    check(data["file"] == str(name), data["file"])
    check(["Attenuation limit", 12, "dB"] in data["settings"], data["settings"])


def test_the_page_is_not_written_over_its_input():
    done = subprocess.run([PROGRAM, "--force", "--report", SAMPLE, SAMPLE], capture_output=True,
                          text=True, check=False)
    check(done.returncode == 1 and "--report" in done.stderr, done.stderr)


def test_a_browser_shows_it():
    browser = shutil.which("chromium")
    if not browser:
        raise tap.Skip("chromium is not installed")
    report(SAMPLE)
    done = subprocess.run([browser, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom",
                           "--virtual-time-budget=10000", f"--user-data-dir={place('profile')}",
                           place("page.html").as_uri()],
                          capture_output=True, text=True, timeout=200, check=False)
    body = re.search(r"<body[^>]*>", done.stdout)
    check(body and 'data-ready="10"' in body.group(0), f"{body} {done.stderr[-2000:]}")
    seconds = soundfile.info(SAMPLE).duration
    for name in ("before", "after", "removed"):
        check(f'data-{name}="{seconds:.2f}"' in body.group(0), f"{name}: {body.group(0)}")


tap.run_module(dict(globals()))

# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Every block of code in README.md, CONTRIBUTING.md, docs/ and training/README.md runs, or says why
it is not run: test_blocks.py SOURCE_ROOT BUILD_ROOT [what this build has: ffmpeg gst ladspa tools]

The line before a block, unseen on the page:
    <!-- run: WHAT IT NEEDS -->    run by sh in a folder with the files that the documents name
    <!-- not run: WHY -->
    <!-- install: NAME -->         run by tests/packaging/test_install.py, which misses none
    <!-- your-model: NAME -->      run by test_your_model.py, which misses none
Blocks of C are compiled and run, those of `text` are no code.
"""

import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

import tap
from tap import check

SOURCE, BUILD = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
HAS = set(sys.argv[3:])
MARKER = re.compile(r" *<!-- (run|not run|install|your-model)(?:: (.+))? -->")
ELSEWHERE = ("install", "your-model")
FOLDER = tempfile.TemporaryDirectory()
HERE = pathlib.Path(FOLDER.name)


def documents():
    return [SOURCE / "README.md", SOURCE / "CONTRIBUTING.md", SOURCE / "RELEASING.md",
            SOURCE / "training" / "README.md",
            *sorted((SOURCE / "docs").glob("*.md"))]


def blocks(path):
    """(line number, language, text, marker) of fenced and of indented blocks."""
    lines = path.read_text(encoding="utf-8").split("\n")
    marker, number = None, 0
    while number < len(lines):
        line, first = lines[number], number
        number += 1
        if line.startswith("```"):
            while lines[number] != "```":
                number += 1
            yield first + 1, line[3:], "\n".join(lines[first + 1:number]), marker
            number += 1
        elif line.startswith("    ") and not lines[first - 1].strip(" ").startswith(("|", "-")):
            while number < len(lines) and lines[number].startswith("    "):
                number += 1
            yield first + 1, "", "\n".join(text[4:] for text in lines[first:number]), marker
        if line:
            marker = MARKER.fullmatch(line)


def environment():
    """That of `meson devenv`, with the build first in all paths."""
    dump = subprocess.run(["meson", "devenv", "-C", BUILD, "--dump"], capture_output=True,
                          text=True, check=True).stdout
    env = dict(os.environ)
    for line in dump.splitlines():
        name, found, value = line.partition("=")
        if found and re.fullmatch(r"\w+", name):
            words = shlex.split(value)
            value = words[0] if words else ""
            env[name] = value.replace(f":${name}", os.pathsep + env.get(name, "")).rstrip(":")
    env.update(SDL_AUDIODRIVER="dummy", GST_REGISTRY=str(HERE / "registry.bin"))
    return env


def make_files():
    """The files that the documents name."""
    (HERE / "build").symlink_to(BUILD)
    (HERE / "gst").symlink_to(SOURCE / "gst")
    shutil.copy(SOURCE / "core" / "model" / "default.safetensors", HERE / "model.safetensors")
    for folder in ("noisy", "videos"):
        (HERE / folder).mkdir()
    sound = ["-f", "lavfi", "-i", "anoisesrc=a=0.05:d=2:r=48000"]
    picture = ["-f", "lavfi", "-i", "testsrc=d=2:s=64x64:r=10"]
    outputs = {"in.wav": sound, "noisy.wav": sound, "in.flac": sound, "noisy/1.wav": sound,
               "noisy/2.wav": sound, "interview.wav": [*sound, "-ac", "2"],
               "44100.wav": [*sound, "-ar", "44100"], "talk.mp4": [*picture, *sound],
               "in.mp4": [*picture, *sound], "videos/1.mkv": [*picture, *sound]}
    for name, arguments in outputs.items():
        subprocess.run(["ffmpeg", "-v", "error", *arguments, HERE / name], check=True)


def run_shell(text, needs):
    missing = set(needs) - HAS
    if missing:
        raise tap.Skip(f"this build is without {', '.join(sorted(missing))}")
    for made in [*HERE.glob("out.*"), *HERE.glob("clean*")]:
        shutil.rmtree(made) if made.is_dir() else made.unlink()
    # Where one block writes a file twice, the answer to ffmpeg's question is yes.
    text = 'ffmpeg() { command ffmpeg -y "$@"; }\n' + text
    done = subprocess.run(["sh", "-euc", text], cwd=HERE, env={**environment(), "PWD": str(HERE)},
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                          timeout=100)
    check(done.returncode == 0, f"{text}\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}")


def run_c(text):
    """A whole program that turns 1000 samples of the standard input into those and a tail."""
    source, program = HERE / "example.c", HERE / "example"
    source.write_text(text, encoding="utf-8")
    subprocess.run([*os.environ.get("CC", "cc").split(), "-std=c11", "-Wall", "-Wextra",
                    "-pedantic-errors", "-Werror", f"-I{SOURCE}/core/include/percepnet", source,
                    f"-L{BUILD}/core", f"-Wl,-rpath,{BUILD}/core", "-lpercepnet", "-o", program],
                   check=True)
    done = subprocess.run([program], input=bytes(4 * 1000), capture_output=True, check=True)
    check(len(done.stdout) == 4 * (1000 + 1919), f"{len(done.stdout)} bytes")


def tests():
    unmarked = []
    for path in documents():
        for line, language, text, marker in blocks(path):
            place = f"{path.relative_to(SOURCE)}:{line}"
            if language == "c":
                yield place, lambda text=text: run_c(text)
            elif marker and marker.group(1) == "run":
                needs = (marker.group(2) or "").split()
                yield place, lambda text=text, needs=needs: run_shell(text, needs)
            elif language != "text" and not (marker and (
                    marker.group(1) in ELSEWHERE or len(marker.group(2) or "") > 8)):
                unmarked.append(place)
    yield "all others say why they are not run", lambda: check(not unmarked, unmarked)


if not shutil.which("ffmpeg") or not shutil.which("meson"):
    tap.skip_all("needs ffmpeg for its files, and meson")
make_files()
tap.run(tests())

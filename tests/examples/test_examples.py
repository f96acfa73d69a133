# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""The programs in examples/ do what they say: test_examples.py SOURCE_ROOT LIBRARY_FOLDER
NAME=PROGRAM ..."""

import os
import pathlib
import re
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

SOURCE = pathlib.Path(sys.argv[1])
LIBRARY = sys.argv[2]  # its folder
PROGRAMS = dict(word.split("=", 1) for word in sys.argv[3:])
FOLDER = tempfile.TemporaryDirectory()
RATE, MODEL_LATENCY = 48000, 1440


def recording():
    sound, rate = soundfile.read(SOURCE / "docs/samples/noisy-english.flac", dtype="float32")
    check(rate == RATE and sound.ndim == 1, "the shipped recording is another one")
    return sound[:5 * RATE + 123]


def place(name):
    return pathlib.Path(FOLDER.name, name)


def run(*command, status=0, stdin=b""):
    done = subprocess.run([str(word) for word in command], input=stdin, capture_output=True,
                          timeout=100, check=False)
    check(done.returncode == status, f"{command}: {done.returncode} {done.stderr.decode()}")
    return done


def floats(data):
    return np.frombuffer(data, dtype=np.float32)


def enhanced(sound):
    return floats(run(PROGRAMS["enhance"], stdin=sound.tobytes()).stdout)


def decibels(sound):
    return 10 * np.log10(np.mean(np.square(sound, dtype=np.float64)) + 1e-12)


def quietest(sound):
    """Level of the quietest tenth of all 50 ms."""
    levels = [decibels(sound[i:i + 2400]) for i in range(0, len(sound) - 2400, 2400)]
    return np.mean(sorted(levels)[:len(levels) // 10])


def limited(sound, limit):
    """What an attenuation limit makes of it: the rest of the input stays."""
    rest = 10 ** (-limit / 20)
    return rest * sound + (1 - rest) * enhanced(sound)


def test_c_takes_the_noise_away_and_keeps_time():
    sound = recording()
    got = enhanced(sound)
    check(got.shape == sound.shape, got.shape)
    check(quietest(got) < quietest(sound) - 15, f"{quietest(sound)} -> {quietest(got)} dB")
    lags = range(-20, 21)
    middle = slice(RATE, 4 * RATE)
    match = [np.dot(sound[middle], np.roll(got, lag)[middle]) for lag in lags]
    check(lags[int(np.argmax(match))] == 0, "there is a lag")


def test_c_keeps_any_length():
    for frames in (0, 1, 479, 480, 481, 5000):
        got = enhanced(recording()[:frames])
        check(len(got) == frames, f"{frames}: {len(got)}")


def test_python_gives_the_same_samples():
    sound = recording()
    soundfile.write(place("in.wav"), np.stack([sound, sound[::-1]], axis=1), RATE, "FLOAT")
    run(sys.executable, SOURCE / "examples/enhance.py", place("in.wav"), place("out.wav"))
    soundfile.write(place("py.wav"), sound, RATE, "FLOAT")
    sys.path.insert(0, str(SOURCE / "examples"))
    sys.dont_write_bytecode = True
    import enhance
    check(np.array_equal(enhance.enhance(sound), enhanced(sound)), "other samples than C's")
    got, _ = soundfile.read(place("out.wav"), dtype="float32")
    check(np.abs(got[:, 1] - enhanced(sound[::-1].copy())).max() < 1e-4, "the second channel")


def test_python_refuses_another_rate():
    soundfile.write(place("44100.wav"), np.zeros(100), 44100)
    done = run(sys.executable, SOURCE / "examples/enhance.py", place("44100.wav"), place("o.wav"),
               status=1)
    check(b"44100 Hz; convert it to 48000" in done.stderr, done.stderr)


def test_conference_mixes_the_clean_voices():
    sound = recording()
    other = np.roll(sound, RATE)[:3 * RATE].copy()
    sound.tofile(place("a.f32"))
    other.tofile(place("b.f32"))
    done = run(PROGRAMS["conference"], place("a.f32"), place("b.f32"))
    got = floats(done.stdout)[MODEL_LATENCY:]
    wanted = limited(sound, 24)
    wanted += limited(np.append(other, np.zeros(len(sound) - len(other), np.float32)), 24)
    check(len(got) >= len(sound), f"{len(got)} samples: the end is missing")
    check(np.abs(got[:len(sound)] - wanted).max() < 1e-5, "another mix")
    talk = [float(line.split()[-2]) for line in done.stderr.decode().splitlines()]
    check(len(talk) == 2 and 1 < talk[0] < 5.2, done.stderr)


def test_conference_names_the_file_that_is_missing():
    done = run(PROGRAMS["conference"], place("nobody.f32"), status=1)
    check(b"nobody.f32 cannot be opened" in done.stderr, done.stderr)


def slurm_task(noisy, clean, task, tasks, status=0, last=None):
    """One task of the job array, with what Slurm sets for it and the program's stand-in."""
    stand_in = place("bin") / "percepnet"
    stand_in.parent.mkdir(exist_ok=True)
    stand_in.write_text('#!/bin/sh\n[ "$1 $2" = "--quiet --mix=1" ] && ! grep -q bad "$3" && '
                        'cp "$3" "$4"\n', encoding="utf-8")
    stand_in.chmod(0o755)
    values = {"LC_ALL": "C.UTF-8", "SLURM_ARRAY_TASK_ID": task, "SLURM_ARRAY_TASK_MIN": 3,
              "SLURM_ARRAY_TASK_MAX": last or 2 + tasks, "SLURM_ARRAY_TASK_COUNT": tasks}
    return run("env", f"PATH={stand_in.parent}:{os.environ['PATH']}",
               *(f"{name}={value}" for name, value in values.items()),
               SOURCE / "examples/slurm_folder.sh", noisy, clean, "--mix=1", status=status)


def files_below(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_tasks_of_slurm_share_a_folder_out():
    noisy, clean = place("noisy"), place("clean")
    names = ["a.wav", "b/a.flac", "b/c d.WAV", "b/e'f.ogg", "z.wav"]
    for name in names + ["notes.txt"]:
        (noisy / name).parent.mkdir(parents=True, exist_ok=True)
        (noisy / name).write_text(name, encoding="utf-8")
    taken = []
    for task in (3, 4, 5):
        before = set(files_below(clean))
        slurm_task(noisy, clean, task, 3)
        taken.append(len(set(files_below(clean)) - before))
    check(taken == [2, 2, 1] and files_below(clean) == names, (taken, files_below(clean)))
    check((clean / names[2]).read_text(encoding="utf-8") == names[2], "another file's content")


def test_tasks_of_slurm_take_all_that_percepnet_writes_and_tell_the_rest():
    noisy, clean = place("all-noisy"), place("all-clean")
    noisy.mkdir()
    tables = "".join((SOURCE / "tools" / name).read_text(encoding="utf-8")
                     for name in ("audio_format.cpp", "media_format.cpp"))
    written = sorted(set(re.findall(r'\{"(\w+)", (?:SF_FORMAT_|")', tables)))
    check(len(written) > 20, written)
    for name in [f"a.{extension}" for extension in written] + ["b.wma", "c.txt"]:
        (noisy / name).write_text(name, encoding="utf-8")
    (noisy / "d.wav").symlink_to("a.wav")
    (noisy / "e.wav").symlink_to("nowhere")
    told = []
    for task in (3, 4):
        lines = slurm_task(f"{noisy}/", f"{clean}/", task, 2).stdout.decode().splitlines()
        told.append(sorted(line for line in lines if line.startswith("left out: ")))
    names = sorted([f"a.{extension}" for extension in written] + ["d.wav"])
    check(files_below(clean) == names, files_below(clean))
    check(told == [[f"left out: {noisy}/{name}" for name in ("b.wma", "c.txt", "e.wav")], []], told)


def test_tasks_of_slurm_go_on_after_a_loss_and_tell_failures():
    noisy, clean = place("noisy2"), place("clean2")
    noisy.mkdir()
    for name, text in (("a.wav", "bad"), ("b.wav", "good"), ("c.wav", "good")):
        (noisy / name).write_text(text, encoding="utf-8")
    done = slurm_task(noisy, clean, 3, 1, status=1)
    check(b"3 files of this task, 1 failed" in done.stdout, done.stdout)
    check(files_below(clean) == ["b.wav", "c.wav"], files_below(clean))
    (clean / "b.wav").unlink()
    (clean / "c.wav").write_text("kept", encoding="utf-8")
    (noisy / "a.wav").write_text("mended", encoding="utf-8")
    slurm_task(noisy, clean, 3, 1)
    check(files_below(clean) == ["a.wav", "b.wav", "c.wav"], files_below(clean))
    check((clean / "c.wav").read_text(encoding="utf-8") == "kept", "made again")
    run("sh", SOURCE / "examples/slurm_folder.sh", noisy, status=2)


def test_tasks_of_slurm_take_names_that_are_no_utf8():
    noisy, clean = place("latin-noisy"), place("latin-clean")
    noisy.mkdir()
    names = [b"a.wav", b"gr\xfc\xdfe.wav", b"z.wav"]
    for name in names:
        pathlib.Path(noisy, os.fsdecode(name)).write_text("sound", encoding="utf-8")
    slurm_task(noisy, clean, 3, 1)
    check(sorted(os.listdir(bytes(clean))) == names, os.listdir(bytes(clean)))


def test_an_array_of_slurm_with_holes_is_refused():
    noisy, clean = place("holes-noisy"), place("holes-clean")
    noisy.mkdir()
    for name in ("a.wav", "b.wav"):
        (noisy / name).write_text("sound", encoding="utf-8")
    for task in (3, 5):  # --array=3,5: what the task 4 would do nobody does
        done = slurm_task(noisy, clean, task, 2, status=2, last=5)
        check(b"without holes" in done.stderr, done.stderr)


def test_gstreamer_application():
    if "gst_player" not in PROGRAMS:
        raise tap.Skip("this build is without GStreamer")
    sound = recording()
    soundfile.write(place("in.wav"), sound, RATE, "FLOAT")
    done = run(PROGRAMS["gst_player"], place("in.wav"), place("gst.wav"), "24")
    got, rate = soundfile.read(place("gst.wav"), dtype="float32")
    check(rate == RATE and got.shape == sound.shape, f"{got.shape} at {rate}")
    check(np.abs(got - limited(sound, 24)).max() < 1e-3, "other samples than the library's")
    check(b"a voice begins" in done.stdout and b"a voice ends" in done.stdout, done.stdout)
    done = run(PROGRAMS["gst_player"], place("nothing.wav"), place("gst.wav"), status=1)
    check(done.stderr.startswith(b"gst_player: "), done.stderr)


def test_gstreamer_application_keeps_what_it_reads():
    if "gst_player" not in PROGRAMS:
        raise tap.Skip("this build is without GStreamer")
    soundfile.write(place("kept.wav"), recording(), RATE)
    before = place("kept.wav").read_bytes()
    place("soft.wav").symlink_to("kept.wav")
    place("hard.wav").hardlink_to(place("kept.wav"))
    for name in ("kept.wav", "soft.wav", "hard.wav"):
        done = run(PROGRAMS["gst_player"], place("kept.wav"), place(name), status=1)
        check(b"the same file" in done.stderr and done.stderr.count(b"\n") == 1, done.stderr)
        check(place("kept.wav").read_bytes() == before, "IN has changed")


def test_first_comments_build_them():
    """The compile line of each, with the flags that pkg-config would give here."""
    asked = "$(pkg-config --cflags --libs percepnet)"
    flags = f"-I{SOURCE}/core/include/percepnet -L{LIBRARY} -lpercepnet"
    for name, compiler in (("enhance.c", "CC"), ("conference.cpp", "CXX")):
        text = (SOURCE / "examples" / name).read_text(encoding="utf-8")
        line = next(line[3:].strip() for line in text.splitlines() if "-o " in line)
        check(asked in line, line)
        command = line.replace(asked, flags).split()[1:]
        command[command.index("-o") + 1] = str(place("built"))
        command = [SOURCE / "examples" / word if word == name else word for word in command]
        run(*os.environ[compiler].split(), "-Wall", "-Wextra", "-Werror", *command)


tap.run_module(dict(globals()))

# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""No recording is lost when libavformat reads or writes it: test_media_files.py PERCEPNET FFMPEG
FFPROBE (programs)."""

import json
import os
import resource
import signal
import subprocess

import tap
from media import (CUT_SHORT, FOLDER, PROGRAM, RATE, place, run, percepnet, enhance, ffmpeg,
                   streams, sweep, save, sound_of, save_clap, cut)
from tap import check

import numpy as np
import soundfile


def test_a_file_on_standard_input_is_read_by_both_libraries():
    path = save_clap("a.mp4")
    with open(path, "rb") as file:
        result = subprocess.run([PROGRAM, "--force", "-", place("out.wav")], stdin=file,
                                capture_output=True, timeout=120, check=False)
    check(result.returncode == 0 and soundfile.info(place("out.wav")).frames == 4 * RATE, result)
    with open(path, "rb") as file:
        result = subprocess.run([PROGRAM, "--force", "-", path], stdin=file,
                                capture_output=True, timeout=120, check=False)
    check(result.returncode == 1 and b"the same file" in result.stderr, result)
    with open(place("notes.txt"), "w+b") as file:
        file.write(b"not sound" * 100)
        file.seek(0)
        result = subprocess.run([PROGRAM, "-", place("new.wav")], stdin=file,
                                capture_output=True, timeout=120, check=False)
    check(result.returncode == 1 and b"standard input is not sound" in result.stderr, result)


def test_what_no_codec_takes_is_a_sentence():
    for rate, channels in ((2**31 - 1, 1), (RATE, 64)):
        wav = save("odd.wav", np.zeros((100, channels)), rate)
        for name in ("odd.m4a", "odd.mkv", "odd.mka"):
            result = percepnet(wav, place(name))
            check(result.returncode == 1 and b"cannot hold" in result.stderr, result)
            check(result.stderr.count(b"\n") == 1 and not os.path.exists(place(name)), result)


def test_a_file_without_sound_is_said():
    ffmpeg("-f", "lavfi", "-i", "testsrc=s=32x32:r=5:d=2", "-c:v", "libx264", place("mute.mp4"))
    ffmpeg("-i", place("mute.mp4"), "-frames:v", "1", place("picture.png"))
    for name in ("mute.mp4", "picture.png"):
        for out in ("new.wav", "new.mp4"):
            result = percepnet(place(name), place(out))
            check(result.returncode == 1 and b"has no track of sound" in result.stderr, result)
            check(result.stderr.count(b"\n") == 1 and not os.path.exists(place(out)), result)
    with open(place("mute.mp4"), "rb") as file:
        result = subprocess.run([PROGRAM, "-", place("new.wav")], stdin=file,
                                capture_output=True, timeout=120, check=False)
    check(result.returncode == 1 and b"has no track of sound" in result.stderr, result)


def test_a_cut_file_is_said():
    wav = save("in.wav", sweep())
    for name, options in (("a.mp3", ("-b:a", "128k")), ("c.mp3", ("-q:a", "4")),
                          ("b.mp3", ("-b:a", "128k", "-write_xing", "0")),
                          ("a.m4a", ("-movflags", "faststart")), ("a.mka", ("-c:a", "libopus"))):
        ffmpeg("-i", wav, *options, place(name))
        check(enhance(place(name), place("out.wav")) == "", f"{name} is whole")
        result = percepnet(cut(place(name), 0.6), place("out.wav"))
        check(result.returncode == CUT_SHORT and b"is cut short" in result.stderr,
              f"{name}: {result}")
        check(soundfile.info(place("out.wav")).frames > 20000, f"{name}: what there is, is lost")
    ffmpeg("-i", wav, place("end.m4a"))  # its index is at the end
    result = percepnet(cut(place("end.m4a"), 0.6), place("new.wav"))
    check(result.returncode == 1 and b"is cut short" in result.stderr, result)
    check(not os.path.exists(place("new.wav")), "an output of nothing")


def test_mp3_of_our_own_is_whole():
    enhance(save("in.wav", sweep()), place("own.mp3"))
    check(enhance(place("own.mp3"), place("out.wav")) == "", "called cut short")


def test_a_full_disk_is_noticed_and_what_was_there_stays():
    path = save_clap("a.mp4")
    for name in ("full.mp4", "full.mkv", "full.m4a"):
        with open(place(name), "wb") as file:
            file.write(b"what was there")
        # As it is: what a model leaves of it may need less than what there is.
        result = subprocess.run([PROGRAM, "--force", "--mix", "0", path, place(name)],
                                capture_output=True, timeout=120, check=False,
                                preexec_fn=lambda: resource.setrlimit(
                                    resource.RLIMIT_FSIZE, (3000, 3000)))
        check(result.returncode == 1 and b"cannot be written" in result.stderr, result)
        with open(place(name), "rb") as file:
            check(file.read() == b"what was there", f"{name} is lost")
    check(not [n for n in os.listdir(FOLDER.name) if n.startswith(".percepnet")], "left behind")


def test_no_path_that_is_read_is_written():
    path = save_clap("a.mp4")
    os.symlink(path, place("link.mp4"))
    with open(path, "rb") as file:
        before = file.read()
    for out in (path, place("link.mp4"), place("./a.mp4")):
        result = percepnet(path, out)
        check(result.returncode == 1 and b"the same file" in result.stderr, result)
    result = run(PROGRAM, path, save("there.wav", sweep()))
    check(result.returncode == 1 and b"--force" in result.stderr, result)
    with open(path, "rb") as file:
        check(file.read() == before, "changed")


def unfinished():
    """Bytes of the output that is not in its place yet."""
    return sum(os.path.getsize(place(name)) for name in os.listdir(FOLDER.name)
               if name.startswith(".percepnet-"))


def test_an_interrupt_finishes_the_file():
    ffmpeg("-f", "lavfi", "-i", "testsrc=s=32x32:r=5:d=1200", "-f", "lavfi", "-i",
           "anoisesrc=a=0.1:d=1200:r=48000", "-c:v", "libx264", "-preset", "ultrafast", "-c:a",
           "flac", place("long.mkv"))
    for out in ("part.mp4", "part.mkv"):
        with subprocess.Popen([PROGRAM, place("long.mkv"), place(out)],
                              stderr=subprocess.PIPE) as process:
            tap.wait_for(lambda: unfinished() > 100000, "nothing is written")
            process.send_signal(signal.SIGINT)
            words = process.communicate(timeout=60)[1]
        check(process.returncode == 130 and b"stopped by SIGINT" in words, words)
        seconds = float(words.split(b"the first ")[1].split(b" s")[0])
        got = len(sound_of(place(out))) / RATE
        check(0 < got < 1199 and abs(got - seconds) < 0.2, f"{out}: {got} s of {seconds}")
        check(streams(place(out), "video"), "no pictures")


def test_a_folder_of_all_kinds():
    folder = place("folder")
    os.mkdir(folder)
    save("folder/a.wav", sweep())
    ffmpeg("-i", place("folder/a.wav"), place("folder/b with 'quote'.m4a"))
    os.rename(save_clap("a.mp4"), os.path.join(folder, "it: is.mp4"))
    with open(os.path.join(folder, "notes.txt"), "w", encoding="utf-8") as file:
        file.write("not sound")
    with open(os.path.join(folder, "broken.mp4"), "wb") as file:
        file.write(b"\0" * 1000)
    words = percepnet("--jobs", "2", "--json", place("r.json"), "--into", place("into"), folder)
    check(words.returncode == 1 and b"3 of 4 files done" in words.stderr, words)
    names = sorted(os.listdir(place("into")))
    check(names == ["a.wav", "b with 'quote'.m4a", "it: is.mp4"], names)
    with open(place("r.json"), encoding="utf-8") as file:
        check(len(json.load(file)["files"]) == 4, "not all are in the report")


def test_a_file_opens_no_other():
    secret = save("secret.wav", sweep())
    playlists = {"list.m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{secret}\n",
                 "list.ffconcat": f"ffconcat version 1.0\nfile '{secret}'\n"}
    for name, text in playlists.items():
        with open(place(name), "w", encoding="utf-8") as file:
            file.write(text)
        os.path.exists(place("new.wav")) and os.remove(place("new.wav"))
        result = percepnet(place(name), place("new.wav"))
        check(result.returncode == 1 and not os.path.exists(place("new.wav")), f"{name}: {result}")


tap.run_module(dict(globals()))

# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""No recording is written over, whatever is typed: test_places.py PERCEPNET (the program)."""

import os
import subprocess

import tap
from recordings import (CUT_SHORT, FOLDER, PROGRAM, contents, cut, fails_and_keeps, percepnet,
                        place, save)
from tap import check

import soundfile


def test_no_option_writes_what_is_read():
    wav = save("in.wav")
    model = place("model")
    with open(model, "wb") as file:
        file.write(b"not read before the check")
    for arguments in ((wav, wav), ("--plot", wav, wav), ("--plot", wav, wav, place("new.wav")),
                      ("--model", model, "--plot", model, wav),
                      ("--plot", place("q.wav"), wav, place("q.wav")),
                      ("--force", "--plot", place("./q.wav"), wav, place("q.wav"))):
        words = fails_and_keeps([wav, model], "--force", *arguments)
        check("the same file" in words, words)
        check(not os.path.exists(place("q.wav")), "written nevertheless")


def test_a_measurement_does_not_take_the_place_of_its_model():
    model = place("measured")
    with open(model, "wb") as file:
        file.write(b"not read before the check")
    words = fails_and_keeps([model], "--force", "--bench", "--hops", 1, "--model", model,
                            "--json", model)
    check("the same file" in words, words)


def test_links_are_seen_through():
    wav = save("in.wav")
    os.symlink(wav, place("soft.wav"))
    os.link(wav, place("hard.wav"))
    for other in (place("soft.wav"), place("hard.wav"), place("../") +
                  os.path.basename(FOLDER.name) + "/in.wav"):
        fails_and_keeps([wav], "--force", wav, other)
        fails_and_keeps([wav], "--force", "--plot", other, wav)
        fails_and_keeps([wav], "--force", other, wav)


def test_open_descriptors_are_seen_through():
    wav = save("in.wav")
    with open(wav, "rb") as file:
        fails_and_keeps([wav], "--force", "-", wav, stdin=file)
    with open(wav, "rb") as file:
        fails_and_keeps([wav], "--force", "--plot", wav, "-", stdin=file)
    with open(wav, "r+b") as file:
        fails_and_keeps([wav], wav, "-", stdout=file)
    fails_and_keeps([wav], "--force", wav, "/dev/stdin", stdin=open(wav, "rb"))


def test_no_picture_takes_the_place_of_a_recording():
    wav, other = save("in.wav"), save("other.wav")
    for option in ("--plot", "--report", "--json"):
        words = fails_and_keeps([wav, other], "--force", option, wav, other, place("new.wav"))
        check("in.wav is a recording" in words, words)
        check(not os.path.exists(place("new.wav")), "written nevertheless")
    words = fails_and_keeps([wav, other], "--force", "--into", place("into"), "--json", wav, other)
    check("in.wav is a recording" in words, words)
    words = fails_and_keeps([wav], "--force", "--bench", "--hops", 1, "--json", wav)
    check("in.wav is a recording" in words, words)


def test_empty_names_are_an_error():
    wav = save("in.wav")
    for arguments in ((wav, ""), ("", place("o.wav")), ("--plot", "", wav, place("o.wav")),
                      ("--json=", wav, place("o.wav")), ("--into", "", wav),
                      ("--into", place("into"), wav, ""), ("--model", "", wav, place("o.wav"))):
        words = fails_and_keeps([wav], *arguments, status=2)
        check("empty" in words, words)
        check(not os.path.exists(place("o.wav")), "written nevertheless")


def test_standard_output_holds_one_thing():
    wav = save("in.wav")
    for option in ("--plot", "--report", "--json"):
        words = fails_and_keeps([wav], option, "-", wav, "-", stdin=subprocess.DEVNULL)
        check("standard output" in words, words)


def test_descriptors_that_are_closed_are_not_taken_for_others():
    whole = save("whole.wav", 9600)
    part = cut(whole, 0.6, "part.wav")
    check(percepnet("--force", part, place("a.wav")).returncode == CUT_SHORT, "not noticed")
    for closed in ("2>&-", "<&- >&- 2>&-", "<&- 2>&-"):
        command = f"exec {PROGRAM} --force {part} {place('b.wav')} {closed}"
        check(subprocess.run(["sh", "-c", command], check=False).returncode == CUT_SHORT, closed)
        check(contents(place("a.wav")) == contents(place("b.wav")), f"{closed}: another output")
    command = f"exec {PROGRAM} {whole} - >&-"
    result = subprocess.run(["sh", "-c", command], capture_output=True, check=False)
    check(result.returncode == 1 and b"cannot be written" in result.stderr, result)


def test_text_that_is_not_written_is_noticed():
    for option in ("--help", "--version", "--info"):
        with open("/dev/full", "wb") as full:
            result = percepnet(option, stdout=full, stderr=subprocess.PIPE)
        check(result.returncode == 1 and b"standard output cannot be written" in result.stderr,
              f"{option}: {result}")


def test_a_terminal_or_null_device_may_be_both():
    result = percepnet("--raw", "s16:48000:1", "-", "-", stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL)
    check(result.returncode == 0, result)


def test_a_link_stays_a_link_and_permissions_stay():
    wav, out = save("in.wav"), save("target.wav", 10)
    os.chmod(out, 0o640)
    os.symlink("target.wav", place("link.wav"))
    result = percepnet("--force", wav, place("link.wav"))
    check(result.returncode == 0, result.stderr)
    check(os.path.islink(place("link.wav")), "the link became a file")
    check(soundfile.info(out).frames == 4800, "the target was not written")
    check(os.stat(out).st_mode & 0o777 == 0o640, oct(os.stat(out).st_mode))


def test_what_is_there_is_not_replaced_unasked():
    wav, out = save("in.wav"), save("out.wav")
    check("--force" in fails_and_keeps([out], wav, out), "no word of --force")
    picture = place("picture.png")
    check(percepnet("--plot", picture, wav).returncode == 0, "no picture")
    check("--force" in fails_and_keeps([picture], "--plot", picture, wav), "no word of --force")
    check("--force" in fails_and_keeps([picture], "--bench", "--hops", 1, "--json", picture),
          "no word of --force")


def test_a_place_that_takes_no_report_is_told_before_the_work():
    wav = save("in.wav")
    os.mkdir(place("folder"))
    for option in ("--plot", "--report", "--json"):
        for name in ("no/such/folder", "folder"):
            words = fails_and_keeps([wav], option, place(name), wav, place("unwanted.wav"))
            check("cannot be written" in words, words)
            check(not os.path.exists(place("unwanted.wav")), f"{option} {name}: an output")


def test_standard_output_that_is_appended_to_stays():
    wav, log = save("in.wav"), place("log")
    with open(log, "wb") as file:
        file.write(b"before")
    with open(log, "ab") as file:
        result = percepnet(wav, "-", stdout=file)
    check(result.returncode == 0, result)
    check(contents(log)[:10] == b"beforeRIFF", contents(log)[:20])


tap.run_module(dict(globals()))

# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""What is done when a signal comes is kept and told: test_interrupts.py PERCEPNET (the program)."""

import contextlib
import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios

import tap
from recordings import PROGRAM, contents, place, save
from tap import check

import soundfile


def waiting(pipe):
    """Bytes in it that nobody has read."""
    return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))[0]


def test_signals_finish_the_file():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        for name in ("part.wav", "part.w64", "part.flac"):
            out = place(name)
            with subprocess.Popen([PROGRAM, "--force", "--raw", "s16:48000:1", "-", out],
                                  stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
                process.stdin.write(bytes(2 * 96000))
                process.stdin.flush()
                tap.wait_for(lambda: tap.catches(process, number) and waiting(process.stdin) == 0,
                             "nothing is read")
                process.send_signal(number)
                words = process.stderr.read().decode()
                process.wait(20)
            check(process.returncode == 128 + number, f"{name}: {process.returncode} {words}")
            check(number.name in words and "2.0 s" in words, words)
            check(soundfile.info(out).frames == 96000, soundfile.info(out))


def test_an_interrupted_pipe_ends_at_once():
    with subprocess.Popen([PROGRAM, "--force", "--raw", "s16:48000:1", "-", place("part.wav")],
                          stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        tap.wait_for(lambda: tap.catches(process, signal.SIGTERM), "no handler of SIGTERM")
        process.send_signal(signal.SIGTERM)
        process.wait(20)  # though nobody closed its input
    check(process.returncode == 143, process.returncode)


def new_pipe(name):
    with contextlib.suppress(FileNotFoundError):
        os.remove(place(name))
    os.mkfifo(place(name))
    return place(name)


def stop(process, number):
    """What it says; nobody ends its input."""
    process.send_signal(number)
    try:
        words = process.communicate(timeout=20)[1].decode()
    finally:
        process.kill()  # what hangs is not waited for
    check(process.returncode == 128 + number, f"{process.returncode} {words}")
    return words


def stalled(pipe, data):
    """The pipe's writer, after all that it writes was taken."""
    writer = open(pipe, "wb", buffering=0)
    for at in range(0, len(data), 4096):
        writer.write(data[at:at + 4096])
    tap.wait_for(lambda: waiting(writer) == 0, "nothing is read")
    return writer


def test_a_named_pipe_that_stalls_ends_at_once():
    out = place("part.wav")
    for number in (signal.SIGINT, signal.SIGTERM):
        pipe = new_pipe("pipe")
        with subprocess.Popen([PROGRAM, "--force", "--raw", "s16:48000:1", pipe, out],
                              stderr=subprocess.PIPE) as process, stalled(pipe, bytes(192000)):
            words = stop(process, number)
        frames = soundfile.info(out).frames
        check(48000 < frames <= 96000 and f"{frames / 48000:.1f} s of {pipe}" in words, words)


def test_named_pipes_of_several_threads_end_at_once():
    data = contents(save("whole.wav", 96000))
    pipes = [new_pipe(name) for name in ("a.wav", "b.wav")]
    with subprocess.Popen([PROGRAM, "--force", "--jobs", "2", "--into", place("into"), *pipes],
                          stderr=subprocess.PIPE) as process:
        with stalled(pipes[0], data[:150000]), stalled(pipes[1], data[:150000]):
            words = stop(process, signal.SIGTERM)
    check("0 of 2 files done" in words and "2 stopped" in words, words)
    for name in ("a.wav", "b.wav"):
        check(soundfile.info(place("into/" + name)).frames > 30000, words)


def test_a_pipe_that_nothing_comes_through_ends_at_once():
    named = new_pipe("pipe.wav")
    ends = os.pipe()
    for pipe, keywords in ((named, {}), (f"/dev/fd/{ends[0]}", {"pass_fds": ends[:1]}),
                           ("-", {"stdin": ends[0]})):
        with subprocess.Popen([PROGRAM, pipe, place("none.wav")], stderr=subprocess.PIPE,
                              **keywords) as process:
            tap.wait_for(lambda: tap.catches(process, signal.SIGINT), "no handler of SIGINT")
            words = stop(process, signal.SIGINT)
        check(words.count("\n") == 1 and "before any sound came" in words, words)
        check(not os.path.exists(place("none.wav")), "an output of nothing")
    for end in ends:
        os.close(end)


def test_a_pipe_whose_writer_is_gone_is_read_to_its_end():
    data = bytes(9600)
    ends = os.pipe()
    os.write(ends[1], data)
    os.close(ends[1])
    result = subprocess.run([PROGRAM, "--raw", "s16:48000:1", f"/dev/fd/{ends[0]}", "-"],
                            pass_fds=ends[:1], capture_output=True, timeout=60, check=False)
    os.close(ends[0])
    check(result.returncode == 0 and len(result.stdout) == len(data), result)


def on_terminal(*arguments):
    """The program, and what it shows in part."""
    screen, terminal = pty.openpty()
    process = subprocess.Popen([PROGRAM, "--force", *arguments], stderr=terminal)
    os.close(terminal)

    def parts():
        with contextlib.suppress(OSError):  # the program has ended
            while True:
                yield os.read(screen, 4096).decode()
        os.close(screen)

    return process, parts()


def test_an_interrupt_shows_how_far_it_got():
    wav = save("long.wav", 48000)
    with open(wav, "r+b") as file:  # three hours of nearly nothing
        for at, size in ((4, 36), (40, 0)):
            file.seek(at)
            file.write(struct.pack("<I", size + 10800 * 96000))
        file.truncate(44 + 10800 * 96000)
    process, parts = on_terminal(wav, place("part.wav"))
    with process:
        shown = next(parts)
        process.send_signal(signal.SIGINT)
        shown += "".join(parts)
    check(process.returncode == 130, repr(shown))
    shares = [int(share) for share in re.findall(r"(\d+) %", shown)]
    check(shares and max(shares) < 100, repr(shown))
    process, parts = on_terminal(save("in.wav"), place("out.wav"))
    with process:
        shown = "".join(parts)
    check(process.returncode == 0 and "100 %" in shown, repr(shown))


tap.run_module(dict(globals()))

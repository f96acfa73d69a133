#!/usr/bin/env python3
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Runs the launch lines of the element's SECTION block as they stand there.

Only what a test machine lacks is replaced: autoaudiosink by fakesink. A line
that reads from the network is given a sender and must still be running, without
an error, after three seconds.
"""
import math
import pathlib
import re
import shlex
import struct
import subprocess
import sys
import tempfile
import wave

SENDER = ("gst-launch-1.0 -q audiotestsrc is-live=true num-buffers=400 samplesperbuffer=480 ! "
          "audio/x-raw,rate=48000,channels=1 ! opusenc frame-size=10 ! rtpopuspay pt=96 ! "
          "udpsink host=127.0.0.1 port=5004")


def launch_lines(source):
    block = re.search(r"/\*\*(.*?)\*/", source.read_text(), re.S).group(1)
    block = re.sub(r"^ \* ?", "", block, flags=re.M)
    return [line.strip() for line in re.findall(r"\|\[\n(.*?)\]\|", block, re.S)]


def make_recording(path):
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 48000, 0, "NONE", ""))
        file.writeframes(b"".join(struct.pack("<h", int(8000 * math.sin(i * i / 3e6)))
                                  for i in range(96137)))


def run_to_the_end(command, folder):
    return subprocess.run(command, cwd=folder, timeout=60, capture_output=True, text=True,
                          check=False)


def run_for_a_while(command, folder):
    with subprocess.Popen(shlex.split(SENDER)) as sender:
        receiver = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE,
                                    stderr=subprocess.PIPE, text=True)
        try:
            output, errors = receiver.communicate(timeout=3)
            code = receiver.returncode or 1
        except subprocess.TimeoutExpired:
            receiver.terminate()
            output, errors = receiver.communicate()
            code = 1 if "ERROR" in errors + output else 0
        sender.terminate()
    return subprocess.CompletedProcess(command, code, output, errors)


def main():
    lines = launch_lines(pathlib.Path(sys.argv[1]))
    if len(lines) < 3:
        sys.exit(f"found only {len(lines)} launch lines")
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        make_recording(folder / "noisy.wav")
        for line in lines:
            command = shlex.split(line.replace("autoaudiosink", "fakesink sync=false"))
            run = run_for_a_while if "udpsrc" in command else run_to_the_end
            result = run(command, folder)
            print("ok  " if result.returncode == 0 else "FAIL", line)
            if result.returncode != 0:
                failed += 1
                print(result.stdout, result.stderr)
        with wave.open(str(folder / "clean.wav")) as file:
            if file.getnframes() != 96137:
                failed += 1
                print("clean.wav has", file.getnframes(), "samples instead of 96137")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()

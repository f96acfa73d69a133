#!/usr/bin/env python3
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""The RTP examples end well where all is well, and tell what failed: run_examples.py FOLDER"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import wave

import tap
from tap import check

EXAMPLES = pathlib.Path(sys.argv[1]).resolve()
FOLDER = tempfile.TemporaryDirectory()
PORT = "5012"
BAD = {"JITTER_LATENCY": "none"}  # what receives does not start

if not shutil.which("gst-launch-1.0"):
    tap.skip_all("needs gst-launch-1.0")


def run(name, *arguments, status=0, **environment):
    done = subprocess.run(["sh", EXAMPLES / name, *arguments], cwd=FOLDER.name, timeout=100,
                          capture_output=True, text=True, check=False,
                          env=dict(os.environ, PORT=PORT, **environment))
    check(done.returncode == status, f"{done.returncode} {done.stdout} {done.stderr}")
    return done


def check_sound(name):
    with wave.open(os.path.join(FOLDER.name, name)) as file:
        check(file.getnframes() > file.getframerate() / 2, f"{name}: {file.getnframes()}")


def test_both_ends_of_a_call_are_heard():
    done = run("rtp-call.sh", "opus20", "0", "2")
    check("heard" in done.stdout and "failed" not in done.stderr, done)
    for name in ("call-a.wav", "call-b.wav"):
        check_sound(name)


def test_ends_of_a_call_that_failed_are_told():
    done = run("rtp-call.sh", "opus20", "0", "1", status=1, **BAD)
    check("heard" not in done.stdout and done.stderr.count("failed (exit status") == 2, done)


def test_what_is_sent_is_received():
    done = run("rtp-receive.sh", "opus20", "0", "2", "received.wav")
    check("received: received.wav" in done.stdout and "failed" not in done.stderr, done)
    check_sound("received.wav")


def test_a_receiver_or_sender_that_failed_is_told():
    done = run("rtp-receive.sh", "opus20", "0", "1", "none.wav", status=1, **BAD)
    check("received:" not in done.stdout and "the receiver failed" in done.stderr, done)
    done = run("rtp-receive.sh", "opus20", "0", "1", "none.wav", "missing.wav", status=1)
    check("received:" not in done.stdout and "the sender failed" in done.stderr, done)


def test_a_server_ends_as_planned():
    check("failed" not in run("rtp-server.sh", "2", "opus20", "1").stderr, "a failure")


def test_a_server_that_failed_is_told():
    done = run("rtp-server.sh", "1", "opus20", "1", status=1, **BAD)
    check("the server failed" in done.stderr, done)


tap.run_module(dict(globals()))

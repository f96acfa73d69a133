# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Test programs print TAP; this is all that they need for it."""

import sys
import time
import traceback


class Skip(Exception):
    """What is tested is not there."""


def check(condition, message):
    if not condition:
        raise AssertionError(message)


def wait_for(condition, what, seconds=60):
    """Until it is true, however busy the machine is."""
    end = time.monotonic() + seconds
    while not condition():
        check(time.monotonic() < end, f"{what}: not within {seconds} s")
        time.sleep(0.02)


def catches(process, number):
    """Whether it has a handler for the signal."""
    with open(f"/proc/{process.pid}/status", encoding="utf-8") as file:
        caught = next(line for line in file if line.startswith("SigCgt:"))
    return int(caught.split()[1], 16) >> (number - 1) & 1


def run(tests):
    """Run (name, function) pairs, print TAP, exit."""
    tests = list(tests)
    print(f"1..{len(tests)}")
    failed = 0
    for number, (name, function) in enumerate(tests, 1):
        try:
            function()
            print(f"ok {number} - {name}")
        except Skip as reason:
            print(f"ok {number} - {name} # SKIP {reason}")
        except Exception:  # any failure is a result, not the end
            failed += 1
            print(f"not ok {number} - {name}")
            for line in traceback.format_exc().splitlines():
                print(f"# {line}")
        sys.stdout.flush()
    sys.exit(failed > 0)


def run_module(names):
    """Run all functions of a module's globals() called test_..., in their order."""
    run((name[5:].replace("_", " "), function) for name, function in names.items()
        if name.startswith("test_") and callable(function))


def skip_all(reason):
    print(f"1..0 # SKIP {reason}")
    sys.exit(0)

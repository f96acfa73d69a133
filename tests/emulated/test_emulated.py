# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Levels of processors that are not at hand, run by qemu-user: the right one is chosen, no other
instruction is met, and the whole engine's output is that of plain C++ here, bit for bit:
test_emulated.py LEVEL_DIGEST CPU_FAMILY SOURCE CROSS_BUILD_FOLDER TESTS_TOOLS_FOLDER"""

import os
import shutil
import subprocess
import sys

sys.path.insert(0, sys.argv[5])
import tap  # noqa: E402

DIGEST, FAMILY, SOURCE, CROSS = sys.argv[1:5]
# What each processor must choose. AVX-512 and AVX-VNNI are not emulated.
X86 = {"Opteron_G1": "c", "Conroe": "c", "Penryn": "sse41", "Nehalem": "sse41",
       "SandyBridge": "sse41", "Haswell": "avx2", "EPYC": "avx2"}
ARM = {"cortex-a53": "neon", "cortex-a57": "neon", "max": "dotprod"}


def digest(command, level=None):
    """(level, digest) as the command prints them."""
    environment = {k: v for k, v in os.environ.items() if k != "PERCEPNET_SIMD"}
    if level:
        environment["PERCEPNET_SIMD"] = level
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300)
    tap.check(done.returncode == 0, (command, done.returncode, done.stderr))
    print("#", " ".join(os.path.basename(part) for part in command), done.stdout.strip())
    name, bits, largest = done.stdout.split()
    tap.check(float(largest) > 0.01, "the output is silent")
    return name, bits


def plain():
    name, bits = digest([DIGEST], "c")
    tap.check(name == "c", name)
    return bits


def need(*programs):
    for program in programs:
        if not shutil.which(program):
            raise tap.Skip("no " + program)


def test_older_x86_processors():
    if FAMILY != "x86_64":
        raise tap.Skip("not on x86")
    need("qemu-x86_64")
    bits = plain()
    for processor, level in X86.items():
        found = digest(["qemu-x86_64", "-cpu", processor, DIGEST])
        tap.check(found == (level, bits), (processor, found, level, bits))


def cross_built():
    need("aarch64-linux-gnu-g++", "qemu-aarch64", "meson", "ninja")
    options = ["--wrap-mode=nodownload", "-Dauto_features=disabled", "-Dtests=enabled"]
    steps = [["meson", "setup", CROSS, SOURCE, "--cross-file",
              SOURCE + "/tools/cross/aarch64-linux-gnu.ini"] + options]
    if os.path.exists(CROSS + "/build.ninja"):
        steps = []
    steps.append(["ninja", "-j2", "-C", CROSS] + ["tests/emulated/" + name for name in (
        "level_digest", "test_kernels", "test_row_kernels", "test_signal_kernels",
        "test_sum_kernels")])
    for step in steps:
        done = subprocess.run(step, capture_output=True, text=True)
        tap.check(done.returncode == 0, (step, done.stdout[-3000:], done.stderr[-3000:]))


def test_arm_kernels():
    cross_built()
    done = subprocess.run(["meson", "test", "-C", CROSS, "--no-rebuild", "--suite", "emulated"],
                          capture_output=True, text=True)
    tap.check(done.returncode == 0, done.stdout[-3000:])
    tap.check("OK" in done.stdout, done.stdout)


def test_arm_processors():
    cross_built()
    run = ["qemu-aarch64", "-L", "/usr/aarch64-linux-gnu"]
    tool = CROSS + "/tests/emulated/level_digest"
    bits = plain() if FAMILY == "x86_64" else digest([tool], "c")[1]
    tap.check(digest(run + ["-cpu", "max", tool], "c") == ("c", bits), "plain C++ differs")
    for processor, level in ARM.items():
        found = digest(run + ["-cpu", processor, tool])
        tap.check(found == (level, bits), (processor, found, level, bits))


tap.run_module(dict(globals()))

# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""A hop costs the same instructions whatever it holds: test_cost.py COST_TOOL TESTS_TOOLS_FOLDER"""

import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, sys.argv[2])
import tap  # noqa: E402

SIGNALS = ("voice", "noise", "silence", "nan", "full-scale", "denormal")
MOST = 1.1
HOPS = 100


def instructions(signal):
    """Of percepnet_process() alone, for a hop."""
    done = subprocess.run(
        [shutil.which("valgrind"), "--tool=callgrind", "--callgrind-out-file=/dev/null",
         "--toggle-collect=percepnet_process", sys.argv[1], signal], capture_output=True, text=True,
        env={**os.environ, "PERCEPNET_SIMD": "avx2"}, timeout=170, check=True)
    return int(re.search(r"Collected : (\d+)", done.stderr).group(1)) / HOPS


def test_every_signal_costs_the_same():
    if not shutil.which("valgrind"):
        raise tap.Skip("no valgrind")
    counts = {signal: instructions(signal) for signal in SIGNALS}
    for signal, count in counts.items():
        print(f"# {signal}: {count:.0f} instructions in a hop")
    tap.check(min(counts.values()) > 100000, "nothing was counted")
    tap.check(max(counts.values()) < MOST * min(counts.values()), counts)


tap.run_module(dict(globals()))

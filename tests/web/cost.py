# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Processor time of a hop in node and natively: cost.py LIBPERCEPNET SOURCE_ROOT PACKAGE"""

import pathlib
import statistics
import subprocess
import sys
import time

import numpy as np

import native

LIBRARY, PACKAGE = native.Library(sys.argv[1]), sys.argv[3]
HOPS, TURNS = 3000, 5
NOISE = np.random.default_rng(1).uniform(-0.5, 0.5, (1, 480 * HOPS)).astype(np.float32)


def in_node():
    program = pathlib.Path(__file__).with_name("cost.mjs")
    return float(subprocess.run(["node", program, PACKAGE, str(HOPS)], capture_output=True,
                                text=True, check=True).stdout)


def natively():
    start = time.process_time()
    LIBRARY.enhance(NOISE)
    return 1e6 * (time.process_time() - start) / HOPS


pairs = [(in_node(), natively()) for _ in range(TURNS)]
for name, values in zip(("WebAssembly in node", "native, plain C++"), zip(*pairs)):
    print(f"{name}: {statistics.median(values):.0f} us for each hop of 10 ms "
          f"({min(values):.0f} to {max(values):.0f})")

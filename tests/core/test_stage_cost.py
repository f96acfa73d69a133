# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""No stage of a hop costs more instructions than docs/performance.md says, but for a few in a
hundred, as compilers differ: test_stage_cost.py STAGE_COST_TOOL TESTS_TOOLS_FOLDER DOCUMENT"""

import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, sys.argv[2])
import tap  # noqa: E402

MOST = 1.15
SPARE = 500  # instructions, for small stages
LEVELS = ("c", "sse41", "avx2")


def documented():
    """{stage: {level: instructions}} from the table whose columns are `level`."""
    counts, columns = {}, []
    with open(sys.argv[3], encoding="utf-8") as file:
        for line in file:
            cells = [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]
            if cells[0] == "Stage, instructions":
                columns = cells
            elif columns and line.startswith("|") and cells[1].isdigit():
                counts[cells[0]] = {level: int(cells[columns.index(level)]) for level in LEVELS}
            elif columns and not line.startswith("|"):
                break
    return counts


def instructions(level):
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [shutil.which("valgrind"), "--tool=callgrind", "--instr-atstart=no",
             "--callgrind-out-file=" + folder + "/part", sys.argv[1]], capture_output=True,
            text=True, env={**os.environ, "PERCEPNET_SIMD": level}, timeout=170, check=True)
        parts = {}
        for path in glob.glob(folder + "/part.*"):
            with open(path, encoding="utf-8") as file:
                parts[int(path.rsplit(".", 1)[1])] = int(
                    re.search(r"^(?:totals|summary): (\d+)", file.read(), re.M).group(1))
    counts = {}
    for line in done.stdout.splitlines():
        stage, numbers = line.split(":")
        counts[stage] = sum(parts[int(number)] for number in numbers.split())
    return counts


def test_stages_cost_what_is_documented():
    if not shutil.which("valgrind"):
        raise tap.Skip("no valgrind")
    said = documented()
    for level in LEVELS:
        counts = instructions(level)
        for stage, count in counts.items():
            print(f"# {level}: {stage}: {count}")
        print(f"# {level}: together: {sum(counts.values())}")
        tap.check(sum(counts.values()) > 100000, "nothing was counted")
        for stage, count in counts.items():
            most = MOST * said[stage][level] + SPARE
            tap.check(count <= most, (level, stage, count, most))


tap.run_module(dict(globals()))

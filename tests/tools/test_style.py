# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""The parts of the house style that a program can check: test_style.py SOURCE_ROOT"""

import pathlib
import re
import subprocess
import sys

import tap

ROOT = pathlib.Path(sys.argv[1])
CODE = {".c", ".h", ".cpp", ".hpp", ".inl", ".py", ".sh"}
TEXT = CODE | {".build", ".txt", ".md", ".in", ".yml", ".conf"}
LONGEST = 100
# The hosts' own style allows longer lines in tables of options.
LONG_LINES_ALLOWED = ("ffmpeg/",)
SPDX = ("SPDX-FileCopyrightText: The percepnet authors", "SPDX-License-Identifier: BSD-2-Clause")
# Absolute paths of one person's machine.
MACHINE_PATH = re.compile(r"(?:^|[\s\"'`=:(\[])/(?:root|home|mnt|work|workspace|tmp/\w+)/\w")


def own_files():
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-z"], capture_output=True, text=True,
                            check=False)
    if listed.returncode != 0:
        tap.skip_all("not a git checkout")
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if (path.suffix in TEXT or name.startswith(".ci/")) and path.is_file():
            yield name, path


def report(rule):
    """rule(name, lines) gives (line number, what is wrong) pairs."""
    found = []
    for name, path in own_files():
        lines = path.read_text(encoding="utf-8").split("\n")
        found += [f"{name}:{number}: {what}" for number, what in rule(name, lines)]
    tap.check(not found, "\n" + "\n".join(found))


def numbered(lines, condition, what):
    return [(number, what) for number, line in enumerate(lines, 1) if condition(line)]


def is_code(name):
    return pathlib.PurePath(name).suffix in CODE or name.endswith(("meson.build", ".ci/run"))


def test_no_tabs():
    report(lambda name, lines: numbered(lines, lambda line: "\t" in line, "a tab"))


def test_no_trailing_space():
    report(lambda name, lines: numbered(lines, lambda line: line != line.rstrip(),
                                        "trailing space"))


def test_files_end_with_one_newline():
    report(lambda name, lines: [(len(lines), "end of file")]
           if lines[-1] or lines[-2:-1] == [""] else [])


def test_code_has_its_licence():
    report(lambda name, lines: [(1, "no SPDX lines")] if is_code(name) and not all(
        any(words in line for line in lines[:4]) for words in SPDX) else [])


def test_lines_are_short():
    def too_long(line):  # a launch line in a comment is one line, to be copied
        return len(line) > LONGEST and not line.startswith(" * gst-launch-1.0 ")

    report(lambda name, lines: numbered(lines, too_long, f"more than {LONGEST} characters")
           if pathlib.PurePath(name).suffix in CODE and not name.startswith(LONG_LINES_ALLOWED)
           else [])


def test_no_path_of_a_machine():
    report(lambda name, lines: numbered(lines, MACHINE_PATH.search, "a path of one machine"))


tap.run_module(dict(globals()))

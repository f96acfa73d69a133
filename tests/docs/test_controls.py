# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""docs/controls.md has a section for each control, with the table's names, range and default, and
says what is heard at the ends: test_controls.py SOURCE_ROOT LIST_CONTROLS"""

import json
import pathlib
import re
import subprocess
import sys

import tap
from tap import check

TEXT = (pathlib.Path(sys.argv[1]) / "docs" / "controls.md").read_text(encoding="utf-8")
CONTROLS = [json.loads(line) for line in subprocess.run(
    [sys.argv[2]], capture_output=True, text=True, check=True).stdout.splitlines()]
SECTIONS = dict(re.findall(r"^## (.*)\n\n((?:(?!^## ).*\n)*)", TEXT, re.MULTILINE))


def value_of(control, number):
    return f"`{control['choices'][int(number)][0]}`" if control["choices"] else f"{number:g}"


def first_line(control):
    if control["choices"]:
        bounds = ", ".join(f"`{name}`" for name, _ in control["choices"])
    else:
        bounds = f"{control['minimum']:g} to {control['maximum']:g} {control['unit']}".strip()
    live = "Live." if control["live"] else "Not live."
    return f"`{control['name']}`: {bounds}, default {value_of(control, control['default'])}. {live}"


def test_a_section_for_each_in_the_order_of_the_table():
    titles = [control["title"] for control in CONTROLS]
    check(list(SECTIONS)[:len(titles)] == titles, f"{list(SECTIONS)} for {titles}")


def test_each_begins_with_the_line_of_the_table():
    for control in CONTROLS:
        found = SECTIONS[control["title"]].split("\n", 1)[0]
        check(found == first_line(control), f"{found!r} should be {first_line(control)!r}")


def test_each_tells_both_ends_and_shows_a_command():
    for control in CONTROLS:
        section = SECTIONS[control["title"]]
        rows = re.findall(r"^\| (`?[\w.-]+`?)(?= )", section, re.MULTILINE)
        ends = (range(int(control["maximum"]) + 1) if control["choices"]
                else (control["minimum"], control["maximum"]))
        for end in ends:
            check(value_of(control, end) in rows, f"{control['name']}: no row for {end} in {rows}")
        check(f"percepnet --{control['name']} " in section, f"{control['name']}: no command")


tap.run_module(dict(globals()))

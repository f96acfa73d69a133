# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""What must be changed with a release agrees: test_versions.py SOURCE_ROOT VERSION HEADER"""

import pathlib
import re
import sys

import tap
from tap import check

SOURCE, VERSION, HEADER = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])


def text_of(name):
    return (SOURCE / name).read_text(encoding="utf-8")


def test_the_debian_changelog_begins_with_this_version():
    first = text_of("debian/changelog").splitlines()[0]
    check(first.startswith(f"percepnet ({VERSION}) "), first)


def test_the_changes_of_this_version_are_told():
    headings = re.findall(r"^## (.*)$", text_of("CHANGELOG.md"), re.MULTILINE)
    check(any(re.fullmatch(re.escape(VERSION) + r" \(.*20\d\d\)", line) for line in headings),
          headings)


def test_the_debian_symbols_are_those_of_the_header():
    """A new one is written down with the version that brings it; none goes without a new soname."""
    listed = dict(re.findall(r"^ (percepnet_\w+)@Base (\S+)$",
                             text_of("debian/libpercepnet0.symbols"), re.MULTILINE))
    header = re.sub(r"/\*.*?\*/|//[^\n]*", "", HEADER.read_text(encoding="utf-8"), flags=re.DOTALL)
    declared = set(re.findall(r"\b(percepnet_\w+)\(", header))
    check(listed.keys() == declared, f"only one has: {sorted(listed.keys() ^ declared)}")
    numbers = [int(part) for part in VERSION.split(".")]
    late = [name for name, since in listed.items()
            if [int(part) for part in since.split(".")] > numbers]
    check(not late, f"from a later version: {late}")


tap.run_module(dict(globals()))

# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""What the library exports is what its header declares: test_symbols.py NM LIBRARY HEADER"""

import re
import subprocess
import sys

import tap
from tap import check


def exported():
    lines = subprocess.run([sys.argv[1], "-D", "--defined-only", sys.argv[2]], capture_output=True,
                           text=True, check=True).stdout.splitlines()
    return {line.split()[-1].split("@")[0] for line in lines}


def declared():
    with open(sys.argv[3], encoding="utf-8") as header:
        return set(re.findall(r"\b(percepnet_\w+)\(", re.sub(r"/\*.*?\*/|//[^\n]*", "",
                                                             header.read(), flags=re.DOTALL)))


def test_every_symbol_has_the_prefix():
    strangers = {name for name in exported() if not name.startswith("percepnet_")}
    check(not strangers, f"exported: {sorted(strangers)}")


def test_the_header_declares_what_is_exported():
    check(exported() == declared(), f"only one has: {sorted(exported() ^ declared())}")


tap.run_module(dict(globals()))

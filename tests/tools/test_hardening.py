# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""What is installed is hardened: test_hardening.py READELF FILE..."""

import os
import subprocess
import sys

import tap
from tap import check

FILES = sys.argv[2:]


def shown(option, file):
    return subprocess.run([sys.argv[1], "-W", option, file], capture_output=True, text=True,
                          check=True).stdout


def test_tables_of_addresses_are_read_only():
    for file in FILES:
        check("GNU_RELRO" in shown("-l", file), f"{file} has no RELRO")
        check("NOW" in shown("-d", file), f"{file} is not bound at once")


def test_the_stack_is_not_executable():
    for file in FILES:
        stack = [line for line in shown("-l", file).splitlines() if "GNU_STACK" in line]
        check(stack and "RWE" not in stack[0], f"{file}: {stack}")


def test_code_may_lie_anywhere():
    for file in FILES:
        check("DYN" in shown("-h", file), f"{file} has a fixed address")
        check("TEXTREL" not in shown("-d", file), f"{file} has relocations in its code")


def test_stacks_are_guarded():
    for file in FILES:
        check("__stack_chk_fail" in shown("--dyn-syms", file), f"{file} guards no stack")


def test_calls_of_the_c_library_are_checked():
    programs = [file for file in FILES if os.path.basename(file) == "percepnet"]
    for file in programs:
        check("_chk@" in shown("--dyn-syms", file), f"{file} has no checked call")


tap.run_module(dict(globals()))

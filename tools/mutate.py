#!/usr/bin/env python3
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Breaks the code on purpose, one operator or constant at a time, and lists what no test notices.

  tools/mutate.py [--count N] [--seed N] [--build FOLDER] FILE...
                  [--suite NAME] --tests NAME...

For example: tools/mutate.py --count 20 tools/options.cpp tools/batch.cpp --tests cli files
  tools/mutate.py ffmpeg/af_percepnet.c --targets ffmpeg/libavfilter.so.8 \\
    --suite ffmpeg --tests length timing control programs
Each FILE is as committed before and after. What does not compile, or compiles to the same program,
does not count. Exit status 1 if something survived.
"""

import argparse
import ctypes
import hashlib
import os
import random
import re
import signal
import subprocess
import sys

PR_SET_CHILD_SUBREAPER = 36
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SWAPS = {
    "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "&&": "||", "||": "&&",
    "+": "-", "-": "+", "*": "/", "/": "*", "+=": "-=", "-=": "+=", "++": "--", "true": "false",
    "false": "true", "min": "max", "max": "min", "!": "",
}
HIDDEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|^\s*#[^\n]*',
                    re.DOTALL | re.MULTILINE)
OPERATOR = re.compile(r" (<=|>=|==|!=|&&|\|\||\+=|-=|[<>*/+-]) |(\+\+)|\b(true|false|min|max)\b"
                      r"|(!)(?=[\w(])|(?<![\w.])(\d+)(?=[u)\];, ])")


def candidates(text):
    """(begin, end, replacement) of every change, outside comments, strings and directives."""
    visible = HIDDEN.sub(lambda match: re.sub(r"[^\n]", "~", match.group()), text)
    found = []
    for match in OPERATOR.finditer(visible):
        group = match.lastindex
        word = match.group(group)
        new = str(int(word) + 1) if word.isdigit() else SWAPS[word]
        found.append((*match.span(group), new))
    return found


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def adopt_orphans():
    """What our children leave behind becomes our child, whatever its session (Linux)."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def children():
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc") if os.path.isdir("/proc") else []):
        try:
            with open(f"/proc/{pid}/stat", "rb") as file:
                fields = file.read().rsplit(b")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == os.getpid():
            found.append(int(pid))
    return found


def end_children():
    """Each with what it started: that is ours as soon as its parent is gone."""
    while pids := children():
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def run(*command):
    """Whether it succeeds. Nothing that it started goes on: a test that its time limit ended can
    leave a program behind that a change made endless, in a session of its own."""
    adopt_orphans()
    try:
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              cwd=ROOT, check=False).returncode == 0
    finally:
        end_children()


def show(*command):
    """Runs it and returns what it prints, for a reader."""
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=ROOT,
                          check=False, encoding="utf-8", errors="replace").stdout


def programs(build):
    """A sum of all that was linked: equal if a change makes no difference."""
    total = hashlib.sha256()
    for folder, _, names in sorted(os.walk(build)):
        for name in sorted(names):
            path = os.path.join(folder, name)
            if os.access(path, os.X_OK) and not os.path.islink(path) and "meson-" not in path:
                with open(path, "rb") as file:
                    total.update(hashlib.sha256(file.read()).digest())
    return total.digest()


def compiles(arguments):
    return run("ninja", "-C", arguments.build, *arguments.targets)


def test_command(arguments):
    suite = ("--suite", arguments.suite) if arguments.suite else ()
    return ("meson", "test", "-C", arguments.build, "--no-rebuild", "--maxfail", "1",
            "--timeout-multiplier", "3", *suite, *arguments.tests)


def passes(arguments):
    return run(*test_command(arguments))


def verdict(arguments, original):
    if not compiles(arguments):
        return "not compiled"
    if programs(arguments.build) == original:
        return "same program"
    return "survived" if passes(arguments) else "killed"


def try_change(path, change, arguments, original):
    text = read(path)
    begin, end, new = change
    line = text.count("\n", 0, begin) + 1
    try:
        write(path, text[:begin] + new + text[end:])
        result = verdict(arguments, original)
    finally:
        write(path, text)
    code = text.splitlines()[line - 1].strip()
    print(f"{result}: {os.path.relpath(path, ROOT)}:{line}: "
          f"{text[begin:end]} -> {new or 'nothing'}: {code}", flush=True)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--tests", nargs="+", required=True, metavar="NAME",
                        help="tests of Meson that are to notice")
    parser.add_argument("--suite", metavar="NAME", help="the suite that these are of (any)")
    parser.add_argument("--targets", nargs="+", default=[], metavar="TARGET",
                        help="targets of ninja that the tests need (all)")
    parser.add_argument("--count", type=int, default=20, help="changes to try (20)")
    parser.add_argument("--seed", type=int, default=1, help="which ones (1)")
    parser.add_argument("--build", default="build", metavar="FOLDER", help="build folder (build)")
    arguments = parser.parse_args()
    arguments.build = os.path.abspath(arguments.build)
    files = [os.path.abspath(path) for path in arguments.files]
    if not run("git", "diff", "--quiet", "HEAD", "--", *files):
        sys.exit("commit the changes of these files first")
    every = [(path, change) for path in files for change in candidates(read(path))]
    random.Random(arguments.seed).shuffle(every)
    if not compiles(arguments) or not passes(arguments):
        print(show(*test_command(arguments)))
        sys.exit("the tests fail without a change already: see above")
    original = programs(arguments.build)
    results = [try_change(path, change, arguments, original)
               for path, change in every[:arguments.count]]
    compiles(arguments)
    counts = {name: results.count(name)
              for name in ("killed", "survived", "not compiled", "same program")}
    print(f"{len(every)} changes possible, tried {len(results)}: " +
          ", ".join(f"{count} {name}" for name, count in counts.items()))
    return counts["survived"] > 0


if __name__ == "__main__":
    sys.exit(main())

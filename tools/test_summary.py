#!/usr/bin/env python3
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Counts what `meson test` ran: test_summary.py build/meson-logs/testlog.json

Prints the log of every test that failed in full, then "N passed, M failed, K skipped". A program
of Check or TAP counts as the checks that it holds, any other as one. Exits with 1 if a test failed
or none ran.
"""

import json
import re
import sys

GOOD = {"OK", "EXPECTEDFAIL"}
CHECK_LINE = re.compile(r"^\d+%: Checks: (\d+), Failures: (\d+), Errors: (\d+)", re.MULTILINE)
TAP_LINE = re.compile(r"^(not )?ok\b(.*)$", re.MULTILINE)
TAP_SKIP_LINE = re.compile(r"^ok\b[\s\d-]*(.*#\s*skip.*)$", re.MULTILINE | re.IGNORECASE)
TAP_SKIP = re.compile(r"#\s*skip", re.IGNORECASE)


def checks_in(output):
    """(passed, failed, skipped) as the test program's own output tells."""
    groups = [tuple(map(int, line)) for line in CHECK_LINE.findall(output)]
    if groups:
        failed = sum(failures + errors for _, failures, errors in groups)
        return sum(checks for checks, _, _ in groups) - failed, failed, 0
    lines = TAP_LINE.findall(output)
    skipped = sum(bool(TAP_SKIP.search(rest)) for _, rest in lines)
    failed = sum(bool(bad) for bad, rest in lines if not TAP_SKIP.search(rest))
    return len(lines) - failed - skipped, failed, skipped


def count(test):
    """(passed, failed, skipped) of one entry of Meson's log."""
    if test["result"] == "SKIP":
        return 0, 0, 1
    passed, failed, skipped = checks_in(test.get("stdout") or "")
    if test["result"] in GOOD:
        return (passed, 0, skipped) if passed + skipped else (1, 0, 0)
    return passed, max(failed, 1), skipped


def show(test):
    print(f"\n==== {test['name']}: {test['result']} after {test['duration']:.1f} s")
    print("command:", " ".join(test["command"]))
    for stream in ("stdout", "stderr"):
        if test.get(stream):
            print(f"---- {stream}\n{test[stream].rstrip()}")


def main():
    try:
        with open(sys.argv[1], encoding="utf-8") as log:
            tests = [json.loads(line) for line in log if line.strip()]
    except OSError:
        tests = []
    totals = [0, 0, 0]
    for test in tests:
        totals = [total + more for total, more in zip(totals, count(test))]
    for test in tests:
        if test["result"] == "SKIP":
            print(f"skipped: {test['name']}: {(test.get('stdout') or '').strip()}")
        elif test["result"] not in GOOD:
            show(test)
        else:
            for line in TAP_SKIP_LINE.findall(test.get("stdout") or ""):
                print(f"skipped: {test['name']}: {line}")
    print("{} passed, {} failed, {} skipped".format(*totals))
    sys.exit(totals[1] > 0 or totals[0] == 0)


if __name__ == "__main__":
    main()

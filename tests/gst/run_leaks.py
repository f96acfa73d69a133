#!/usr/bin/env python3
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Runs tests of pipelines under GStreamer's leaks tracer; objects alive at the end fail.

run_leaks.py GST-TESTS FILE:NAME...
"""
import os
import re
import subprocess
import sys

TESTS, NAMES = sys.argv[1], sys.argv[2:]
ALIVE = re.compile(r'object-alive, type-name=\(string\)(?!%s)([^,]+)')


def main():
    failed = 0
    print(f'1..{len(NAMES)}')
    for number, argument in enumerate(NAMES, 1):
        file, name = argument.split(':')
        env = dict(os.environ, CK_FORK='no', GST_CHECKS=name, GST_TRACERS='leaks',
                   GST_DEBUG='GST_TRACER:7', GST_DEBUG_NO_COLOR='1')
        run = subprocess.run([TESTS, file], env=env, capture_output=True, text=True)
        log = run.stdout + run.stderr
        alive = ALIVE.findall(log)
        good = run.returncode == 0 and 'object-alive' in log and not alive
        failed += not good
        print('ok' if good else 'not ok', number, '-', name)
        for kind in alive:
            print('# alive:', kind)
    return failed > 0


sys.exit(main())

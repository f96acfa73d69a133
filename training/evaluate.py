#!/usr/bin/python3
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Enhance a folder of noisy files with the engine and print scores against the clean ones.

    training/evaluate.py --noisy DIR --clean DIR [--model FILE] [--out DIR]

The two folders hold WAV or FLAC files of the same names. With --scorer COMMAND, that program
is run as `COMMAND OUT` in the end, for scores that need no reference.
"""
import argparse
import os
import shlex
import subprocess
import sys
import tempfile

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import metrics  # noqa: E402


def read(path):
    command = ['ffmpeg', '-v', 'error', '-nostdin', '-i', path,
               '-ac', '1', '-ar', str(metrics.RATE), '-f', 'f32le', '-']
    raw = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    return np.frombuffer(raw, np.float32).astype(np.float64)


def pairs(noisy, clean):
    """Names in the two folders that differ at most in their ending."""
    found = {os.path.splitext(name)[0]: name for name in os.listdir(clean)}
    for name in sorted(os.listdir(noisy)):
        stem = os.path.splitext(name)[0]
        if stem in found:
            yield name, found[stem]


def enhance(args, name, out):
    model = ['--model', args.model] if args.model else []
    subprocess.run([args.program, '--force', *model, os.path.join(args.noisy, name), out],
                   check=True, stdout=subprocess.DEVNULL)


def show(label, rows):
    names = list(rows[0])
    values = np.array([[row[name] for name in names] for row in rows])
    half = np.zeros(len(names))
    if len(rows) > 1:
        half = 1.96 * values.std(0, ddof=1) / np.sqrt(len(rows))
    columns = zip(names, np.nanmean(values, 0), half)
    print(label.ljust(10) + '  '.join('%s %.3f +-%.3f' % column for column in columns))


def evaluate(args, out):
    before, after = [], []
    for name, reference in list(pairs(args.noisy, args.clean))[:args.limit]:
        clean = read(os.path.join(args.clean, reference))
        noisy = read(os.path.join(args.noisy, name))
        before.append(metrics.scores(clean, noisy[:len(clean)]))
        if not args.as_is:
            target = os.path.join(out, os.path.splitext(name)[0] + '.wav')
            enhance(args, name, target)
            after.append(metrics.scores(clean, read(target)[:len(clean)]))
    if not before:
        sys.exit('evaluate.py: %s and %s have no file in common' % (args.noisy, args.clean))
    show('as is' if args.as_is else 'noisy', before)
    if after:
        show('enhanced', after)
    print('%d files' % len(before))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--noisy', required=True)
    parser.add_argument('--clean', required=True)
    parser.add_argument('--model', help='a model file (default: the one inside the library)')
    parser.add_argument('--program', default='build/tools/percepnet')
    parser.add_argument('--as-is', action='store_true',
                        help='only score the files of --noisy: rungs of the oracle ladder')
    parser.add_argument('--out', help='where to leave the enhanced files')
    parser.add_argument('--limit', type=int, help='only so many files')
    parser.add_argument('--scorer', help='a command for scores without reference')
    args = parser.parse_args()
    for folder in (args.noisy, args.clean):
        if not os.path.isdir(folder):
            sys.exit('evaluate.py: %s is no folder' % folder)
    with tempfile.TemporaryDirectory() as scratch:
        out = args.noisy if args.as_is else args.out or scratch
        os.makedirs(out, exist_ok=True)
        evaluate(args, out)
        if args.scorer:
            subprocess.run(shlex.split(args.scorer) + [out], check=True)


if __name__ == '__main__':
    main()

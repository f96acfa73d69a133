#!/usr/bin/python3
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Enhance a folder of noisy files with the engine and print scores against the clean ones.

    training/evaluate.py --noisy DIR --clean DIR [--model FILE] [--out DIR]

The two folders hold WAV or FLAC files of the same names. With --against DIR, what another program
made of the same files, the mean differences to it follow, pair by pair; what DIR lacks is left
out. With --scorer COMMAND, that program is run as `COMMAND OUT` in the end, for scores that need no
reference. The intervals are of 95 % (Student's t).
"""
import argparse
import os
import shlex
import subprocess
import sys
import tempfile

import numpy as np
import scipy.stats

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
        half = scipy.stats.t.ppf(0.975, len(rows) - 1) * scipy.stats.sem(values, 0)
    columns = zip(names, np.nanmean(values, 0), half)
    print(label.ljust(10) + '  '.join('%s %.3f +-%.3f' % column for column in columns))


def evaluate(args, out):
    before, after, differences = [], [], []
    others = dict(pairs(args.clean, args.against)) if args.against else {}
    for name, reference in list(pairs(args.noisy, args.clean))[:args.limit]:
        clean = read(os.path.join(args.clean, reference))
        noisy = read(os.path.join(args.noisy, name))
        before.append(metrics.scores(clean, noisy[:len(clean)]))
        if not args.as_is:
            target = os.path.join(out, os.path.splitext(name)[0] + '.wav')
            enhance(args, name, target)
            after.append(metrics.scores(clean, read(target)[:len(clean)]))
        if reference in others:
            theirs = read(os.path.join(args.against, others[reference]))[:len(clean)]
            ours = (after or before)[-1]
            differences.append({key: ours[key] - value
                                for key, value in metrics.scores(clean, theirs).items()})
    if not before:
        sys.exit('evaluate.py: %s and %s have no file in common' % (args.noisy, args.clean))
    if args.against and not differences:
        sys.exit('evaluate.py: %s has no file of the names in %s' % (args.against, args.clean))
    show('as is' if args.as_is else 'noisy', before)
    if after:
        show('enhanced', after)
    if differences:
        show('against', differences)
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
    parser.add_argument('--against', help="folder of another program's output")
    parser.add_argument('--limit', type=int, help='only so many files')
    parser.add_argument('--scorer', help='a command for scores without reference')
    args = parser.parse_args()
    for folder in filter(None, (args.noisy, args.clean, args.against)):
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

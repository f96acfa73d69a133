#!/usr/bin/python3
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Enhance a folder of noisy files with the production engine and print scores against the clean ones.

    training/evaluate.py --noisy DIR --clean DIR [--model FILE] [--program build/tools/percepnet] [--out DIR]

The two folders hold 48 kHz WAV or FLAC files of the same names. With --scorer COMMAND, that program is run
as `COMMAND OUT` in the end, for scores that need no reference.
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
    raw = subprocess.run(['ffmpeg', '-v', 'error', '-nostdin', '-i', path, '-ac', '1', '-ar', str(metrics.RATE),
                          '-f', 'f32le', '-'], check=True, capture_output=True).stdout
    return np.frombuffer(raw, np.float32).astype(np.float64)


def enhance(args, name, out):
    model = ['--model', args.model] if args.model else []
    subprocess.run([args.program] + model + [os.path.join(args.noisy, name), out], check=True,
                   stdout=subprocess.DEVNULL)


def show(label, rows):
    names = list(rows[0])
    values = np.array([[row[name] for name in names] for row in rows])
    half = 1.96 * values.std(0, ddof=1) / np.sqrt(len(rows)) if len(rows) > 1 else np.zeros(len(names))
    print(label.ljust(10) + '  '.join('%s %.3f +-%.3f' % item for item in zip(names, np.nanmean(values, 0), half)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--noisy', required=True)
    parser.add_argument('--clean', required=True)
    parser.add_argument('--model', help='a model file (default: the one inside the library)')
    parser.add_argument('--program', default='build/tools/percepnet')
    parser.add_argument('--out', help='where to leave the enhanced files')
    parser.add_argument('--limit', type=int, help='only so many files')
    parser.add_argument('--scorer', help='a command for scores without reference')
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        out = args.out or scratch
        os.makedirs(out, exist_ok=True)
        names = sorted(n for n in os.listdir(args.noisy) if os.path.exists(os.path.join(args.clean, n)))
        before, after = [], []
        for name in names[:args.limit]:
            target = os.path.join(out, os.path.splitext(name)[0] + '.wav')
            enhance(args, name, target)
            clean, noisy, enhanced = (read(p) for p in (os.path.join(args.clean, name),
                                                        os.path.join(args.noisy, name), target))
            before.append(metrics.scores(clean, noisy))
            after.append(metrics.scores(clean, enhanced[:len(clean)]))
        show('noisy', before)
        show('enhanced', after)
        print('%d files' % len(after))
        if args.scorer:
            subprocess.run(shlex.split(args.scorer) + [out], check=True)


if __name__ == '__main__':
    main()

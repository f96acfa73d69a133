#!/usr/bin/python3
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""What the engine does to a second talker near by, to music and to laughter.

    training/measure_harm.py DATA [--laughter DIR] [--model FILE] [--post-filter P]

DATA is the corpus (speech.tsv and noise.tsv with a column `split`): its held-out voices and music
are used. DIR holds recordings of people who laugh. Changes are of 10 ms frames, in dB, output over
input: median, and the share of frames that lose more than 10 dB.
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
from evaluate import read  # noqa: E402
from metrics import levels, loud  # noqa: E402
from prepare import read_manifest  # noqa: E402

LONGEST = 10 * metrics.RATE


def held_out(data, manifest, category=None):
    """Paths of the manifest's recordings that no training has heard."""
    for row in read_manifest(os.path.join(data, manifest)):
        if row['split'] == 'valid' and category in (None, row.get('category')):
            yield row.get('speaker'), os.path.join(data, row['path'])


def laughs(folder):
    """Paths of its recordings."""
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        sys.exit('measure_harm.py: %s cannot be read (--laughter): %s' % (folder, error.strerror))
    if not names:
        sys.exit('measure_harm.py: %s has no recordings (--laughter)' % folder)
    return [os.path.join(folder, name) for name in names]


def one_of_each(rows):
    seen = {}
    for speaker, path in rows:
        seen.setdefault(speaker, path)
    return list(seen.values())


def power(x):
    return np.mean(x ** 2) + 1e-20


def at_level(x, db):
    return x * np.sqrt(10 ** (db / 10) / power(x))


def changes(before, after, frames):
    return (levels(after) - levels(before))[frames]


class Engine:
    def __init__(self, args, scratch):
        import soundfile
        self.soundfile, self.args = soundfile, args
        self.files = [os.path.join(scratch, name) for name in ('in.wav', 'out.wav')]

    def __call__(self, x):
        source, target = self.files
        self.soundfile.write(source, x, metrics.RATE, 'FLOAT')
        options = ['--model', self.args.model] if self.args.model else []
        if self.args.post_filter is not None:
            options += ['--post-filter', str(self.args.post_filter)]
        subprocess.run([self.args.program, '--force', '--quiet', *options, source, target],
                       check=True)
        return self.soundfile.read(target)[0]


def show(name, parts):
    all_of_them = np.concatenate(parts)
    print('%-44s median %6.1f dB, %3.0f %% of frames lose over 10 dB (%d recordings, %d frames)' % (
        name, np.median(all_of_them), 100 * np.mean(all_of_them < -10), len(parts),
        len(all_of_them)))


def second_talker(engine, voices, below):
    """Both talk near the microphone, without noise: frames in which only one of them is loud."""
    first, second = [], []
    for one, other in zip(voices[::2], voices[1::2]):
        a, b = read(one)[:LONGEST], read(other)[:LONGEST]
        length = min(len(a), len(b))
        a, b = at_level(a[:length], -26), at_level(b[:length], -26 - below)
        out = engine(a + b)
        quiet_a, quiet_b = levels(a) < levels(b) - 15, levels(b) < levels(a) - 15
        first.append(changes(a + b, out, loud(a) & quiet_b))
        second.append(changes(a + b, out, loud(b) & quiet_a))
    show('first talker, a second one %d dB below' % below, first)
    show('second talker, %d dB below' % below, second)


def music(engine, voices, pieces, snr):
    """Music under a voice: SI-SDR, and the music in the pauses of the voice."""
    before, after, left, kept = [], [], [], []
    for voice, piece in zip(voices, pieces):
        x, m = read(voice)[:LONGEST], read(piece)
        x, m = at_level(x, -26), at_level(np.resize(m, len(x)), -26 - snr)
        out = engine(x + m)
        before.append(metrics.si_sdr(x, x + m))
        after.append(metrics.si_sdr(x, out))
        left.append(changes(x + m, out, levels(x) < levels(m) - 15))
        kept.append(changes(x, out, loud(x)))
    print('music %d dB below a voice: SI-SDR %.1f -> %.1f dB' % (
        snr, np.mean(before), np.mean(after)))
    show('  music in the pauses of the voice', left)
    show('  loud frames of the voice', kept)


def alone(engine, name, paths, gain_db=-26):
    """Recordings without a voice of theirs to compare with: what is left of loud frames."""
    parts = []
    for path in paths:
        x = at_level(read(path)[:LONGEST], gain_db)
        parts.append(changes(x, engine(x), loud(x)))
    show(name, parts)


def run(args):
    voices = one_of_each(held_out(args.data, 'speech.tsv'))
    pieces = [path for _, path in held_out(args.data, 'noise.tsv', 'music')]
    if len(voices) < 2 or not pieces:
        sys.exit('measure_harm.py: %s has no held-out voices or music' % args.data)
    laughter = laughs(args.laughter) if args.laughter else []
    with tempfile.TemporaryDirectory() as scratch:
        engine = Engine(args, scratch)
        for below in (0, 6, 12):
            second_talker(engine, voices, below)
        for snr in (10, 0):
            music(engine, voices, pieces, snr)
        alone(engine, 'music alone', pieces)
        if laughter:
            alone(engine, 'laughter', laughter)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('data')
    parser.add_argument('--laughter', help='folder of recordings')
    parser.add_argument('--model')
    parser.add_argument('--post-filter', type=float)
    parser.add_argument('--program', default='percepnet')
    try:
        run(parser.parse_args())
    except subprocess.CalledProcessError as error:
        sys.exit('measure_harm.py: this failed: ' + shlex.join(error.cmd))
    except OSError as error:
        sys.exit('measure_harm.py: %s' % error)


if __name__ == '__main__':
    main()

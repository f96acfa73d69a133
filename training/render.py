#!/usr/bin/python3
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Write scenes as sound, noisy and clean, for evaluate.py: of the held-out recordings, which the
development set does not have to be asked about.

    training/render.py FOLDER [--cache training/work/cache] [--scenes 60] [--first 500000]

FOLDER gets noisy/NUMBER.wav and clean/NUMBER.wav (48 kHz, float). Scenes that measures say little
about are passed over: no voice to speak of, hardly any noise, a voice of less than WIDE_HZ."""
import argparse
import os
import sys

import numpy as np
import scipy.io.wavfile

import metrics
from generator import HOP, Generator
from prepare import RATE

HERE = os.path.dirname(os.path.abspath(__file__))
VOICE_DB, CLEAN_DB, WIDE_HZ = -60., 35., 12000.
PATIENCE = 1000  # scenes passed over in a row


def level_db(x):
    return 10 * np.log10(np.mean(np.square(x, dtype=np.float64)) + metrics.TINY)


def telling(noisy, clean, what):
    snr = level_db(clean) - level_db(noisy - clean)
    return level_db(clean) >= VOICE_DB and snr <= CLEAN_DB and what['bandwidth_hz'] >= WIDE_HZ


def telling_scenes(generator, first, frames):
    """Without end: number, noisy, clean; within -1..1."""
    number, last = first, first
    while number - last < PATIENCE:
        noisy, clean, what = generator.scene(number, frames)
        if telling(noisy, clean, what):
            peak, last = max(1., np.abs(noisy).max()), number
            yield number, noisy / peak, clean / peak
        number += 1
    sys.exit('render.py: nothing but silence, clean or narrow voices in %d scenes: is the corpus '
             'wide enough?' % PATIENCE)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add('folder')
    add('--cache', default=os.path.join(HERE, 'work', 'cache'), help='made by prepare.py')
    add('--split', choices=('train', 'valid'), default='valid')
    add('--scenes', type=int, default=60)
    add('--seconds', type=float, default=8.)
    add('--first', type=int, default=500000, help='number to begin with')
    args = parser.parse_args()
    try:
        generator = Generator(args.cache, args.split)
    except (FileNotFoundError, RuntimeError) as error:
        sys.exit('render.py: %s' % error)
    folders = [os.path.join(args.folder, name) for name in ('noisy', 'clean')]
    for folder in folders:
        os.makedirs(folder, exist_ok=True)
    frames = round(args.seconds * RATE / HOP)
    scenes = telling_scenes(generator, args.first, frames)
    for _, (number, *signals) in zip(range(args.scenes), scenes):
        for folder, signal in zip(folders, signals):
            path = os.path.join(folder, '%08d.wav' % number)
            scipy.io.wavfile.write(path, RATE, signal.astype(np.float32))


if __name__ == '__main__':
    main()

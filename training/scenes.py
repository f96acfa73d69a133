#!/usr/bin/python3
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Prepare training scenes ahead, in shards (shards.py), with a teacher's answers if there is one.

    training/scenes.py training/work/shards/train --hours 20 --quota 10
    NODE_PATH=NODE_MODULES training/scenes.py training/work/shards/train --teacher GRAPHS

--clean names a cache of the same recordings whose voices went through something that takes out the
noise that they were recorded with (prepare.py --voices-through): the scenes stay, and what is to be
learned is the voice without it.

Goes on after the last shard of the folder, and when --quota GB are used, replaces the oldest. One
program for each folder."""
import argparse
import os
import sys
import time

os.environ.setdefault('OMP_NUM_THREADS', '1')
os.environ.setdefault('OPENBLAS_NUM_THREADS', '1')
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, 'teacher')]

import numpy as np  # noqa: E402

import shards  # noqa: E402
from deepfilternet import Teacher  # noqa: E402
from generator import BANDS, HOP, TEACHER_FIELDS, Generator  # noqa: E402
from prepare import read_manifest  # noqa: E402

PIECE = 5  # scenes that the teacher hears one after the other
HOP_SECONDS = 0.01
FLOOR, FAR_DB = 0.03, 10.
TRUSTED = 0.3, 0.6  # shares of far gains: fully trusted below, not at all above
CLOSE = 0.03        # energy of what was taken out of a voice, at most, over the voice's: -15 dB


def agreement(sequence):
    """How far a teacher can be trusted in a scene, 0..1: by the share of what counts where its gain
    is more than FAR_DB from the ideal one; what is below FLOOR is as good as silent."""
    teacher, ideal = (np.maximum(sequence[name], FLOOR) for name in ('teacher_gain', 'gain'))
    far = np.abs(np.log10(teacher / ideal)) > FAR_DB / 20
    weight = sequence['gain_weight']
    share = (far * weight).sum() / max(weight.sum(), 1.)
    return np.float32([np.interp(share, TRUSTED, (1, 0))])


def estimates(teacher, scenes):
    """The teacher's version of each scene's clean signal."""
    if teacher is None:
        return [None] * len(scenes)
    out = []
    for at in range(0, len(scenes), PIECE):
        noisy = [scene[0] for scene in scenes[at:at + PIECE]]
        enhanced = teacher.enhance(np.concatenate(noisy))
        out += np.split(enhanced, np.cumsum([len(x) for x in noisy])[:-1])
    return out


def cleaned(voice, clean):
    """The clean version of a voice, at its level; the voice itself where they have little in
    common, since more than noise was taken out then."""
    x, y = voice.astype(np.float64), clean.astype(np.float64)
    energy, product = (y * y).sum(), (x * y).sum()
    if product <= 0:
        return voice
    y *= product / energy
    return y.astype(np.float32) if ((x - y) ** 2).sum() < CLOSE * (x * x).sum() else voice


def recordings(cache, split):
    """Where each one lies in a cache, and whose voice it is."""
    rows = read_manifest(os.path.join(cache, 'speech.%s.tsv' % split))
    return [(row['offset'], row['length'], row['group']) for row in rows]


def learned(generator, scene, estimate, frames):
    """What a shard keeps of a scene."""
    noisy, clean, what = scene
    sequence = generator.targets(noisy, clean, what['bandwidth_hz'], estimate)
    if estimate is None:
        sequence.update({name: np.zeros((frames, BANDS), np.float32) for name in TEACHER_FIELDS})
        sequence['teacher_weight'] = np.zeros(1, np.float32)
    else:
        sequence['teacher_weight'] = agreement(sequence)
    sequence['reverberant'] = np.float32([what['reverberant']])
    sequence['bands'], sequence['scale'] = shards.scaled_bands(sequence['bands'])
    return sequence


class Writer:
    def __init__(self, args):
        self.args = args
        self.generator = self.generator_of(args.cache)
        self.clean = self.generator_of(args.clean) if args.clean else None
        if self.clean and (recordings(args.cache, args.split) !=
                           recordings(args.clean, args.split)):
            raise RuntimeError('%s has other recordings than %s: make both with prepare.py out of '
                               'the same folder' % (args.clean, args.cache))
        self.teacher = Teacher(args.teacher) if args.teacher else None
        self.about = dict(split=args.split, frames=args.frames, look_ahead=args.look_ahead,
                          teacher=bool(args.teacher), clean=bool(args.clean),
                          shares=args.shares, generator=self.generator.version,
                          codecs=self.generator.codecs)

    def generator_of(self, cache):
        return Generator(cache, self.args.split, self.args.look_ahead, fine=True,
                         shares=self.args.shares)

    def scene(self, number):
        noisy, voice, what = self.generator.scene(number, self.args.frames)
        if self.clean:
            voice = cleaned(voice, self.clean.scene(number, self.args.frames)[1])
        return noisy, voice, what

    def write(self, number):
        count, frames = self.args.scenes, self.args.frames
        first = number * count
        scenes = [self.scene(first + i) for i in range(count)]
        sequences = [learned(self.generator, scene, estimate, frames)
                     for scene, estimate in zip(scenes, estimates(self.teacher, scenes))]
        shards.make_room(self.args.folder, self.args.quota * 1e9)
        try:
            shards.write(self.args.folder, number, sequences, dict(self.about, first=first))
        except OSError as error:
            raise RuntimeError('shard %08d of %s cannot be written (%s): make room or lower --quota'
                               % (number, self.args.folder, error)) from error

    def run(self):
        shards.clean_up(self.args.folder)
        number = max(shards.numbers(self.args.folder), default=self.args.first - 1) + 1
        hours = 0.
        while hours < self.args.hours:
            start = time.monotonic()
            self.write(number)
            seconds = self.args.scenes * self.args.frames * HOP_SECONDS
            hours += seconds / 3600
            print('%s shard %08d, %.2f h, %.0f audio-s/s'
                  % (time.strftime('%H:%M:%S'), number, hours,
                     seconds / (time.monotonic() - start)), flush=True)
            number += 1
        if self.teacher:
            self.teacher.close()


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add('folder', help='of the shards')
    add('--cache', default=os.path.join(HERE, 'work', 'cache'), help='made by prepare.py')
    add('--clean', help='cache of the same recordings, voices without their own noise')
    add('--split', choices=('train', 'valid'), default='train')
    add('--teacher', help='folder with the graphs of DeepFilterNet 3')
    add('--shares', default='', help='file: how often scenes have what (generator/shares.hpp)')
    add('--hours', type=float, default=float('inf'), help='to write (default: no end)')
    add('--quota', type=float, default=30, help='GB of the folder (default 30)')
    add('--first', type=int, default=0, help='number of the first shard of an empty folder')
    add('--scenes', type=int, default=200, help='in a shard (default 200)')
    add('--frames', type=int, default=300, help='hops in a scene (default 300)')
    add('--look-ahead', type=int, default=2, help='hops (default 2)')
    return parser.parse_args()


def main():
    args = parse_arguments()
    try:
        os.makedirs(args.folder, exist_ok=True)
        Writer(args).run()
    except (OSError, RuntimeError) as error:
        sys.exit('scenes.py: %s' % error)


if __name__ == '__main__':
    main()

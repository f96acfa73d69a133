# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Training and validation sequences out of shards (shards.py), while scenes.py goes on writing."""
import os
import sys
import time

import numpy as np

import shards

LOOK_SECONDS = 30   # between two looks for new shards
WAIT_SECONDS = 600  # for the first one


class ShardPool:
    """Scenes in random order: each shard's are put among those that wait when the shard is first
    seen, and all of them again when none waits.

    share, of: this worker takes every `of`th scene, from number `share` on; look_ahead, frames:
    what is learned from them (shards.read()); stop(): whether to wait for shards no longer."""

    def __init__(self, folder, share, of, seed, look_ahead=None, frames=1, stop=lambda: False):
        self._folder, self._share, self._of, self._stop = folder, share, of, stop
        self._wanted = dict(look_ahead=look_ahead, frames=frames)
        self._random = np.random.default_rng(seed)
        self._shards, self._queue, self._looked = {}, [], -LOOK_SECONDS
        self.next = 0  # of scenes generated here: none
        self._wait()

    def _wait(self):
        until, told = time.monotonic() + WAIT_SECONDS, False
        while True:
            self._look()
            if self._queue:
                return
            if time.monotonic() > until:
                raise FileNotFoundError('no shards in %s: training/scenes.py' % self._folder)
            if self._stop():
                sys.exit('stopped: there are no shards in %s yet' % self._folder)
            if not told:
                print('waiting for shards in %s (training/scenes.py)' % self._folder, flush=True)
            told, self._looked = True, -LOOK_SECONDS
            time.sleep(1)

    def _add(self, number):
        count = len(self._shards[number]['voice'])
        self._queue += [(number, i) for i in range(count)
                        if (number * count + i) % self._of == self._share]

    def _look(self):
        """Forgets shards that are gone, so that their disk space is free, and maps new ones."""
        if time.monotonic() - self._looked < LOOK_SECONDS:
            return
        self._looked = time.monotonic()
        there = shards.numbers(self._folder) if os.path.isdir(self._folder) else []
        self._shards = {n: arrays for n, arrays in self._shards.items() if n in there}
        new = [n for n in there if n not in self._shards]
        for number in new:
            try:
                self._shards[number] = shards.read(self._folder, number, **self._wanted)
            except FileNotFoundError:
                continue
            self._add(number)
        if new:
            self._random.shuffle(self._queue)

    def _pick(self):
        while True:
            self._look()
            if not self._queue:
                for number in self._shards:
                    self._add(number)
                self._random.shuffle(self._queue)
            if not self._queue:
                self._wait()
            number, i = self._queue.pop()
            if number in self._shards:
                return {name: array[i] for name, array in self._shards[number].items()}

    def _fetch(self, count):
        """Has the system read what is drawn next while the caller computes, if it can be asked."""
        if not hasattr(os, 'posix_fadvise'):
            return
        for number, i in self._queue[-count:]:
            for array in self._shards.get(number, {}).values():
                try:
                    with open(array.filename, 'rb') as file:
                        size = array[i].nbytes
                        os.posix_fadvise(file.fileno(), array.offset + i * size, size,
                                         os.POSIX_FADV_WILLNEED)
                except FileNotFoundError:  # a shard that was removed
                    break

    def draw(self, count):
        """(count, frames, ...) float16 arrays by name."""
        scenes = [self._pick() for _ in range(count)]
        self._fetch(count)
        return stack(scenes)


def stack(scenes):
    return {name: np.stack([scene[name] for scene in scenes]) for name in scenes[0]}


def first_scenes(folder, count, look_ahead=None):
    """The first scenes of a folder, the same every time: the validation set."""
    scenes = []
    for number in shards.numbers(folder):
        arrays = shards.read(folder, number, look_ahead)
        left = count - len(scenes)
        scenes += [{name: array[i] for name, array in arrays.items()}
                   for i in range(min(left, len(arrays['voice'])))]
    if not scenes:
        raise FileNotFoundError('no shards in %s' % folder)
    return stack(scenes)

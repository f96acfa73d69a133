# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Batches for training, generated as they are needed, and the fixed set for validation."""
import os

import numpy as np
import torch

from generator import BANDS, FIELDS, Generator, fields


def to_batch(arrays, device, look_ahead):
    """(B, T, n) float16 arrays -> time-major float32 tensors; voice loses its last dimension.

    Adds the band energies of the frame that the targets belong to, out of the features
    (features.cpp)."""
    batch = {name: torch.from_numpy(a).to(device).float().transpose(0, 1).contiguous()
             for name, a in arrays.items()}
    batch['voice'] = batch['voice'].squeeze(-1)
    energy = 10. ** (batch['features'][..., :BANDS] / 0.4 + 4)
    frames = energy.shape[0]
    batch['energy'] = torch.cat([energy[:1].expand(look_ahead, -1, -1), energy])[:frames]
    return batch


class Pool:
    """Generated sequences in memory, each drawn `reuse` times, in random order.

    first, stride: the numbers of the scenes of this worker, so that no two workers get the same."""

    def __init__(self, cache, frames, look_ahead, reuse, first, stride, seed, size=256,
                 fine=False):
        self._generator = Generator(cache, 'train', look_ahead, fine)
        self._frames, self._reuse = frames, reuse
        self.next, self._stride = first, stride
        self._random = np.random.default_rng(seed)
        self._left = np.zeros(size, np.int64)
        self._data = {name: np.zeros((size, frames, width), np.float16)
                      for name, width in fields(fine).items()}
        self.generated = 0

    def _fill(self, slot):
        sequence = self._generator.sequence(self.next, self._frames)
        for name, value in sequence.items():
            self._data[name][slot] = value
        self._left[slot] = self._reuse
        self.next += self._stride
        self.generated += 1

    def draw(self, count):
        empty = np.flatnonzero(self._left == 0)
        warm = len(self._left) - len(empty)
        # In the beginning two new ones for each drawn, until the pool is full.
        wanted = len(empty) if warm >= len(self._left) // 2 else max(count, 2 * count - warm)
        for slot in empty[:wanted]:
            self._fill(slot)
        picked = self._random.choice(np.flatnonzero(self._left), count, replace=False)
        self._left[picked] -= 1
        return {name: value[picked] for name, value in self._data.items()}


def validation_set(cache, path, look_ahead, count=96, frames=500, fine=False):
    """The same held-out scenes for every run: kept in a file once made. Speakers, noises and rooms
    are those of the `valid` split."""
    if not os.path.exists(path):
        generator = Generator(cache, 'valid', look_ahead, fine)
        sequences = [generator.sequence(number, frames) for number in range(count)]
        arrays = {name: np.stack([s[name] for s in sequences]).astype(np.float16)
                  for name in FIELDS}
        partial = '%s.%d.npz' % (path, os.getpid())
        np.savez(partial, **arrays)
        os.replace(partial, path)
    with np.load(path) as stored:
        return {name: stored[name] for name in FIELDS}

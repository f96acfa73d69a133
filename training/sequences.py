# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Batches for training, generated as they are needed, and the fixed set for validation."""
import os

import numpy as np
import torch

from generator import BANDS, Generator, fields, scene_version
from prepare import KINDS
from shards import scaled_bands

POOL_SIZE = 256  # sequences: no more can be drawn at once

# One number for each scene (B, 1), not for each hop.
OF_SCENE = ('reverberant', 'teacher_weight', 'scale', 'loudest')


def to_batch(arrays, device, look_ahead):
    """(B, T, ...) float16 arrays -> time-major float32 tensors; voice loses its last dimension.

    Adds the band energies of the frame that the targets belong to, out of the features
    (features.cpp), and the loudest one of each sequence."""

    def tensor(name, array):
        value = torch.from_numpy(array).to(device).float()
        return value if name in OF_SCENE else value.transpose(0, 1).contiguous()

    batch = {name: tensor(name, array) for name, array in arrays.items()}
    batch['voice'] = batch['voice'].squeeze(-1)
    energy = 10. ** (batch['features'][..., :BANDS] / 0.4 + 4)
    frames = energy.shape[0]
    batch['energy'] = torch.cat([energy[:1].expand(look_ahead, -1, -1), energy])[:frames]
    batch['loudest'] = batch['energy'].amax((0, 2)).unsqueeze(1)
    return batch


def chunk(batch, begin, end):
    """The hops begin..end of a batch."""
    return {name: value if name in OF_SCENE else value[begin:end]
            for name, value in batch.items()}


class Pool:
    """Generated sequences in memory, each drawn `reuse` times, in random order.

    first, stride: the numbers of the scenes of this worker, so that no two workers get the same."""

    def __init__(self, cache, frames, look_ahead, reuse, first, stride, seed, size=POOL_SIZE,
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


def validation_path(cache, look_ahead, fine):
    """Beside the cache, another one for each cache and for other scenes."""
    kind = 'valid%d%s-%d.npz' % (look_ahead, '-fine' if fine else '', scene_version())
    return '%s-%s' % (cache.rstrip('/'), kind)


def newer(cache, path):
    """Whether the held-out recordings were prepared after the file was written."""
    made = os.path.getmtime(path)
    tables = (os.path.join(cache, kind + '.valid.tsv') for kind in KINDS)
    return any(os.path.getmtime(table) > made for table in tables if os.path.exists(table))


def validation_set(cache, path, look_ahead, count=96, frames=500, fine=False):
    """The same held-out scenes for every run: kept in a file once made. Speakers, noises and rooms
    are those of the `valid` split."""
    if not os.path.exists(path) or newer(cache, path):
        generator = Generator(cache, 'valid', look_ahead, fine)
        arrays = {name: [] for name in (*fields(fine), 'bands', 'scale', 'reverberant')}
        for number in range(count):
            noisy, clean, what = generator.scene(number, frames)
            sequence = generator.targets(noisy, clean, what['bandwidth_hz'])
            sequence['bands'], sequence['scale'] = scaled_bands(sequence['bands'])
            sequence['reverberant'] = [what['reverberant']]
            for name, values in arrays.items():
                values.append(sequence[name])
        partial = '%s.%d.npz' % (path, os.getpid())
        np.savez(partial, **{name: np.asarray(a, np.float32 if name == 'scale' else np.float16)
                             for name, a in arrays.items()})
        os.replace(partial, path)
    with np.load(path) as stored:
        return {name: stored[name] for name in stored.files}

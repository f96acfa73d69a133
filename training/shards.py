# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Shards: prepared scenes as float16 arrays that are mapped into memory (scenes.py writes them).

A folder of shards holds a folder for each, named by its number in 8 digits, with shard.json and an
array NAME.npy for each of arrays(): (scenes, hops, ...), or (scenes, 1) where it is of the scene.
Scene i of shard s has the number s * (scenes of a shard) + i. A shard gets its name when it is
whole; when there is no room, the oldest ones are removed.

`bands` has, for each hop and band, energies and real correlations of X (clean), D = Y - X (noisy
without clean) and Q = P - X (comb-filtered noisy without clean), in the order of
generator.CORRELATIONS, over `scale`: the loudest band of X and Y in the scene is LOUDEST. In this
basis nothing cancels where the voice is clean or absent, as it would between X, Y and P."""
import json
import os
import shutil

import numpy as np

from generator import BANDS, CORRELATIONS, TEACHER_FIELDS, fields

LAYOUT = 1
LOUDEST = 8192.  # float16 is exact to 84 dB below, and zero from 117 dB on
LIMIT = 60000.   # of float16


def arrays(frames, fine=True):
    """Names and shapes of the arrays of one scene."""
    wide = dict(fields(fine), **TEACHER_FIELDS)
    return dict({name: (frames, width) for name, width in wide.items()},
                bands=(frames, len(CORRELATIONS), BANDS), scale=(1,), teacher_weight=(1,),
                reverberant=(1,))


def scaled_bands(bands):
    """`bands` and `scale` out of what Generator.targets() gives."""
    xx, dd, xd = (bands[:, CORRELATIONS.index(name)] for name in ('xx', 'dd', 'xd'))
    scale = max(xx.max(), (xx + 2 * xd + dd).max(), 1e-9) / LOUDEST
    return np.clip(bands / scale, -LIMIT, LIMIT), np.float32([scale])


def band_error(gain, strength, bands):
    """|X - gain ((1 - strength) Y + strength P)|^2 in each band, over the scene's scale.

    gain, strength: (..., 34) of numpy or torch; bands: (..., 6, 34) of the same, float32."""
    xx, dd, qq, xd, xq, dq = (bands[..., i, :] for i in range(len(CORRELATIONS)))
    rest, off = 1 - strength, 1 - gain
    noise = rest * rest * dd + strength * strength * qq + 2 * rest * strength * dq
    error = off * off * xx + gain * gain * noise - 2 * gain * off * (rest * xd + strength * xq)
    return error.clip(0)


def output_energy(gain, strength, bands):
    """|gain ((1 - strength) Y + strength P)|^2 in each band, as band_error()."""
    xx, dd, qq, xd, xq, dq = (bands[..., i, :] for i in range(len(CORRELATIONS)))
    rest = 1 - strength
    mixed = (xx + rest * rest * dd + strength * strength * qq + 2 * rest * strength * dq +
             2 * rest * xd + 2 * strength * xq)
    return gain * gain * mixed.clip(0)


def numbers(folder):
    """Numbers of the shards that are whole, in order."""
    return sorted(int(name) for name in os.listdir(folder) if name.isdigit())


def path(folder, number):
    return os.path.join(folder, '%08d' % number)


def describe(folder, number):
    with open(os.path.join(path(folder, number), 'shard.json')) as file:
        return json.load(file)


def read(folder, number, look_ahead=None, frames=1):
    """The arrays of a shard by name, mapped into memory; they stay readable when the shard is
    removed. Raises FileNotFoundError when it was removed before, and ValueError where it was
    written for another look_ahead or its scenes have fewer hops than frames."""
    place, about = path(folder, number), describe(folder, number)
    if about['layout'] != LAYOUT:
        raise ValueError('%s has layout %s, not %d' % (place, about['layout'], LAYOUT))
    if look_ahead not in (None, about.get('look_ahead', look_ahead)):
        raise ValueError('%s has a look-ahead of %d hops, not %d (--look-ahead)'
                         % (place, about['look_ahead'], look_ahead))
    if about['frames'] < frames:
        raise ValueError('%s has scenes of %d hops, not %d (--frames)'
                         % (place, about['frames'], frames))
    return {name: np.load(os.path.join(place, name + '.npy'), mmap_mode='r')
            for name in arrays(about['frames'])}


def write(folder, number, scenes, about):
    """scenes: dictionaries with the names of arrays(); about: what shard.json tells besides."""
    part = os.path.join(folder, '.%08d.part' % number)
    os.makedirs(part)
    for name, shape in arrays(about['frames']).items():
        kind = np.float32 if name == 'scale' else np.float16
        array = np.empty((len(scenes), *shape), kind)
        for i, scene in enumerate(scenes):
            array[i] = scene[name]
        np.save(os.path.join(part, name + '.npy'), array)
    with open(os.path.join(part, 'shard.json'), 'w') as file:
        json.dump(dict(about, layout=LAYOUT, count=len(scenes)), file)
    os.rename(part, path(folder, number))


def clean_up(folder):
    """Removes what a writer that was killed has left. One writer for each folder."""
    for name in os.listdir(folder):
        if name.startswith('.') and name.endswith(('.part', '.gone')):
            shutil.rmtree(os.path.join(folder, name))


def _size(place):
    return sum(os.path.getsize(os.path.join(place, name)) for name in os.listdir(place))


def make_room(folder, quota):
    """Removes the oldest shards until another one of the same size fits into quota bytes."""
    sizes = {number: _size(path(folder, number)) for number in numbers(folder)}
    left = sum(sizes.values()) + max(sizes.values(), default=0)
    for number in sorted(sizes):
        if left <= quota:
            break
        left -= sizes[number]
        gone = os.path.join(folder, '.%08d.gone' % number)
        os.rename(path(folder, number), gone)  # at once: a reader finds all of it or nothing
        shutil.rmtree(gone)

# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""The C++ generator (training/generator/), through ctypes: scenes and training sequences as numpy
arrays."""
import ctypes
import glob
import os

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
HOP = 480
FEATURES, BANDS = 70, 34
FINE_FEATURES = 6 * BANDS
CORRELATIONS = ('xx', 'dd', 'qq', 'xd', 'xq', 'dq')  # of `bands` (shards.py)
TEACHER_FIELDS = dict(teacher_gain=BANDS, teacher_strength=BANDS)


def fields(fine=False):
    """Names and widths of the arrays of a sequence."""
    return dict(features=FEATURES + fine * FINE_FEATURES, gain=BANDS, gain_weight=BANDS,
                strength=BANDS, strength_weight=BANDS, voice=1)


FIELDS = fields()


def find_library():
    """The generator of a build folder: $PERCEPNET_GENERATOR, or the newest of build*/training."""
    named = os.environ.get('PERCEPNET_GENERATOR')
    pattern = os.path.join(HERE, '..', 'build*', 'training', 'libpercepnet-generator.so')
    found = [named] if named else glob.glob(pattern)
    if not found:
        raise FileNotFoundError('no libpercepnet-generator.so: meson setup build-training '
                                '-Dtraining=enabled && ninja -C build-training')
    return max(found, key=os.path.getmtime)


def _pointer(array):
    return None if array is None else array.ctypes.data_as(ctypes.c_void_p)


def scene_version():
    """Of the scenes: another one when a number means another scene."""
    return ctypes.CDLL(find_library()).gen_version()


class Generator:
    """Scenes by number: the same number gives the same scene. Calls release Python's lock.

    fine: the features with those of the 60 ms spectrum (core/src/dsp/fine_spectrum.hpp); shares: a
    file that says how often scenes have what (generator/shares.hpp)."""

    def __init__(self, cache, split='train', look_ahead=2, fine=False, shares=''):
        self._fields = fields(fine)
        self._library = ctypes.CDLL(find_library())
        self._library.gen_create.restype = ctypes.c_void_p
        self._library.gen_error.restype = ctypes.c_char_p
        self._library.gen_codecs.restype = ctypes.c_char_p
        self._library.gen_destroy.argtypes = [ctypes.c_void_p]
        self._library.gen_scene.argtypes = ([ctypes.c_void_p, ctypes.c_uint64, ctypes.c_int] +
                                            [ctypes.c_void_p] * 3)
        self._library.gen_targets.argtypes = ([ctypes.c_void_p, ctypes.c_int, ctypes.c_float] +
                                              [ctypes.c_void_p] * 12)
        self._handle = self._library.gen_create(cache.encode(), split.encode(), look_ahead,
                                                int(fine), shares.encode())
        if not self._handle:
            raise RuntimeError(self._library.gen_error().decode())
        self.version = scene_version()
        self.codecs = self._library.gen_codecs().decode()  # so does this

    def __del__(self):
        if getattr(self, '_handle', None):
            self._library.gen_destroy(self._handle)

    def scene(self, number, frames):
        """noisy, clean (frames * 480 samples) and what: bandwidth_hz, snr_db, reverberant."""
        noisy, clean = np.empty(frames * HOP, np.float32), np.empty(frames * HOP, np.float32)
        what = np.empty(3, np.float32)
        self._library.gen_scene(self._handle, number, frames, *map(_pointer, (noisy, clean, what)))
        return noisy, clean, dict(zip(('bandwidth_hz', 'snr_db', 'reverberant'), what.tolist()))

    def targets(self, noisy, clean, bandwidth_hz, estimate=None):
        """What is learned from two signals (float32, whole hops), as a dictionary of float32 arrays
        (frames, n) with the names of fields(), and `bands` (frames, 6, 34).

        estimate: a teacher's, of clean; its answers are in teacher_gain and teacher_strength."""
        frames = len(noisy) // HOP
        out = {name: np.empty((frames, width), np.float32) for name, width in self._fields.items()}
        out['bands'] = np.empty((frames, len(CORRELATIONS), BANDS), np.float32)
        teacher = {name: np.empty((frames, width), np.float32)
                   for name, width in TEACHER_FIELDS.items()} if estimate is not None else {}
        signals = noisy, clean, estimate
        answers = [teacher.get(name) for name in TEACHER_FIELDS]
        self._library.gen_targets(self._handle, frames, bandwidth_hz,
                                  *map(_pointer, (*signals, *out.values(), *answers)))
        return dict(out, **teacher)

    def sequence(self, number, frames):
        """A dictionary of float32 arrays (frames, n) with the names and widths of fields()."""
        noisy, clean, what = self.scene(number, frames)
        out = self.targets(noisy, clean, what['bandwidth_hz'])
        return {name: out[name] for name in self._fields}

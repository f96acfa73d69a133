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
    return array.ctypes.data_as(ctypes.c_void_p)


class Generator:
    """Scenes by number: the same number gives the same scene. Calls release Python's lock.

    fine: the features with those of the 60 ms spectrum (core/src/dsp/fine_spectrum.hpp)."""

    def __init__(self, cache, split='train', look_ahead=2, fine=False):
        self._fields = fields(fine)
        self._library = ctypes.CDLL(find_library())
        self._library.gen_create.restype = ctypes.c_void_p
        self._library.gen_error.restype = ctypes.c_char_p
        self._library.gen_destroy.argtypes = [ctypes.c_void_p]
        common = [ctypes.c_void_p, ctypes.c_uint64, ctypes.c_int]
        self._library.gen_scene.argtypes = common + [ctypes.c_void_p] * 3
        self._library.gen_sequence.argtypes = common + [ctypes.c_void_p] * 6
        self._handle = self._library.gen_create(cache.encode(), split.encode(), look_ahead,
                                                      int(fine))
        if not self._handle:
            raise RuntimeError(self._library.gen_error().decode())

    def __del__(self):
        if getattr(self, '_handle', None):
            self._library.gen_destroy(self._handle)

    def scene(self, number, frames):
        """noisy, clean (frames * 480 samples) and what: bandwidth_hz, snr_db, reverberant."""
        noisy, clean = np.empty(frames * HOP, np.float32), np.empty(frames * HOP, np.float32)
        what = np.empty(3, np.float32)
        self._library.gen_scene(self._handle, number, frames, *map(_pointer, (noisy, clean, what)))
        return noisy, clean, dict(zip(('bandwidth_hz', 'snr_db', 'reverberant'), what.tolist()))

    def sequence(self, number, frames):
        """A dictionary of float32 arrays (frames, n) with the names and widths of fields()."""
        out = {name: np.empty((frames, width), np.float32) for name, width in self._fields.items()}
        arrays = [_pointer(out[name]) for name in self._fields]
        self._library.gen_sequence(self._handle, number, frames, *arrays)
        return out

# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""The native library by ctypes, on its plain C++ kernels: what the module is compared with."""

import ctypes
import os

import numpy as np

FLOATS = ctypes.POINTER(ctypes.c_float)


class Control(ctypes.Structure):
    _fields_ = [("id", ctypes.c_int), ("field", ctypes.c_size_t), ("name", ctypes.c_char_p),
                ("title", ctypes.c_char_p), ("unit", ctypes.c_char_p),
                ("minimum", ctypes.c_float), ("maximum", ctypes.c_float),
                ("default", ctypes.c_float), ("live", ctypes.c_int),
                ("choices", ctypes.c_void_p), ("legend", ctypes.c_char_p),
                ("description", ctypes.c_char_p)]


class Params(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("sample_rate", ctypes.c_int),
                ("channels", ctypes.c_int), ("block_size", ctypes.c_int),
                ("model", ctypes.c_void_p), ("channel_mode", ctypes.c_int),
                ("output", ctypes.c_int), ("attenuation_limit", ctypes.c_float),
                ("mix", ctypes.c_float), ("post_filter", ctypes.c_float)]


class Library:
    def __init__(self, path):
        os.environ["PERCEPNET_SIMD"] = "c"
        self.lib = ctypes.CDLL(path)
        self.lib.percepnet_create.restype = ctypes.c_void_p
        self.lib.percepnet_flush.restype = ctypes.c_size_t
        self.lib.percepnet_version.restype = ctypes.c_char_p
        self.lib.percepnet_simd_level.restype = ctypes.c_char_p
        self.lib.percepnet_control_info.restype = ctypes.POINTER(Control)
        assert self.lib.percepnet_simd_level() == b"c"

    def version(self):
        return self.lib.percepnet_version().decode()

    def controls(self):
        return [self.lib.percepnet_control_info(index).contents
                for index in range(self.lib.percepnet_control_count())]

    def enhance(self, planes, **fields):
        """planes: (channels, frames) float32; as many samples out, without lag."""
        params = Params()
        self.lib.percepnet_params_init(ctypes.byref(params))
        params.channels = len(planes)
        for name, value in fields.items():
            setattr(params, name, value)
        stream = ctypes.c_void_p(self.lib.percepnet_create(ctypes.byref(params), None))
        late = self.lib.percepnet_latency(stream)
        frames = planes.shape[1]
        out = np.zeros((len(planes), frames + late), np.float32)
        status = self.lib.percepnet_process(stream, rows(planes), rows(out),
                                            ctypes.c_size_t(frames))
        assert status == 0
        tail = self.lib.percepnet_flush(stream, rows(out, frames), ctypes.c_size_t(late))
        assert tail == late
        self.lib.percepnet_destroy(stream)
        return out[:, late:]


def rows(planes, first=0):
    return (FLOATS * len(planes))(*[plane[first:].ctypes.data_as(FLOATS) for plane in planes])

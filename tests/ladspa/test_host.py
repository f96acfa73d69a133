# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""The plug-in as a host sees it, through its C interface."""
import ctypes as c
import os

import numpy as np

from harness import RATE, case, cases, check, check_equal, check_same, main, noise, vowel

PLUGIN = os.environ['LADSPA_PLUGIN']
CONTROLS = 7
ATTENUATION, MIX, POST_FILTER, OUTPUT, VOICE, WORKING, LATENCY = range(CONTROLS)
PORT_CONTROL, HINT_DEFAULT_MASK = 4, 0x3C0
DELAY = 1440 + 479  # of the default model, and the framing of any block size


class Hint(c.Structure):
    _fields_ = [('hint', c.c_int), ('lower', c.c_float), ('upper', c.c_float)]


class Descriptor(c.Structure):
    pass


HANDLE = c.c_void_p
Descriptor._fields_ = [
    ('unique_id', c.c_ulong),
    ('label', c.c_char_p),
    ('properties', c.c_int),
    ('name', c.c_char_p),
    ('maker', c.c_char_p),
    ('copyright', c.c_char_p),
    ('port_count', c.c_ulong),
    ('ports', c.POINTER(c.c_int)),
    ('port_names', c.POINTER(c.c_char_p)),
    ('hints', c.POINTER(Hint)),
    ('data', c.c_void_p),
    ('instantiate', c.CFUNCTYPE(HANDLE, c.POINTER(Descriptor), c.c_ulong)),
    ('connect_port', c.CFUNCTYPE(None, HANDLE, c.c_ulong, c.POINTER(c.c_float))),
    ('activate', c.CFUNCTYPE(None, HANDLE)),
    ('run', c.CFUNCTYPE(None, HANDLE, c.c_ulong)),
    ('run_adding', c.CFUNCTYPE(None, HANDLE, c.c_ulong)),
    ('set_gain', c.CFUNCTYPE(None, HANDLE, c.c_float)),
    ('deactivate', c.CFUNCTYPE(None, HANDLE)),
    ('cleanup', c.CFUNCTYPE(None, HANDLE)),
]

library = c.CDLL(PLUGIN)
library.ladspa_descriptor.restype = c.POINTER(Descriptor)
library.ladspa_descriptor.argtypes = [c.c_ulong]
LABELS = {1: b'percepnet_mono', 2: b'percepnet_stereo'}


def descriptor(channels):
    return library.ladspa_descriptor(channels - 1)


def float_pointer(array):
    return array.ctypes.data_as(c.POINTER(c.c_float))


class Instance:
    def __init__(self, channels, rate=RATE):
        self.channels = channels
        self.pointer = descriptor(channels)
        self.plugin = self.pointer.contents
        self.handle = self.plugin.instantiate(self.pointer, rate)
        self.controls = np.array([100, 1, 1, 0, 0, 0, 0], np.float32)
        check(self.handle, f'instantiate at {rate} Hz gives NULL')
        for i in range(CONTROLS):
            self.plugin.connect_port(
                self.handle, 2 * channels + i, float_pointer(self.controls[i:])
            )

    def run(self, samples, block, in_place=False, crossed=False):
        out = np.zeros_like(samples.T, order='C')
        if self.plugin.activate:
            self.plugin.activate(self.handle)
        for begin in range(0, len(samples), block):
            part = np.ascontiguousarray(samples[begin : begin + block].T)
            result = part[::-1] if crossed else part if in_place else np.zeros_like(part)
            for channel in range(self.channels):
                self.plugin.connect_port(self.handle, channel, float_pointer(part[channel]))
                self.plugin.connect_port(
                    self.handle, self.channels + channel, float_pointer(result[channel])
                )
            self.plugin.run(self.handle, part.shape[1])
            out[:, begin : begin + block] = result
        return out.T.copy()

    def close(self):
        self.plugin.cleanup(self.handle)


@cases([1, 2], '{} channel(s): the description is complete')
def description(channels):
    plugin = descriptor(channels).contents
    check_equal(plugin.label, LABELS[channels], 'label')
    check_equal(plugin.port_count, 2 * channels + CONTROLS, 'ports')
    check_equal(plugin.port_names[plugin.port_count - 1], b'latency', 'name of the last port')
    for i in range(plugin.port_count):
        check_equal(bin(plugin.ports[i] & 3).count('1'), 1, f'directions of port {i}')
        check_equal(bin(plugin.ports[i] & 12).count('1'), 1, f'kinds of port {i}')
        check(plugin.port_names[i], f'port {i} has no name')
        if plugin.ports[i] & PORT_CONTROL:
            check(plugin.hints[i].hint & HINT_DEFAULT_MASK, f'port {i} has no default')
    check(b'48 kHz' in plugin.name, plugin.name)


@case('there are two plug-ins')
def two():
    check(not library.ladspa_descriptor(2), 'a third one')


@cases([1, 2], '{} channel(s): the latency port tells the delay, and it is true')
def latency(channels):
    plugin = Instance(channels)
    plugin.controls[OUTPUT] = 2
    signal = noise(9600, channels)
    out = plugin.run(signal, 441)
    check_equal(plugin.controls[LATENCY], DELAY, 'latency')
    check_equal(plugin.controls[WORKING], 1, 'working')
    check_same(out[DELAY:], signal[:-DELAY])
    check(np.abs(out[:DELAY]).max() < 1e-6, 'not silent before')
    plugin.close()


@case('the latency port is set before the first run')
def early_latency():
    plugin = Instance(1)
    plugin.plugin.activate(plugin.handle)
    check_equal(plugin.controls[LATENCY], DELAY, 'latency')
    plugin.close()


@cases([1, 64, 441, 480, 1024, 8192], 'the block size of {} does not matter')
def block_size(block):
    signal = vowel(9600) + noise(9600, level=0.1)
    plugin = Instance(1)
    wanted = plugin.run(signal, 9600)
    check_same(plugin.run(signal, block), wanted)
    plugin.close()


@cases([1, 2], '{} channel(s): in place, as into other buffers')
def in_place(channels):
    signal = vowel(9600, channels) + noise(9600, channels, level=0.1)
    plugin = Instance(channels)
    wanted = plugin.run(signal, 1024)
    check_same(plugin.run(signal, 1024, in_place=True), wanted)
    plugin.close()


@cases([RATE, 44100], '{} Hz: each output in the buffer of the other input')
def crossed(rate):
    signal = vowel(9600, 2) + noise(9600, 2, level=0.1)
    plugin = Instance(2, rate)
    wanted = plugin.run(signal, 1024)
    check_same(plugin.run(signal, 1024, crossed=True), wanted)
    plugin.close()


@cases(
    [0, 1, 8000, 44100, 47999, 96000, 2**63],
    '{} Hz: an instance, audio passes unchanged, no delay',
)
def other_rate(rate):
    for channels in (1, 2):
        plugin = Instance(channels, rate)
        signal = noise(5000, channels)
        check_same(plugin.run(signal, 1000), signal)
        check_same(plugin.run(signal, 1000, in_place=True), signal, 'in place')
        check_equal(plugin.controls[LATENCY], 0, 'latency')
        check_equal(plugin.controls[WORKING], 0, 'working')
        plugin.close()


@case('controls: mix, attenuation limit, residual, out of range, NaN')
def controls():
    signal = noise(9600)
    plugin = Instance(1)
    for values in ({MIX: 0}, {ATTENUATION: 0}, {MIX: -5}, {OUTPUT: 99}):
        plugin.controls[:4] = [100, 1, 1, 0]
        for control, value in values.items():
            plugin.controls[control] = value
        out = plugin.run(signal, 960)
        check_same(out[DELAY + 480 :], signal[480:-DELAY], str(values))
    plugin.controls[:4] = [100, 0, 1, 1]
    check(not plugin.run(signal, 960)[DELAY + 480 :].any(), 'the residual of nothing is not silent')
    plugin.controls[:4] = [np.nan, np.nan, np.nan, np.nan]
    check(np.isfinite(plugin.run(signal, 960)).all(), 'NaN came through')
    plugin.close()


@case('ports that are not connected, a run of 0 samples')
def unconnected():
    pointer = descriptor(1)
    plugin = pointer.contents
    handle = plugin.instantiate(pointer, RATE)
    samples = noise(480)[:, 0].copy()
    plugin.connect_port(handle, 99, float_pointer(samples))
    plugin.activate(handle)
    plugin.connect_port(handle, 0, float_pointer(samples))
    plugin.connect_port(handle, 1, float_pointer(samples))
    plugin.run(handle, 0)
    plugin.run(handle, 480)
    plugin.cleanup(handle)


@case('activate forgets the signal')
def activate():
    signal = vowel(9600) + noise(9600, level=0.1)
    plugin = Instance(1)
    wanted = plugin.run(signal, 512)
    plugin.run(noise(5000), 512)
    check_same(plugin.run(signal, 512), wanted)
    plugin.close()


@case('a thousand instances come and go')
def many():
    for _ in range(1000):
        Instance(1).close()


main()

# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""DeepFilterNet 3 (Schroeter and others, 2023) as a teacher: the signal chain around its ONNX
graphs, which Node.js runs (graphs.js) since Debian has no ONNX runtime for Python.

48 kHz, Vorbis window of 960 samples, hops of 480; 32 band gains for the whole spectrum, and in
their place below 4.8 kHz a filter over five frames for each of 96 bins; two frames of future."""
import os
import subprocess

import numpy as np
import scipy.fft
import scipy.signal

RATE, WINDOW, HOP = 48000, 960, 480
BANDS, BINS, TAPS, LOOK_AHEAD = 32, 96, 5, 2
SPECTRUM_SCALE = np.float32(2 * HOP / WINDOW ** 2)
DECAY = np.float32(0.99)  # exp(-HOP / RATE), rounded as the model's own code rounds it
GRAPHS = ('enc', 'erb_dec', 'df_dec')
HERE = os.path.dirname(os.path.abspath(__file__))


def band_widths():
    """In bins: equal steps on the ERB scale, at least 2 bins each."""
    scale = 24.7 * 9.265
    edges_hz = scale * np.expm1(np.log1p(RATE / 2 / scale) * np.arange(1, BANDS + 1) / BANDS)
    widths, borrowed, last = [], 0, 0
    for edge in np.floor(edges_hz * WINDOW / RATE + 0.5).astype(int):
        width = edge - last - borrowed
        borrowed = max(0, 2 - width)
        widths.append(max(2, width))
        last = edge
    widths[-1] += WINDOW // 2 + 1 - sum(widths)
    return np.array(widths)


WIDTHS = band_widths()
STARTS = np.cumsum(WIDTHS) - WIDTHS
_RISE = np.sin(0.5 * np.pi * (np.arange(WINDOW) + 0.5) / HOP)
VORBIS = np.sin(0.5 * np.pi * _RISE ** 2).astype(np.float32)


def running_mean(x, first, last):
    """Over time (axis 0), from a ramp over the columns on."""
    start = DECAY * np.linspace(first, last, x.shape[1], dtype=np.float32)[None]
    return scipy.signal.lfilter([1 - DECAY], np.array([1, -DECAY]), x, axis=0, zi=start)[0]


def shifted(x):
    return np.concatenate([x[LOOK_AHEAD:], np.zeros_like(x[:LOOK_AHEAD])])


def spectra(x, frames):
    strided = np.lib.stride_tricks.sliding_window_view(x, WINDOW)[::HOP][:frames]
    return scipy.fft.rfft(strided * VORBIS) * SPECTRUM_SCALE


def features(spectrum):
    """feat_erb (T, 32) and feat_spec (2, T, 96)."""
    power = spectrum.real ** 2 + spectrum.imag ** 2
    level = 10 * np.log10(np.add.reduceat(power, STARTS, 1) / WIDTHS.astype(np.float32) + 1e-10)
    bands = (level - running_mean(level, -60., -90.)) / 40
    low = spectrum[:, :BINS] / np.sqrt(running_mean(np.sqrt(power[:, :BINS]), 1e-3, 1e-4))
    low = shifted(low)
    return shifted(bands), np.stack([low.real, low.imag])


def filtered(spectrum, gains, taps):
    """The output spectrum: gains (T, 32), taps (T, 96, 5) complex over the neighbouring frames."""
    out = spectrum * np.repeat(gains, WIDTHS, axis=1)
    low = np.pad(spectrum[:, :BINS], ((LOOK_AHEAD, TAPS - 1 - LOOK_AHEAD), (0, 0)))
    out[:, :BINS] = 0
    for k in range(TAPS):
        out[:, :BINS] += low[k:k + len(spectrum)] * taps[:, :, k]
    return out


def overlap_add(spectrum):
    frames = scipy.fft.irfft(spectrum * np.float32(WINDOW), n=WINDOW) * VORBIS
    y = np.zeros((len(frames) + 1, HOP), np.float32)
    y[:-1] += frames[:, :HOP]
    y[1:] += frames[:, HOP:]
    return y.reshape(-1)


class Teacher:
    """folder: with enc.onnx, erb_dec.onnx and df_dec.onnx. One process of Node.js for each object;
    it finds onnxruntime-node through NODE_PATH. Not for several threads at once."""

    def __init__(self, folder):
        for name in GRAPHS:
            if not os.path.exists(os.path.join(folder, name + '.onnx')):
                raise FileNotFoundError('no %s.onnx in %s' % (name, folder))
        command = ['node', os.path.join(HERE, 'graphs.js'), folder]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def close(self):
        self._process.stdin.close()
        self._process.wait()

    def _read(self, *shape):
        count = int(np.prod(shape))
        data = self._process.stdout.read(4 * count)
        if len(data) != 4 * count:
            raise RuntimeError('the graphs did not run: is onnxruntime-node installed and '
                               'NODE_PATH its node_modules? (training/README.md)')
        return np.frombuffer(data, np.float32).reshape(shape)

    def _run_graphs(self, bands, low):
        pipe = self._process.stdin
        try:
            pipe.write(np.int32(len(bands)).tobytes())
            pipe.write(np.ascontiguousarray(bands, np.float32))
            pipe.write(np.ascontiguousarray(low, np.float32))
            pipe.flush()
        except BrokenPipeError:
            pass  # the answer will be missing
        return (self._read(len(bands), BANDS),
                self._read(len(bands), BINS, TAPS, 2).view(np.complex64)[..., 0])

    def enhance(self, x):
        """x: float32 samples at 48 kHz; the enhanced ones, aligned with x and as many."""
        frames = (len(x) + WINDOW + HOP - 1) // HOP
        padded = np.zeros((frames + 1) * HOP, np.float32)
        padded[HOP:HOP + len(x)] = x
        spectrum = spectra(padded, frames)
        gains, taps = self._run_graphs(*features(spectrum))
        return overlap_add(filtered(spectrum, gains, taps))[HOP:HOP + len(x)]

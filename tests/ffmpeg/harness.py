# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Runs ffmpeg on signals in memory; prints each case as a line of TAP for Meson."""
import os
import re
import subprocess
import sys
import tempfile
import traceback

import numpy as np

RATE = 48000
HOP = 480
DELAY = 1440  # of the default model: for tests of delays only, the filter compensates it
FFMPEG = os.environ.get('FFMPEG', 'ffmpeg')
FFPROBE = os.environ.get('FFPROBE', 'ffprobe')
SOURCE = f'anoisesrc=r={RATE}:d=2:a=0.3:seed=1,aformat=fltp'
BYPASS = 'percepnet=output=bypass'
FLOATS = ['-f', 'f32le', '-c:a', 'pcm_f32le', 'pipe:1']

_cases = []


class Skip(Exception):
    """The case cannot run here: the reason."""


def case(name, *args):
    """Registers the decorated function, called with args, as a case."""

    def register(function):
        _cases.append((name, function, args))
        return function

    return register


def cases(values, name):
    """Registers a case for each value; name is formatted with it."""

    def register(function):
        for value in values:
            args = value if isinstance(value, tuple) else (value,)
            _cases.append((name.format(*args), function, args))
        return function

    return register


def main():
    failures = 0
    print(f'1..{len(_cases)}')
    for number, (name, function, args) in enumerate(_cases, 1):
        try:
            function(*args)
            print(f'ok {number} - {name}', flush=True)
        except Skip as reason:
            print(f'ok {number} - {name} # SKIP {reason}', flush=True)
        except Exception as error:  # the next cases shall run
            failures += 1
            print(f'not ok {number} - {name}', flush=True)
            text = str(error) if isinstance(error, AssertionError) else traceback.format_exc()
            for line in text.splitlines():
                print('# ' + line, flush=True)
    sys.exit(1 if failures else 0)


def check(condition, message):
    if not condition:
        raise AssertionError(message)


def check_equal(got, wanted, what):
    check(got == wanted, f'{what}: {got}, wanted {wanted}')


def check_same(got, wanted, what='samples'):
    """Bit for bit."""
    check_equal(got.shape, wanted.shape, f'shape of {what}')
    different = np.flatnonzero((got != wanted).any(axis=1))
    check(
        len(different) == 0,
        f'{what}: {len(different)} differ, from {different[:1]} to {different[-1:]}',
    )


def noise(frames, channels=1, seed=1, level=0.3):
    """Samples (frames, channels) that 16 bits can hold."""
    random = np.random.default_rng(seed)
    return (random.integers(-32768, 32768, (frames, channels)) * level).astype(int).astype(
        np.float32
    ) / 32768


def vowel(frames, channels=1, pitch=120.0):
    """Something with a pitch, formants and syllables."""
    t = np.arange(frames) / RATE
    phase = 2 * np.pi * np.cumsum(pitch * (1 + 0.03 * np.sin(2 * np.pi * 3 * t))) / RATE
    wave = sum(np.cos(k * phase) / (1 + ((k * pitch - 600) / 300) ** 2) for k in range(1, 40))
    wave *= 0.1 * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * t))
    return np.repeat(wave.astype(np.float32)[:, None], channels, axis=1)


class Result:
    """What a run gave: exit status, stderr, samples (frames, channels), frames' timestamps."""

    def __init__(self, status, log, data, channels):
        self.status = status
        self.log = log
        self.raw = data
        usable = len(data) // (4 * channels) * 4 * channels
        self.samples = np.frombuffer(data[:usable], np.float32).reshape(-1, channels)
        self.frames = [
            (int(pts), int(count))
            # of ashowinfo, whose name is missing where another thread's line came between
            for pts, count in re.findall(r'\bn:\d+ pts:(-?\d+) .*? nb_samples:(\d+)', log)
        ]


def call(command, data=b'', env=None, timeout=60):
    done = subprocess.run(
        command,
        input=data,
        capture_output=True,
        timeout=timeout,
        env={**os.environ, **(env or {})},
        check=False,
    )
    return done.returncode, done.stderr.decode(errors='replace'), done.stdout


def ffmpeg(arguments, data=b'', channels=1, fails=False, env=None, program=None):
    """Runs ffmpeg; standard output is taken as 32-bit float samples."""
    command = [program or FFMPEG, '-nostdin', '-hide_banner', '-nostats', '-y', *arguments]
    status, log, out = call(command, data, env)
    for word in ('Sanitizer', 'runtime error:'):  # of AddressSanitizer, UndefinedBehaviorSanitizer
        check(word not in log, log)
    if fails:
        check(status > 0, f'exit status {status}, wanted an error\n{log}')
    else:
        check_equal(status, 0, f'exit status of {" ".join(command)}\n{log}')
    return Result(status, log, out, channels)


def lavfi(graph):
    return ['-f', 'lavfi', '-i', graph]


def raw_input(channels, rate=RATE):
    return ['-f', 'f32le', '-ar', str(rate), '-ac', str(channels), '-i', 'pipe:0']


def filtered(samples, filters, rate=RATE, options=(), out_options=(), **more):
    """The samples after a chain of filters."""
    channels = samples.shape[1]
    return ffmpeg(
        ['-v', 'info', *options, *raw_input(channels, rate), '-af', filters, *out_options, *FLOATS],
        samples.astype('<f4').tobytes(),
        channels,
        **more,
    )


def generated(graph, channels=1, **more):
    """What a graph that starts with a source gives, with the timestamps of its frames."""
    source = lavfi(graph + ',ashowinfo')
    return ffmpeg(['-v', 'info', *source, *FLOATS], channels=channels, **more)


def timeline(result):
    """Sample number -> value."""
    check_equal(sum(count for _, count in result.frames), len(result.samples), 'samples in frames')
    numbers = np.concatenate([np.arange(pts, pts + count) for pts, count in result.frames])
    return numbers, result.samples[:, 0]


def folder():
    return tempfile.TemporaryDirectory(prefix='percepnet-')


def ffmpeg_has(kind, name):
    """Whether this ffmpeg has an encoder, a filter ...: kind is the plural."""
    listing = ffmpeg(['-v', 'error', '-' + kind]).raw.decode()
    return any(line.split()[1:2] == [name] for line in listing.splitlines())

# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Rates, layouts, sample formats, containers and codecs go through as without the filter."""
import os

import numpy as np

from harness import (
    BYPASS,
    RATE,
    Skip,
    cases,
    check,
    check_equal,
    check_same,
    ffmpeg,
    ffmpeg_has,
    filtered,
    folder,
    main,
    noise,
    vowel,
)


@cases(
    [8000, 11025, 16000, 22050, 32000, 44100, 48000, 96000, 192000], '{} Hz: as the resampler alone'
)
def rate(hertz):
    signal = vowel(hertz) + noise(hertz, level=0.05)
    wanted = filtered(signal, f'aresample={RATE}', hertz)
    got = filtered(signal, BYPASS, hertz)
    check_same(got.samples, wanted.samples)
    check_equal(len(filtered(signal, 'percepnet', hertz).samples), len(wanted.samples), 'samples')


@cases([44100, 16000, 96000], '{} Hz in and out: the length within a sample, no lag')
def there_and_back(hertz):
    signal = vowel(hertz)
    out = filtered(signal, BYPASS, hertz, out_options=['-ar', str(hertz)]).samples
    check(abs(len(out) - len(signal)) <= 1, f'{len(out)} samples for {len(signal)}')
    count = min(len(out), len(signal))
    size = 2 * count
    spectrum = np.fft.rfft(out[:count, 0], size) * np.conj(np.fft.rfft(signal[:count, 0], size))
    check_equal(int(np.argmax(np.fft.irfft(spectrum, size))), 0, 'lag in samples')


@cases(['mono', 'stereo', '2.1', 'quad', '5.0', '5.1', '7.1', 'hexadecagonal'], 'layout {} is kept')
def layout(name):
    result = ffmpeg(
        [
            '-v',
            'info',
            '-f',
            'lavfi',
            '-i',
            f'anoisesrc=r={RATE}:d=0.1,aformat=cl={name}',
            '-af',
            'percepnet,ashowinfo',
            '-f',
            'null',
            '-',
        ]
    )
    check(
        f' {name}, fltp' in result.log or f' {name}, ' in result.log.split('Output #0')[1],
        f'{name} is not in\n{result.log}',
    )


@cases(
    [('u8', 'u8'), ('s16', 's16le'), ('s32', 's24le'), ('flt', 'f32le')],
    'null test in {} ({}): every bit the same',
)
def sample_format(_, codec):
    data = np.random.default_rng(3).integers(0, 256, 12 * 2000, np.uint8).tobytes()
    if codec == 'f32le':
        data = noise(6000).tobytes()
    source = ['-v', 'error', '-f', codec, '-ar', str(RATE), '-ac', '1', '-i', 'pipe:0']
    result = ffmpeg(
        [*source, '-af', 'percepnet=mix=0', '-f', codec, '-c:a', 'pcm_' + codec, 'pipe:1'], data
    )
    check(result.raw == data, 'the bytes differ')


CONTAINERS = [
    ('wav', 'pcm_s16le'),
    ('w64', 'pcm_f32le'),
    ('aiff', 'pcm_s24be'),
    ('caf', 'pcm_s16be'),
    ('flac', 'flac'),
    ('mka', 'alac'),
    ('mka', 'wavpack'),
    ('m4a', 'aac'),
    ('mp4', 'aac'),
    ('mov', 'pcm_s16le'),
    ('ts', 'aac'),
    ('mka', 'ac3'),
    ('mp3', 'libmp3lame'),
    ('opus', 'libopus'),
    ('webm', 'libopus'),
    ('ogg', 'libvorbis'),
    ('mkv', 'libvorbis'),
    ('mp2', 'mp2'),
    ('wav', 'pcm_mulaw'),
    ('gsm', 'libgsm'),
    ('amr', 'libopencore_amrnb'),
    ('spx', 'libspeex'),
    ('flv', 'aac'),
    ('avi', 'libmp3lame'),
    ('3gp', 'aac'),
    ('nut', 'pcm_f32le'),
]


@cases(CONTAINERS, '{}/{}: decoded, filtered and encoded')
def container(extension, codec):
    if not ffmpeg_has('encoders', codec):
        raise Skip(f'this ffmpeg has no encoder {codec}')
    narrow = codec in ('libgsm', 'libopencore_amrnb', 'pcm_mulaw', 'libspeex')
    rate, channels = (8000, 1) if narrow else (RATE, 2)
    with folder() as where:
        source, result = (os.path.join(where, f'{name}.{extension}') for name in ('in', 'out'))
        ffmpeg(
            [
                '-v',
                'error',
                '-f',
                'lavfi',
                '-i',
                f'sine=r={rate}:d=1.013',
                '-ac',
                str(channels),
                '-strict',
                '-2',
                '-c:a',
                codec,
                source,
            ]
        )

        def decoded(path, filters):
            return ffmpeg(
                [
                    '-v',
                    'error',
                    '-i',
                    path,
                    '-af',
                    filters,
                    '-f',
                    'f32le',
                    '-c:a',
                    'pcm_f32le',
                    'pipe:1',
                ],
                channels=channels,
            ).samples

        wanted = decoded(source, f'aresample={RATE}')
        got = decoded(source, BYPASS)
        check_equal(len(got), len(wanted), 'samples')
        check(np.abs(got - wanted).max() < 1e-6, 'the content differs')
        ffmpeg(
            [
                '-v',
                'error',
                '-i',
                source,
                '-af',
                'percepnet',
                '-strict',
                '-2',
                '-c:a',
                codec,
                '-ar',
                str(rate),
                result,
            ]
        )
        frame = 2048 * RATE // rate
        check(
            abs(len(decoded(result, f'aresample={RATE}')) - len(wanted)) <= frame,
            'the length differs',
        )


main()

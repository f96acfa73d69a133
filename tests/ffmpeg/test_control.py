# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Options, runtime commands, timeline, channel modes, metadata, bad input."""
import math
import os
import re

import numpy as np

from harness import (
    FFMPEG,
    HOP,
    RATE,
    case,
    cases,
    check,
    check_equal,
    check_same,
    ffmpeg,
    filtered,
    folder,
    main,
    noise,
    vowel,
)

# With these the output is silence where the filter is active, so that what it did shows exactly.
SILENCER = 'percepnet=mix=0:output=residual'


def check_silenced(out, signal, first, last):
    """Zero in the hops first..last but for the fades in these two; elsewhere as the signal."""
    begin, end = first * HOP, (last + 1) * HOP
    check_same(out[:begin], signal[:begin], 'before')
    check_same(out[end:], signal[end:], 'after')
    check(not out[begin + HOP : end - HOP].any(), 'not silent inside')
    check(
        (out[begin : begin + HOP] != signal[begin : begin + HOP]).any(),
        'the first hop is unchanged',
    )
    check((out[end - HOP : end] != signal[end - HOP : end]).any(), 'the last hop is unchanged')


@case('help shows options, units, constants and timeline')
def help_text():
    text = ffmpeg(['-h', 'filter=percepnet']).raw.decode()
    for word in [
        'model',
        'atten_lim',
        'in dB',
        'from 0 to 100',
        'mix',
        'post_filter',
        'output',
        'enhanced',
        'residual',
        'bypass',
        'channel_mode',
        'linked',
        'independent',
        'slice threading',
        'timeline',
    ]:
        check(word in text, f'{word!r} is missing in\n{text}')


@cases(
    [('0.295', '0.595', 30, 59), ('0', '0.105', 0, 10), ('1.795', '9', 180, 200)],
    'timeline between {} and {} changes exactly the hops {} to {}',
)
def timeline(begin, end, first, last):
    signal = noise(201 * HOP, 2)
    out = filtered(signal, f"{SILENCER}:enable='between(t,{begin},{end})'").samples
    if last == 200:  # up to the end: there is no hop to fade out for
        signal = np.concatenate([signal, noise(HOP, 2)])
        out = np.concatenate([out, signal[-HOP:]])
        begin = first * HOP
        check_same(out[:begin], signal[:begin], 'before')
        check(not out[begin + HOP : -HOP].any(), 'not silent up to the end')
    elif first == 0:
        check(not out[: last * HOP].any(), 'not silent from the start')
        check_same(out[(last + 1) * HOP :], signal[(last + 1) * HOP :], 'after')
    else:
        check_silenced(out, signal, first, last)


@case('timeline: two stretches')
def two_stretches():
    signal = noise(200 * HOP)
    out = filtered(
        signal, f"{SILENCER}:enable='between(t,0.195,0.295)+between(t,0.995,1.095)'"
    ).samples
    check_silenced(out[: 100 * HOP - 10], signal[: 100 * HOP - 10], 20, 29)
    check_silenced(out[50 * HOP :], signal[50 * HOP :], 50, 59)


@case('a command acts on the content of its time')
def command():
    signal = noise(150 * HOP)
    out = filtered(
        signal,
        "asetnsamples=480,asendcmd=c='0.495 percepnet output residual;"
        "0.995 percepnet output bypass',percepnet=mix=0:output=bypass",
    ).samples
    # the change is faded in over the hop at the command's time
    check_same(out[: 50 * HOP], signal[: 50 * HOP], 'before')
    check(not out[51 * HOP : 100 * HOP].any(), 'not silent inside')
    check_same(out[101 * HOP :], signal[101 * HOP :], 'after')
    check((out[50 * HOP : 51 * HOP] != signal[50 * HOP : 51 * HOP]).any(), 'late')


@cases(['atten_lim 0', 'mix 0', 'output bypass'], 'command {} is live')
def live(text):
    signal = noise(100 * HOP)
    out = filtered(
        signal, f"asetnsamples=480,asendcmd=c='0.195 percepnet {text}',percepnet"
    ).samples
    check_same(out[21 * HOP :], signal[21 * HOP :], 'after')


@case('a change of mix makes no click')
def no_click():
    t = np.arange(RATE) / RATE
    signal = (0.5 * np.sin(2 * np.pi * 50 * t)).astype(np.float32)[:, None]
    out = filtered(
        signal,
        "asetnsamples=480,asendcmd=c='0.495 percepnet mix 1'," "percepnet=mix=0:output=residual",
    ).samples[:, 0]
    first = slice(50 * HOP - 2, 50 * HOP + 2)
    check(np.abs(np.diff(out[first])).max() < 0.01, 'a step at the change')


@cases(
    ['mix 7', 'output loud', 'model other.safetensors', 'channel_mode linked'],
    'command {} is refused and nothing changes',
)
def refused(text):
    signal = noise(20 * HOP)
    out = filtered(
        signal, f"asetnsamples=480,asendcmd=c='0.1 percepnet {text}',percepnet=mix=0"
    ).samples
    check_same(out, signal)


@cases(
    [
        'mix=2',
        'mix=-1',
        'atten_lim=101',
        'post_filter=1.5',
        'output=loud',
        'channel_mode=3',
        'nonsense=1',
    ],
    'option {} is refused',
)
def bad_option(option):
    filtered(noise(10), 'percepnet=' + option, fails=True)


@cases(
    [
        (1, 'linked'),
        (1, 'independent'),
        (2, 'linked'),
        (2, 'independent'),
        (3, 'independent'),
        (6, 'linked'),
        (8, 'independent'),
        (16, 'linked'),
        (24, 'independent'),
    ],
    '{} channels, {}: bypass is bit-exact',
)
def channels(count, mode):
    signal = noise(2500, count)
    out = filtered(signal, f'percepnet=output=bypass:channel_mode={mode}').samples
    check_same(out, signal)


@case('independent channels are those of mono files')
def independent():
    left, right = vowel(9613), noise(9613, level=0.1)
    out = filtered(np.hstack([left, right]), 'percepnet=channel_mode=independent').samples
    check_same(out[:, :1], filtered(left, 'percepnet').samples, 'left')
    check_same(out[:, 1:], filtered(right, 'percepnet').samples, 'right')


@case('the number of threads does not matter')
def threads():
    signal = noise(9613, 6, level=0.1) + vowel(9613, 6)
    outs = [
        filtered(
            signal, 'percepnet=channel_mode=independent', options=['-filter_threads', str(n)]
        ).samples
        for n in (1, 2, 5)
    ]
    check_same(outs[1], outs[0], '2 threads')
    check_same(outs[2], outs[0], '5 threads')


@case('metadata: three keys on every hop, in their ranges')
def metadata():
    signal = vowel(4801) + noise(4801, level=0.05)
    text = ffmpeg(
        [
            '-v',
            'error',
            '-f',
            'f32le',
            '-ar',
            '48000',
            '-ac',
            '1',
            '-i',
            'pipe:0',
            '-af',
            'percepnet,ametadata=mode=print:file=-',
            '-f',
            'null',
            '-',
        ],
        signal.tobytes(),
    ).raw.decode()
    times = [float(t) for t in re.findall(r'pts_time:(\S+)', text)]
    check_equal(times, [i / 100 for i in range(11)], 'times')
    for key, low, high in [('voice_probability', 0, 1), ('snr', -30, 60), ('gain', -100, 10)]:
        values = [float(v) for v in re.findall(rf'lavfi\.percepnet\.{key}=(\S+)', text)]
        check_equal(len(values), 11, f'number of {key}')
        check(all(math.isfinite(v) and low <= v <= high for v in values), f'{key}: {values}')
    check('lavfi.percepnet.1.' not in text, 'a number, of channels that are not independent')


@case('metadata: each independent channel, nothing where disabled')
def metadata_channels():
    text = ffmpeg(
        [
            '-v',
            'error',
            '-f',
            'f32le',
            '-ar',
            '48000',
            '-ac',
            '2',
            '-i',
            'pipe:0',
            '-af',
            "percepnet=channel_mode=independent:enable='lt(t,0.045)',ametadata=mode=print:file=-",
            '-f',
            'null',
            '-',
        ],
        noise(4800, 2).tobytes(),
    ).raw.decode()
    for key in ['snr', '1.snr', '2.snr', '2.gain', '1.voice_probability']:
        check_equal(
            len(re.findall(rf'lavfi\.percepnet\.{re.escape(key)}=', text)), 5, f'number of {key}'
        )


@case('metadata of the input goes through')
def metadata_kept():
    text = ffmpeg(
        [
            '-v',
            'error',
            '-f',
            'lavfi',
            '-i',
            'sine=r=48000:d=0.1',
            '-af',
            'ametadata=add:key=mark:value=7,percepnet,ametadata=mode=print:key=mark:file=-',
            '-f',
            'null',
            '-',
        ]
    ).raw.decode()
    check_equal(text.count('mark=7'), 10, 'frames with the mark')


@cases(
    [
        ('missing', None),
        ('empty', b''),
        ('foreign', b'RIFF....WAVEfmt '),
        ('truncated', b'\x40' + bytes(7)),
        ('huge header', b'\xff' * 64),
    ],
    'a model file that is {}: a sentence, no crash',
)
def bad_model(_, content):
    with folder() as where:
        path = os.path.join(where, 'model.safetensors')
        if content is not None:
            with open(path, 'wb') as file:
                file.write(content)
        log = filtered(noise(480), f'percepnet=model={path}', fails=True).log
        line = re.search(r'percepnet.*\] (.*)', log)
        check(line and len(line[1].split()) > 4 and line[1].endswith('.'), f'no sentence in\n{log}')


@case('one NaN does not stay')
def nan_heals():
    signal = noise(100 * HOP)
    bad = signal.copy()
    bad[5000], bad[5001], bad[5002] = np.nan, np.inf, -np.inf
    out = filtered(bad, 'percepnet=output=bypass').samples
    check(np.isfinite(out).all(), 'the output is not finite')
    check_same(out[:5000], signal[:5000], 'before')
    check_same(out[5000 + 10 * HOP :], signal[5000 + 10 * HOP :], '10 hops later')
    check(np.isfinite(filtered(bad, 'percepnet').samples).all(), 'enhanced is not finite')


@cases([(16, 'become a line'), (17, 'become silence')], '{} bad samples in a row {}')
def bad_samples(count, _):
    signal = noise(4800)
    wanted = signal.copy()
    wanted[1000 : 1000 + count] = 0
    if count <= 16:
        ends = signal[999, 0], signal[1000 + count, 0]
        wanted[1000 : 1000 + count, 0] = np.linspace(*ends, count + 2)[1:-1]
    bad = signal.copy()
    bad[1000 : 1000 + count] = np.nan
    out = filtered(bad, 'percepnet=output=bypass').samples
    check(np.abs(out - wanted).max() < 1e-6, f'{out[1000:1000 + count, 0]}')


@case('nothing but NaN gives silence')
def all_nan():
    out = filtered(np.full((4800, 2), np.nan, np.float32), 'percepnet').samples
    check(np.isfinite(out).all() and np.abs(out).max() < 1e-3, 'not silent')


@case('two filters in a chain and four at once')
def many():
    signal = noise(4801)
    check_same(filtered(signal, 'percepnet=mix=0,percepnet=mix=0').samples, signal)
    graph = (
        'asplit=4[a][b][c][d];[a]percepnet=mix=0[e];[b]percepnet=mix=0[f];[c]percepnet=mix=0[g];'
        '[d]percepnet=mix=0[h];[e][f][g][h]amix=4:normalize=0'
    )
    check_same(filtered(signal, graph).samples, signal * 4)


main()

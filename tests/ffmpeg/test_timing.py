# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Timestamps: every sample stays where its timestamp puts it: gaps, seeks, loops, chains."""
import os

import numpy as np

from harness import (
    DELAY,
    FFPROBE,
    HOP,
    RATE,
    Skip,
    call,
    case,
    cases,
    check,
    check_equal,
    check_same,
    ffmpeg,
    ffmpeg_has,
    folder,
    generated,
    main,
)

SOURCE = f'anoisesrc=r={RATE}:d=2:a=0.3:seed=1,aformat=fltp'
BYPASS = 'percepnet=output=bypass'


def timeline(result):
    """Sample number -> value."""
    check_equal(sum(count for _, count in result.frames), len(result.samples), 'samples in frames')
    numbers = np.concatenate([np.arange(pts, pts + count) for pts, count in result.frames])
    return numbers, result.samples[:, 0]


def check_timeline(graph, filters=BYPASS, around=()):
    """The filter moves, adds and loses nothing; samples near the seams in around are left out."""
    wanted_at, wanted = timeline(generated(graph))
    got_at, got = timeline(generated(f'{graph},{filters}'))
    keep = np.ones(len(wanted_at), bool)
    check_equal(len(got), len(wanted), 'samples')
    check_same(got[:, None], wanted[:, None], 'content')
    for seam in around:
        keep &= np.abs(wanted_at - seam) > HOP
    moved = np.flatnonzero((got_at != wanted_at) & keep)
    check(
        len(moved) == 0,
        f'{len(moved)} samples moved, the first from {wanted_at[moved[:1]]} '
        f'to {got_at[moved[:1]]}',
    )


@cases(['0.000', '0.001', '1.337', '3600'], 'a start at {} s')
def start(seconds):
    check_timeline(f'{SOURCE},asetpts=PTS+{seconds}/TB')


@case('a start before 0')
def negative_start():
    check_timeline(f'{SOURCE},asetpts=PTS-12345')


@cases([0.005, 0.0101, 0.02, 0.3, 0.99, 1.0, 7.5], 'a gap of {} s')
def gap(seconds):
    jump = round(seconds * RATE)
    check_timeline(f'{SOURCE},asetnsamples=1000:p=0,asetpts=PTS+gte(T\\,0.8)*{jump + 1}')


@cases([-0.02, -0.3, -1.5], 'a jump back by {} s')
def overlap(seconds):
    jump = round(seconds * RATE)
    check_timeline(f'{SOURCE},asetnsamples=1000:p=0,asetpts=PTS+10*{RATE}+gte(T\\,0.8)*{jump}')


@case('many gaps, frames of 333 samples')
def many_gaps():
    check_timeline(f"{SOURCE},asetnsamples=333:p=0,aselect='not(mod(floor(n/5),3))'")


@case('frames shorter than a hop between gaps')
def islands():
    check_timeline(f"{SOURCE},asetnsamples=100:p=0,aselect='not(mod(n,9))'")


@cases(['enhanced', 'residual'], 'gaps with output={}: length and timestamps')
def gap_enhanced(output):
    graph = f'{SOURCE},asetnsamples=700:p=0,asetpts=PTS+gte(T\\,0.5)*9600+gte(T\\,1.2)*{3 * RATE}'
    wanted_at, _ = timeline(generated(graph))
    got_at, _ = timeline(generated(f'{graph},percepnet=output={output}'))
    check(np.array_equal(got_at, wanted_at), 'timestamps differ')


@case('jitter below 5 ms is not taken for a gap')
def jitter():
    graph = f"{SOURCE},asetnsamples=1024:p=0,asetpts='floor(PTS/48)*48'"  # milliseconds
    wanted, got = generated(graph), generated(f'{graph},{BYPASS}')
    check_same(got.samples, wanted.samples)
    check_equal(
        [count for _, count in got.frames[:-1]], [HOP] * (2 * RATE // HOP - 1), 'whole hops'
    )
    late = max(abs(pts - i * HOP) for i, (pts, _) in enumerate(got.frames))
    check(late <= 48, f'a hop is {late} samples off')


@case('a time base of milliseconds')
def coarse_time_base():
    result = generated(f'{SOURCE},asettb=1/1000,{BYPASS}')
    check_equal(len(result.samples), 2 * RATE, 'samples')
    check(all(abs(pts - i * 10) <= 1 for i, (pts, _) in enumerate(result.frames)), 'hops are off')


@cases(
    [('-ss', '0.5', '-t', '0.7'), ('-ss', '1.0001', '-t', '0.5003'), ('-t', '0.01', '-ss', '0')],
    'input options {} {} {} {}',
)
def cut(*options):
    with folder() as where:
        path = os.path.join(where, 'in.wav')
        ffmpeg(['-v', 'error', '-f', 'lavfi', '-i', SOURCE, '-c:a', 'pcm_f32le', path])

        def run(filters):
            return ffmpeg(
                ['-v', 'error', *options, '-i', path, '-af', filters, '-f', 'f32le', 'pipe:1']
            ).samples

        check_same(run(BYPASS), run('anull'))


@case('-stream_loop')
def loop():
    with folder() as where:
        path = os.path.join(where, 'in.wav')
        ffmpeg(
            ['-v', 'error', '-f', 'lavfi', '-i', SOURCE, '-t', '0.3001', '-c:a', 'pcm_f32le', path]
        )
        run = [
            ffmpeg(
                [
                    '-v',
                    'error',
                    '-stream_loop',
                    '3',
                    '-i',
                    path,
                    '-af',
                    filters,
                    '-f',
                    'f32le',
                    'pipe:1',
                ]
            ).samples
            for filters in (BYPASS, 'anull')
        ]
        check_same(*run)


CHAINS = {
    'acrossfade': '[0]atrim=0:1[a];[1]{f}[b];[a]{f}[c];[c][b]acrossfade=d=0.3',
    'amix': '[0]{f}[a];[1]atrim=0:0.7,{f}[b];[a][b]amix=2:normalize=0',
    'concat': '[0]atrim=0:0.5001,{f}[a];[1]{f}[b];[a][b]concat=n=2:v=0:a=1',
    'concat before': '[0]atrim=0:0.5001[a];[a][1]concat=n=2:v=0:a=1,{f}',
    'asplit': '[0]asplit[a][b];[a]{f}[c];[b]adelay=100[d];[c][d]amix=2:normalize=0;[1]anullsink',
    'amerge': '[0]{f},aformat=cl=mono[a];[1]{f},aformat=cl=mono[b];'
    '[a][b]amerge=2,pan=mono|c0=c0+c1',
    'afade, atempo': '[0]{f},afade=d=0.5,atempo=1.25;[1]anullsink',
    'apad, atrim': '[0]apad,{f},atrim=0:3;[1]anullsink',
    'silenceremove': '[0]adelay=500,{f},silenceremove=1;[1]anullsink',
}


@cases(CHAINS.items(), 'chain {}')
def chain(_, graph):
    other = SOURCE.replace('d=2', 'd=1.2003').replace('seed=1', 'seed=2')

    def run(filters):
        return ffmpeg(
            [
                '-v',
                'error',
                '-f',
                'lavfi',
                '-i',
                SOURCE,
                '-f',
                'lavfi',
                '-i',
                other,
                '-filter_complex',
                graph.format(f=filters),
                '-f',
                'f32le',
                '-c:a',
                'pcm_f32le',
                'pipe:1',
            ]
        ).samples

    # asetnsamples sends hops as we do: what the other filters make of them is not our matter
    wanted, got = run(f'asetnsamples={HOP}:p=0'), run(BYPASS)
    check_equal(len(got), len(wanted), 'samples')
    check(np.abs(got - wanted).max() < 1e-6, 'the content differs')


def encode_mp3(path, channels):
    # without a header or tags: files may be joined as they are
    ffmpeg(
        ['-v', 'error', '-f', 'lavfi', '-i', SOURCE, '-t', '1', '-ac', str(channels)]
        + ['-c:a', 'libmp3lame', '-write_xing', '0', '-id3v2_version', '0', path]
    )


def joined_mp3(where):
    parts = []
    for number, channels in enumerate((1, 2, 1)):
        parts.append(os.path.join(where, f'{number}.mp3'))
        encode_mp3(parts[-1], channels)
    joined = os.path.join(where, 'joined.mp3')
    with open(joined, 'wb') as file:
        for part in parts:
            with open(part, 'rb') as source:
                file.write(source.read())
    return joined, parts


def decoded_channels(path):
    entries = ['-show_entries', 'frame=channels', '-of', 'csv=p=0']
    return {int(line) for line in call([FFPROBE, '-v', 'error', *entries, path])[2].split()}


def mono(*arguments, data=b''):
    return ffmpeg(['-v', 'error', *arguments, '-ac', '1', '-f', 'f32le', 'pipe:1'], data).samples


@case('channels change in mid-stream: ffmpeg drops what is inside, no more')
def renegotiation():
    if not ffmpeg_has('encoders', 'libmp3lame'):
        raise Skip('this ffmpeg has no encoder libmp3lame')
    with folder() as where:
        joined, _ = joined_mp3(where)
        check_equal(decoded_channels(joined), {1, 2}, 'channel counts of the frames')
        wanted, got = (len(mono('-i', joined, '-af', f)) for f in ('anull', 'percepnet'))
        seam = DELAY + HOP  # inside the engine, and not yet a hop
        check(0 <= wanted - got <= 2 * seam, f'{wanted - got} samples lost at two seams')


@case('channels change in mid-stream: nothing is lost with one layout before the filter')
def one_layout():
    if not ffmpeg_has('encoders', 'libmp3lame'):
        raise Skip('this ffmpeg has no encoder libmp3lame')
    with folder() as where:
        joined, parts = joined_mp3(where)
        wanted = len(mono('-i', joined, '-af', 'anull'))
        first = ffmpeg(['-v', 'error', '-i', joined, '-ac', '2', '-f', 'wav', 'pipe:1'])
        second = mono('-i', 'pipe:0', '-af', 'percepnet', data=first.raw)
        check_equal(len(second), wanted, 'two steps')
        inputs = [word for part in parts for word in ('-i', part)]
        chain = '[0:a][1:a][2:a]concat=n=3:v=0:a=1,percepnet'
        check_equal(len(mono(*inputs, '-filter_complex', chain)), wanted, 'concat filter')


@case('-f null')
def null_output():
    ffmpeg(['-v', 'error', '-f', 'lavfi', '-i', SOURCE, '-af', 'percepnet', '-f', 'null', '-'])


@case('-t ends an endless source')
def endless():
    out = ffmpeg(
        [
            '-v',
            'error',
            '-f',
            'lavfi',
            '-i',
            f'anoisesrc=r={RATE}',
            '-af',
            'percepnet',
            '-t',
            '1.0001',
            '-f',
            'f32le',
            'pipe:1',
        ]
    ).samples
    check_equal(len(out), 48005, 'samples')


@case('-shortest ends at the end of the sound')
def shortest():
    with folder() as where:
        path = os.path.join(where, 'out.nut')
        ffmpeg(
            [
                '-v',
                'error',
                '-f',
                'lavfi',
                '-i',
                SOURCE,
                '-f',
                'lavfi',
                '-i',
                'color=s=16x16:r=25:d=9',
                '-af',
                BYPASS,
                '-shortest',
                '-c:a',
                'pcm_f32le',
                '-c:v',
                'mpeg4',
                path,
            ]
        )
        out = ffmpeg(['-v', 'error', '-i', path, '-map', '0:a', '-f', 'f32le', 'pipe:1']).samples
        check_equal(len(out), 2 * RATE, 'samples')


@cases(
    [('mkv', 'pcm_s16le'), ('mov', 'pcm_s16le'), ('mp4', 'aac'), ('ts', 'mp2'), ('mkv', 'libopus')],
    'a clap in {} with {}: sound and picture stay together',
)
def clap(extension, codec):
    with folder() as where:
        source, result = (os.path.join(where, f'{name}.{extension}') for name in ('in', 'out'))
        # a burst of sound and a white picture at 1 s
        ffmpeg(
            [
                '-v',
                'error',
                '-f',
                'lavfi',
                '-i',
                'color=black:s=64x64:r=25:d=2,geq=lum=255*between(T\\,1\\,1.1)',
                '-f',
                'lavfi',
                '-i',
                f'aevalsrc=between(t\\,1\\,1.05)*sin(440*2*PI*t):s={RATE}:d=2',
                '-c:v',
                'mpeg4',
                '-c:a',
                codec,
                '-strict',
                '-2',
                source,
            ]
        )
        copy = ['-map', '0', '-c:v', 'copy', '-c:a', codec, '-strict', '-2']
        sounds, pictures = [], []
        for filters in ('anull', 'percepnet=atten_lim=3'):
            ffmpeg(['-v', 'error', '-i', source, '-af', filters, *copy, result])
            shown = ffmpeg(
                [
                    '-v',
                    'info',
                    '-copyts',
                    '-i',
                    result,
                    '-map',
                    '0:a',
                    '-af',
                    'ashowinfo',
                    '-f',
                    'f32le',
                    '-c:a',
                    'pcm_f32le',
                    'pipe:1',
                ]
            )
            numbers, values = timeline(shown)
            sounds.append(numbers[np.flatnonzero(np.abs(values) > 0.3)[0]])
            pictures.append(
                ffmpeg(
                    [
                        '-v',
                        'error',
                        '-copyts',
                        '-i',
                        result,
                        '-map',
                        '0:v',
                        '-c',
                        'copy',
                        '-f',
                        'framemd5',
                        '-',
                    ]
                ).raw
            )
        check(pictures[0] == pictures[1], 'the pictures or their times differ')
        off = abs(int(sounds[1]) - int(sounds[0]))
        check(off <= 48, f'the clap moved by {off} samples')  # a millisecond: Matroska's grain


@case('ffprobe reads the metadata through a lavfi source')
def probe():
    status, log, out = call(
        [
            FFPROBE,
            '-v',
            'error',
            '-f',
            'lavfi',
            '-i',
            f'{SOURCE},percepnet',
            '-show_entries',
            'frame_tags=lavfi.percepnet.voice_probability',
            '-of',
            'csv=p=0',
        ]
    )
    check_equal(status, 0, 'exit status\n' + log)
    check_equal(len(out.split()), 2 * RATE // HOP, 'values')


main()

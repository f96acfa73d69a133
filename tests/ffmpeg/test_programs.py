# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""In the middle of ffmpeg's work: cuts, loops, chains of filters, containers, joined files."""
import os

import numpy as np

from harness import (
    BYPASS,
    DELAY,
    FFPROBE,
    FLOATS,
    HOP,
    RATE,
    SOURCE,
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
    lavfi,
    main,
    timeline,
)


def read(*arguments, data=b''):
    """One channel of samples."""
    return ffmpeg(['-v', 'error', *arguments, '-ac', '1', *FLOATS], data).samples


def write_source(where, *options):
    path = os.path.join(where, 'in.wav')
    ffmpeg(['-v', 'error', *lavfi(SOURCE), *options, '-c:a', 'pcm_f32le', path])
    return path


@cases(
    [('-ss', '0.5', '-t', '0.7'), ('-ss', '1.0001', '-t', '0.5003'), ('-t', '0.01', '-ss', '0')],
    'input options {} {} {} {}',
)
def cut(*options):
    with folder() as where:
        path = write_source(where)
        run = [read(*options, '-i', path, '-af', filters) for filters in (BYPASS, 'anull')]
        check_same(*run)


@case('-stream_loop')
def loop():
    with folder() as where:
        path = write_source(where, '-t', '0.3001')
        repeat = ['-stream_loop', '3', '-i', path]
        check_same(*(read(*repeat, '-af', filters) for filters in (BYPASS, 'anull')))


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
        return read(*lavfi(SOURCE), *lavfi(other), '-filter_complex', graph.format(f=filters))

    # asetnsamples sends hops as we do: what the other filters make of them is not our matter
    wanted, got = run(f'asetnsamples={HOP}:p=0'), run(BYPASS)
    check_equal(len(got), len(wanted), 'samples')
    check(np.abs(got - wanted).max() < 1e-6, 'the content differs')


def encode_mp3(path, channels):
    # without a header or tags: files may be joined as they are
    ffmpeg(
        ['-v', 'error', *lavfi(SOURCE), '-t', '1', '-ac', str(channels)]
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


@case('channels change in mid-stream: ffmpeg drops what is inside, no more')
def renegotiation():
    if not ffmpeg_has('encoders', 'libmp3lame'):
        raise Skip('this ffmpeg has no encoder libmp3lame')
    with folder() as where:
        joined, _ = joined_mp3(where)
        check_equal(decoded_channels(joined), {1, 2}, 'channel counts of the frames')
        wanted, got = (len(read('-i', joined, '-af', f)) for f in ('anull', 'percepnet'))
        seam = DELAY + HOP  # inside the engine, and not yet a hop
        check(0 <= wanted - got <= 2 * seam, f'{wanted - got} samples lost at two seams')


@case('channels change in mid-stream: nothing is lost with one layout before the filter')
def one_layout():
    if not ffmpeg_has('encoders', 'libmp3lame'):
        raise Skip('this ffmpeg has no encoder libmp3lame')
    with folder() as where:
        joined, parts = joined_mp3(where)
        wanted = len(read('-i', joined, '-af', 'anull'))
        first = ffmpeg(['-v', 'error', '-i', joined, '-ac', '2', '-f', 'wav', 'pipe:1'])
        second = read('-i', 'pipe:0', '-af', 'percepnet', data=first.raw)
        check_equal(len(second), wanted, 'two steps')
        inputs = [word for part in parts for word in ('-i', part)]
        chain = '[0:a][1:a][2:a]concat=n=3:v=0:a=1,percepnet'
        check_equal(len(read(*inputs, '-filter_complex', chain)), wanted, 'concat filter')


@case('-f null')
def null_output():
    ffmpeg(['-v', 'error', *lavfi(SOURCE), '-af', 'percepnet', '-f', 'null', '-'])


@case('-t ends an endless source')
def endless():
    out = read(*lavfi(f'anoisesrc=r={RATE}'), '-af', 'percepnet', '-t', '1.0001')
    check_equal(len(out), 48005, 'samples')


@case('-shortest ends at the end of the sound')
def shortest():
    with folder() as where:
        path = os.path.join(where, 'out.nut')
        picture = lavfi('color=s=16x16:r=25:d=9')
        codecs = ['-c:a', 'pcm_f32le', '-c:v', 'mpeg4']
        ends = ['-af', BYPASS, '-shortest', *codecs]
        ffmpeg(['-v', 'error', *lavfi(SOURCE), *picture, *ends, path])
        out = read('-i', path, '-map', '0:a')
        check_equal(len(out), 2 * RATE, 'samples')


def write_clap(path, codec):
    """A burst of sound and a white picture at 1 s."""
    picture = lavfi('color=black:s=64x64:r=25:d=2,geq=lum=255*between(T\\,1\\,1.1)')
    sound = lavfi(f'aevalsrc=between(t\\,1\\,1.05)*sin(440*2*PI*t):s={RATE}:d=2')
    codecs = ['-c:v', 'mpeg4', '-c:a', codec, '-strict', '-2']
    ffmpeg(['-v', 'error', *picture, *sound, *codecs, path])


def clap_times(path):
    """The sample at which the clap is heard; the pictures with their times, as text."""
    source = ['-copyts', '-i', path]
    shown = ffmpeg(['-v', 'info', *source, '-map', '0:a', '-af', 'ashowinfo', *FLOATS])
    numbers, values = timeline(shown)
    pictures = ['-map', '0:v', '-c', 'copy', '-f', 'framemd5', '-']
    heard = int(numbers[np.flatnonzero(np.abs(values) > 0.3)[0]])
    return heard, ffmpeg(['-v', 'error', *source, *pictures]).raw


@cases(
    [('mkv', 'pcm_s16le'), ('mov', 'pcm_s16le'), ('mp4', 'aac'), ('ts', 'mp2'), ('mkv', 'libopus')],
    'a clap in {} with {}: sound and picture stay together',
)
def clap(extension, codec):
    with folder() as where:
        source, result = (os.path.join(where, f'{name}.{extension}') for name in ('in', 'out'))
        write_clap(source, codec)
        copy = ['-map', '0', '-c:v', 'copy', '-c:a', codec, '-strict', '-2']
        times = []
        for filters in ('anull', 'percepnet=atten_lim=3'):
            ffmpeg(['-v', 'error', '-i', source, '-af', filters, *copy, result])
            times.append(clap_times(result))
        (wanted, pictures), (heard, others) = times
        check(pictures == others, 'the pictures or their times differ')
        off = abs(heard - wanted)
        check(off <= 48, f'the clap moved by {off} samples')  # a millisecond: Matroska's grain


@case('ffprobe reads the metadata through a lavfi source')
def probe():
    tags = ['-show_entries', 'frame_tags=lavfi.percepnet.voice_probability', '-of', 'csv=p=0']
    status, log, out = call([FFPROBE, '-v', 'error', *lavfi(f'{SOURCE},percepnet'), *tags])
    check_equal(status, 0, 'exit status\n' + log)
    check_equal(len(out.split()), 2 * RATE // HOP, 'values')


main()

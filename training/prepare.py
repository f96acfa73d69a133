#!/usr/bin/python3
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Decode the corpus once into flat files that the generator maps into memory.

    training/prepare.py DATA [--cache training/work/cache]

DATA holds speech.tsv, noise.tsv and rirs.tsv (see training/README.md). For each of speech, noise
and rooms, and for each split, the cache gets
    KIND.SPLIT.pcm   mono 48 kHz samples, one recording after the other (int16; rooms: float32)
    KIND.SPLIT.tsv   offset  length  bandwidth_hz  level_db  snr_db  group  category
offset and length are in samples; level_db is the RMS of the active part in dB of full scale;
group is the speaker of speech, the recording session of noise, the place of a room;
category is the source of speech, stationarity:kind of noise, RT60 in seconds of a room.
--voices-through gives each recording of speech to a command, and what it puts out is the voice from
then on: without the noise of its own recording, which would be learned as part of voices.
Recordings of the `valid` split never enter a `train` file: the splits are decoded into different
files.
"""
import argparse
import concurrent.futures
import csv
import os
import shlex
import subprocess
import sys
import zlib

import numpy as np

RATE = 48000
HEADER = ['offset', 'length', 'bandwidth_hz', 'level_db', 'snr_db', 'group', 'category']
SPLITS = ('train', 'valid')
HELD_OUT_ROOM = 6  # one room place in so many is held out
DECODED_AHEAD = 64  # files in memory


def decode(path):
    """Samples of an audio file as float32 at 48 kHz, decoded by FFmpeg, since libsndfile decodes
    some Opus files at a lower rate."""
    command = ['ffmpeg', '-v', 'error', '-nostdin', '-threads', '1', '-i', path,
               '-ac', '1', '-ar', str(RATE), '-f', 'f32le', '-']
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return np.frombuffer(done.stdout, np.float32)


def through(command, x):
    """What a command makes of samples: float32 at 48 kHz, headerless, and as many as it was given,
    or it raises ValueError."""
    done = subprocess.run(shlex.split(command), check=True, input=x.tobytes(),
                          stdout=subprocess.PIPE)
    if len(done.stdout) != x.nbytes:
        raise ValueError('--voices-through: of %d samples it put out %d: %s'
                         % (len(x), len(done.stdout) // x.itemsize, command))
    return np.frombuffer(done.stdout, np.float32)


def active_level_db(x, hop=480, range_db=25):
    """RMS of the 10 ms frames that are within range_db of the loud ones."""
    frames = x[:len(x) // hop * hop].reshape(-1, hop)
    if not len(frames):
        frames = x[None]
    power = np.mean(np.square(frames, dtype=np.float64), axis=1)
    loud = np.percentile(power, 95)
    active = power[power >= loud * 10 ** (-range_db / 10)]
    return 10 * np.log10(max(np.mean(active) if len(active) else 0, 1e-12))


def read_manifest(path):
    """Its rows; a quotation mark is a character as any other."""
    with open(path, newline='', encoding='utf-8') as f:
        return list(csv.DictReader(f, delimiter='\t', quoting=csv.QUOTE_NONE))


def read_entries(data, kind):
    manifest, make_entry = KINDS[kind]
    path = os.path.join(data, manifest)
    try:
        return keep_apart([make_entry(row) for row in read_manifest(path)])
    except KeyError as error:
        raise ValueError('%s has no column %s' % (path, error.args[0])) from error


def word(text):
    """As the generator reads it: without spaces, and never empty."""
    return '_'.join(text.split()) or '-'


def number(text, default):
    try:
        return float(text)
    except (TypeError, ValueError):
        return default


def speech_entry(row):
    return dict(path=row['path'], split=row['split'], group=row['speaker'], category=row['source'],
                bandwidth=number(row['effective_bandwidth_hz'], 24000),
                snr=number(row['est_snr_db'], 40))


def noise_entry(row):
    # The mixer keeps transients apart from backgrounds.
    category = row['stationarity'] + ':' + row['category']
    return dict(path=row['path'], split=row['split'], group=row['group'], category=category,
                bandwidth=number(row['effective_bandwidth_hz'], 24000), snr=0)


def room_place(path):
    """Responses measured in one place stay in one split: drop the channel, position and take
    numbers."""
    folder, name = os.path.split(path)
    stem = os.path.splitext(name)[0].split('_c')[0]
    return folder + '/' + ''.join(c for c in stem if not c.isdigit())


def room_entry(row):
    place = room_place(row['path'])
    split = 'valid' if zlib.crc32(place.encode()) % HELD_OUT_ROOM == 0 else 'train'
    rt60 = number(row['rt60_1khz'], number(row['rt60_est'], 0))
    usable = row['direct_onset_usable'] == 'yes' and number(row['drr_db'], 0) > -6 and rt60 <= 2.5
    return dict(path=row['path'], split=split if usable else None, group=place,
                category='%.2f' % rt60, bandwidth=24000, snr=number(row['drr_db'], 0))


KINDS = {'rooms': ('rirs.tsv', room_entry), 'noise': ('noise.tsv', noise_entry),
         'speech': ('speech.tsv', speech_entry)}


def quantise(x, peak_limit=0.98):
    peak = np.max(np.abs(x), initial=1e-9)
    return np.round(x * (32767 * min(1, peak_limit / peak))).astype(np.int16)


def keep_apart(entries):
    """Leaves out of `train` the groups that are in `valid` under any source: readers of LibriVox
    have the same number in every corpus made of it."""
    held_out = {e['group'] for e in entries if e['split'] == 'valid'}
    return [e for e in entries if e['split'] == 'valid' or e['group'] not in held_out]


def write_split(cache, kind, split, recordings):
    """Writes KIND.SPLIT.pcm and .tsv out of (entry, samples) pairs; returns count and hours."""
    stem = os.path.join(cache, '%s.%s' % (kind, split))
    offset = count = 0
    with open(stem + '.pcm.part', 'wb') as pcm, open(stem + '.tsv.part', 'w', newline='') as index:
        table = csv.writer(index, delimiter='\t', lineterminator='\n')
        table.writerow(HEADER)
        for entry, x in recordings:
            if entry['split'] != split:
                raise ValueError('%s is not of the split %s' % (entry['path'], split))
            if not len(x) or not np.isfinite(x).all():
                what = 'samples that are no numbers' if len(x) else 'no samples'
                print('skipped (%s):' % what, entry['path'], file=sys.stderr)
                continue
            samples = x.astype('<f4') if kind == 'rooms' else quantise(x)
            pcm.write(samples.tobytes())
            level = active_level_db(samples if kind == 'rooms' else samples / 32768)
            table.writerow([offset, len(x), int(entry['bandwidth']), '%.2f' % level,
                            '%.1f' % entry['snr'], word(entry['group']),
                            word(entry['category'])])
            offset += len(x)
            count += 1
    for end in ('.pcm', '.tsv'):
        os.replace(stem + end + '.part', stem + end)
    return count, offset / RATE / 3600


def decoded(entries, data, pool, command=None):
    """(entry, samples) pairs, files decoded ahead by the pool, a few at a time, and given to the
    command if there is one."""
    def samples(entry):
        x = decode(os.path.join(data, entry['path']))
        return through(command, x) if command and len(x) else x

    for at in range(0, len(entries), DECODED_AHEAD):
        part = entries[at:at + DECODED_AHEAD]
        yield from zip(part, pool.map(samples, part))


def prepare(data, cache, kinds=tuple(KINDS), workers=1, voices_through=None):
    """Both splits of the kinds, from the manifests in the folder data."""
    os.makedirs(cache, exist_ok=True)
    entries = {kind: read_entries(data, kind) for kind in kinds}
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        for kind in kinds:
            for split in SPLITS:
                wanted = [e for e in entries[kind] if e['split'] == split]
                command = voices_through if kind == 'speech' else None
                done = write_split(cache, kind, split, decoded(wanted, data, pool, command))
                print('%s %s: %d recordings, %.2f h' % (kind, split, *done), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('data', help='folder with speech.tsv, noise.tsv, rirs.tsv')
    parser.add_argument('--cache', default=os.path.join(os.path.dirname(__file__), 'work', 'cache'))
    parser.add_argument('--workers', type=int, default=1,
                        help='files decoded at a time (default 1)')
    parser.add_argument('--kinds', default=','.join(KINDS))
    parser.add_argument('--voices-through', metavar='COMMAND',
                        help='takes the noise of the recordings themselves out of the voices: '
                        'float32 samples at 48 kHz from its standard input to its output')
    args = parser.parse_args()
    kinds = args.kinds.split(',')
    if not set(kinds) <= set(KINDS):
        sys.exit('prepare.py: --kinds are out of ' + ', '.join(KINDS))
    try:
        prepare(args.data, args.cache, kinds, args.workers, args.voices_through)
    except subprocess.CalledProcessError as error:
        sys.exit('prepare.py: this failed: ' + shlex.join(error.cmd))
    except (OSError, ValueError) as error:
        sys.exit('prepare.py: %s' % error)


if __name__ == '__main__':
    main()

#!/usr/bin/python3
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Decode the corpus once into flat files that the generator maps into memory.

    training/prepare.py DATA [--cache training/work/cache]

DATA holds speech.tsv, noise.tsv and rirs.tsv (see training/README.md). For each of speech and noise,
and for each split, the cache gets
    KIND.SPLIT.pcm   mono 48 kHz samples, one recording after the other (int16; rooms: float32)
    KIND.SPLIT.tsv   offset  length  bandwidth_hz  level_db  snr_db  group  category
offset and length are in samples; level_db is the RMS of the active part in dB of full scale;
group is the speaker of speech, the recording session of noise, the place of a room;
category is the source of speech, stationarity:kind of noise, RT60 in seconds of a room.
Recordings of the `valid` split never enter a `train` file: the splits are decoded into different files.
"""
import argparse
import concurrent.futures
import csv
import os
import subprocess
import sys
import zlib

import numpy as np

RATE = 48000
HEADER = ['offset', 'length', 'bandwidth_hz', 'level_db', 'snr_db', 'group', 'category']
SPLITS = ('train', 'valid')
HELD_OUT_ROOM = 6  # one room place in so many is held out


def decode(path):
    """Samples of an audio file as float32 at 48 kHz. FFmpeg, since libsndfile decodes some Opus lower."""
    command = ['ffmpeg', '-v', 'error', '-nostdin', '-threads', '1', '-i', path,
               '-ac', '1', '-ar', str(RATE), '-f', 'f32le', '-']
    return np.frombuffer(subprocess.run(command, check=True, capture_output=True).stdout, np.float32)


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
    with open(path, newline='') as f:
        return list(csv.DictReader(f, delimiter='\t'))


def number(text, default):
    try:
        return float(text)
    except (TypeError, ValueError):
        return default


def speech_entry(row):
    return dict(path=row['path'], split=row['split'], group=row['speaker'], category=row['source'],
                bandwidth=number(row['effective_bandwidth_hz'], 24000), snr=number(row['est_snr_db'], 40))


def noise_entry(row):
    # The mixer keeps transients apart from backgrounds.
    category = row['stationarity'] + ':' + row['category']
    return dict(path=row['path'], split=row['split'], group=row['group'], category=category,
                bandwidth=number(row['effective_bandwidth_hz'], 24000), snr=0)


def room_place(path):
    """Responses measured in one place stay in one split: drop the channel, position and take numbers."""
    folder, name = os.path.split(path)
    return folder + '/' + ''.join(c for c in os.path.splitext(name)[0].split('_c')[0] if not c.isdigit())


def room_entry(row):
    place = room_place(row['path'])
    split = 'valid' if zlib.crc32(place.encode()) % HELD_OUT_ROOM == 0 else 'train'
    rt60 = number(row['rt60_1khz'], number(row['rt60_est'], 0))
    usable = row['direct_onset_usable'] == 'yes' and number(row['drr_db'], 0) > -6 and rt60 <= 2.5
    return dict(path=row['path'], split=split if usable else None, group=place, category='%.2f' % rt60,
                bandwidth=24000, snr=number(row['drr_db'], 0))


def quantise(x, peak_limit=0.98):
    peak = np.max(np.abs(x), initial=1e-9)
    return np.round(x * (32767 * min(1, peak_limit / peak))).astype(np.int16)


def keep_apart(entries):
    """Leaves out of `train` the groups that are in `valid` under any source: readers of LibriVox have the
    same number in every corpus made of it."""
    held_out = {e['group'] for e in entries if e['split'] == 'valid'}
    return [e for e in entries if e['split'] == 'valid' or e['group'] not in held_out]


def write_split(kind, split, entries, data, cache, workers):
    entries = [e for e in entries if e['split'] == split]
    stem = os.path.join(cache, '%s.%s' % (kind, split))
    offset = 0
    with open(stem + '.pcm.part', 'wb') as pcm, open(stem + '.tsv.part', 'w', newline='') as index, \
            concurrent.futures.ThreadPoolExecutor(workers) as pool:
        table = csv.writer(index, delimiter='\t', lineterminator='\n')
        table.writerow(HEADER)
        for entry, x in zip(entries, pool.map(lambda e: decode(os.path.join(data, e['path'])), entries)):
            if not len(x):
                print('skipped (no samples):', entry['path'], file=sys.stderr)
                continue
            samples = x if kind == 'rooms' else quantise(x)
            pcm.write(samples.tobytes())
            table.writerow([offset, len(x), int(entry['bandwidth']), '%.2f' % active_level_db(x),
                            '%.1f' % entry['snr'], entry['group'].replace(' ', '_'), entry['category']])
            offset += len(x)
    for end in ('.pcm', '.tsv'):
        os.replace(stem + end + '.part', stem + end)
    print('%s %s: %d recordings, %.2f h' % (kind, split, len(entries), offset / RATE / 3600), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('data', help='folder with speech.tsv, noise.tsv, rirs.tsv')
    parser.add_argument('--cache', default=os.path.join(os.path.dirname(__file__), 'work', 'cache'))
    parser.add_argument('--workers', type=int, default=1, help='files decoded at a time (default 1)')
    parser.add_argument('--kinds', default='rooms,noise,speech')
    args = parser.parse_args()
    os.makedirs(args.cache, exist_ok=True)
    kinds = {'rooms': ('rirs.tsv', room_entry), 'noise': ('noise.tsv', noise_entry),
             'speech': ('speech.tsv', speech_entry)}
    for kind in args.kinds.split(','):
        manifest, make_entry = kinds[kind]
        entries = keep_apart([make_entry(row) for row in read_manifest(os.path.join(args.data, manifest))])
        for split in SPLITS:
            write_split(kind, split, entries, args.data, args.cache, args.workers)


if __name__ == '__main__':
    main()

# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""A corpus made by code, small but with everything in it that the generator looks for: voices with
gaps between words, noises of the three kinds, rooms, in both splits.

As recordings (write_cache) or as a folder for prepare.py (write_data)."""
import csv
import os
import wave

import numpy as np

import prepare

RATE = prepare.RATE
SPEAKERS = {'train': 4, 'valid': 2}
PER_SPEAKER = 3
NOISES = ('stationary:fan', 'non-stationary:street', 'transient:keyboard')


def voice(random, seconds, bandwidth=20000):
    """Harmonics of a gliding pitch under two formants, in words of 0.15 to 0.5 s with gaps."""
    t = np.arange(int(seconds * RATE)) / RATE
    pitch = random.uniform(90, 250) * (1 + 0.1 * np.sin(2 * np.pi * random.uniform(0.5, 2) * t))
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    formants = random.uniform(300, 900), random.uniform(1000, 2500)
    x = np.zeros(len(t))
    for k in range(1, int(min(bandwidth, 8000) / pitch.mean())):
        f = k * pitch.mean()
        peak = sum(np.exp(-((f - centre) / 300) ** 2) for centre in formants)
        x += (0.05 + peak) / k ** 0.5 * np.sin(k * phase + random.uniform(0, 2 * np.pi))
    x += 0.003 * random.standard_normal(len(t)) * np.abs(x)
    gate, at = np.zeros(len(t)), int(random.uniform(0, 0.1) * RATE)
    while at < len(t):
        end = at + int(random.uniform(0.15, 0.5) * RATE)
        gate[at:end] = np.hanning(end - at)[:len(gate[at:end])] ** 0.3
        at = end + int(random.uniform(0.08, 0.4) * RATE)
    x *= gate
    return (0.3 * x / np.abs(x).max()).astype(np.float32)


def noise(random, kind, seconds):
    x = random.standard_normal(int(seconds * RATE))
    t = np.arange(len(x)) / RATE
    if kind.startswith('non-stationary'):
        x *= 0.3 + np.abs(np.sin(2 * np.pi * 0.7 * t))
    elif kind.startswith('transient'):
        x *= np.exp(-(t % 0.4) / 0.02)
    return (0.1 * x).astype(np.float32)


def room(random, rt60):
    t = np.arange(int(0.9 * rt60 * RATE)) / RATE
    h = 0.05 * random.standard_normal(len(t)) * 10 ** (-3 * t / rt60)
    h[:100] = 0
    h[100] = 1
    return h.astype(np.float32)


def recordings(kind, split, random):
    """(entry, samples) pairs as prepare.write_split takes them."""

    def entry(name, group, category, bandwidth=24000, snr=0):
        return dict(path='%s/%s_%s.wav' % (kind, split, name), split=split,
                    group='%s_%s' % (split, group), category=category, bandwidth=bandwidth, snr=snr)

    if kind == 'speech':
        for speaker in range(SPEAKERS[split]):
            for take in range(PER_SPEAKER):
                bandwidth = 7000 if speaker % 2 and take == 0 else 20000
                yield (entry('%d_%d' % (speaker, take), 'voice%d' % speaker, 'made', bandwidth, 40),
                       voice(random, 2.0, bandwidth))
    elif kind == 'noise':
        for category in NOISES:
            for take in range(2):
                name = '%s%d' % (category.split(':')[1], take)
                yield entry(name, name, category), noise(random, category, 2.0)
    else:
        for rt60 in (0.3, 0.6):
            yield entry('hall%d' % (10 * rt60), 'hall%d' % (10 * rt60), '%.2f' % rt60), room(random,
                                                                                            rt60)


def write_cache(folder, splits=prepare.SPLITS, seed=1):
    os.makedirs(folder, exist_ok=True)
    for i, split in enumerate(splits):
        random = np.random.default_rng([seed, i])
        for kind in prepare.KINDS:
            prepare.write_split(folder, kind, split, recordings(kind, split, random))
    return folder


def write_wav(path, x):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with wave.open(path, 'wb') as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.round(32767 * np.clip(x, -1, 1)).astype('<i2').tobytes())


def write_table(path, rows):
    with open(path, 'w', newline='') as file:
        table = csv.DictWriter(file, list(rows[0]), delimiter='\t')
        table.writeheader()
        table.writerows(rows)

# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Shards: what scenes.py writes is what the generator gives, whole or not at all."""
import functools
import os
import resource
import shutil
import subprocess
import sys
import tempfile

import numpy as np

import scenes
import shards
import synthetic_corpus
import tap
from generator import HOP, Generator
from tap import check

FOLDER = tempfile.TemporaryDirectory()
CACHE = synthetic_corpus.write_cache(os.path.join(FOLDER.name, 'cache'))
SCENES = os.path.join(os.path.dirname(shards.__file__), 'scenes.py')
COUNT, FRAMES = 4, 60
HOURS = COUNT * FRAMES * 0.01 / 3600  # of one shard


def run(folder, written, *options, **keywords):
    command = [sys.executable, SCENES, folder, '--cache', CACHE, '--scenes', str(COUNT), '--frames',
               str(FRAMES), '--hours', str((written - 0.5) * HOURS), *options]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          **keywords)


@functools.lru_cache
def folder():
    """Three shards, written in two runs, the numbers beginning with 5."""
    path = os.path.join(FOLDER.name, 'shards')
    for written in (2, 1):
        done = run(path, written, '--first', '5')
        check(done.returncode == 0, done.stderr)
    return path


@functools.lru_cache
def generator():
    return Generator(CACHE, 'train', fine=True)


def folders(path):
    return sorted(os.listdir(path))


def spectra(x):
    """Of the frames of 960 samples that targets belong to, from the first whole one on."""
    n = np.arange(2 * HOP) + 0.5
    window = np.sin(np.pi / 2 * np.sin(np.pi * n / (2 * HOP)) ** 2)
    frames = np.lib.stride_tricks.sliding_window_view(x.astype(np.float64), 2 * HOP)[::HOP]
    return np.fft.rfft(frames * window)


def test_numbers_go_on_and_nothing_else_is_left():
    check(folders(folder()) == ['00000005', '00000006', '00000007'], folders(folder()))
    about = shards.describe(folder(), 6)
    check(about['first'] == 6 * COUNT and about['count'] == COUNT, about)
    check(about['generator'] == generator().version and not about['teacher'], about)


def test_arrays_are_those_of_the_numbered_scenes():
    stored = shards.read(folder(), 6)
    for name, shape in shards.arrays(FRAMES).items():
        check(stored[name].shape == (COUNT, *shape), (name, stored[name].shape))
        check(np.isfinite(stored[name]).all(), name)
    for i in range(COUNT):
        for name, value in generator().sequence(6 * COUNT + i, FRAMES).items():
            check(np.array_equal(stored[name][i], value.astype(np.float16)), (name, i))


def test_without_a_teacher_its_weight_is_zero():
    stored = shards.read(folder(), 5)
    for name in ('teacher_gain', 'teacher_strength', 'teacher_weight'):
        check(not stored[name].any(), name)


@functools.lru_cache
def recorded():
    """The cache with noise in the voices' recordings, 30 dB below the loud ones."""
    path = os.path.join(FOLDER.name, 'recorded')
    shutil.copytree(CACHE, path)
    name = os.path.join(path, 'speech.train.pcm')
    voices = np.fromfile(name, np.int16)
    noise = np.random.default_rng(3).normal(0, 100, len(voices))
    np.clip(voices + noise, -32768, 32767).astype(np.int16).tofile(name)
    return path


def test_what_is_learned_is_the_voice_without_the_noise_of_its_recording():
    path = os.path.join(FOLDER.name, 'clean')
    done = run(path, 1, '--cache', recorded(), '--clean', CACHE)
    check(done.returncode == 0, done.stderr)
    stored = shards.read(path, 0)
    noisy_voices, clean_voices = Generator(recorded(), 'train', fine=True), generator()
    changes = []
    for i in range(COUNT):
        noisy, voice, what = noisy_voices.scene(i, FRAMES)
        clean = clean_voices.scene(i, FRAMES)[1]
        wanted = noisy_voices.targets(noisy, scenes.cleaned(voice, clean), what['bandwidth_hz'])
        check(np.abs(stored['gain'][i] - wanted['gain']).max() < 2e-3, i)
        check(np.abs(stored['features'][i] - wanted['features']).max() < 5e-3, i)
        as_recorded = noisy_voices.targets(noisy, voice, what['bandwidth_hz'])
        changes.append(np.abs(stored['gain'][i] - as_recorded['gain']).max())
    check(max(changes) > 0.1, changes)


def test_a_voice_that_changed_too_much_or_is_silent_stays():
    random = np.random.default_rng(4)
    voice = random.standard_normal(9600).astype(np.float32)
    clean = 0.5 * voice + 0.01 * random.standard_normal(9600).astype(np.float32)
    level = np.sqrt(np.mean(scenes.cleaned(voice, clean) ** 2) / np.mean(voice ** 2))
    check(abs(level - 1) < 0.01 and scenes.cleaned(voice, clean) is not voice, level)
    other = voice + 0.5 * random.standard_normal(9600).astype(np.float32)
    for away in (other, 0 * voice, -voice):
        check(scenes.cleaned(voice, away) is voice, 'taken')
    check(not scenes.cleaned(0 * voice, 0 * voice).any(), 'silence')


def test_a_clean_cache_of_other_recordings_is_told():
    other = synthetic_corpus.write_cache(os.path.join(FOLDER.name, 'other'))
    table = os.path.join(other, 'speech.train.tsv')
    with open(table) as file:
        lines = file.readlines()
    with open(table, 'w') as file:
        file.writelines(lines[:-1])
    done = run(os.path.join(FOLDER.name, 'none'), 1, '--clean', other)
    check(done.returncode == 1 and 'other recordings' in done.stderr.splitlines()[-1], done.stderr)
    check('Traceback' not in done.stderr, done.stderr)


def test_error_of_a_gain_is_that_of_the_spectra():
    for number in range(6):
        noisy, clean, what = generator().scene(number, FRAMES)
        bands, scale = shards.scaled_bands(generator().targets(noisy, clean, 24000.)['bands'])
        bands = bands.astype(np.float16).astype(np.float64)
        y, x = spectra(noisy), spectra(clean)
        for gain in (0., 0.3, 1.):
            expected = (np.abs(x - gain * y) ** 2)[:, :401].sum(1)  # the bands sum to 1 up there
            got = scale * shards.band_error(np.full(34, gain), np.zeros(34), bands).sum(1)
            got = got[3:]  # hop t is of the frame that ends with hop t - 2
            expected = expected[:len(got)]
            loudest = (np.abs(x) ** 2).sum(1).max() + (np.abs(y) ** 2).sum(1).max()
            error = np.abs(got - expected) / (expected + 1e-7 * loudest)
            check(error.max() < 1e-2, (number, gain, error.max()))


def test_clean_voice_has_no_error_at_gain_one_and_all_at_zero():
    _, clean, _ = generator().scene(3, FRAMES)
    bands, _ = shards.scaled_bands(generator().targets(clean, clean, 24000.)['bands'])
    bands = bands.astype(np.float16).astype(np.float32)
    check(not shards.band_error(np.ones(34), np.zeros(34), bands).any(), 'gain 1')
    check(np.array_equal(shards.band_error(np.zeros(34), np.zeros(34), bands), bands[:, 0]), '0')


def test_energy_of_the_output_is_that_of_the_definition():
    noisy, clean, _ = generator().scene(2, FRAMES)
    bands = generator().targets(noisy, clean, 24000.)['bands'].astype(np.float64)
    xx, dd, qq, xd, xq, dq = (bands[:, i] for i in range(6))
    gain, strength = np.full(34, 0.7), np.full(34, 0.4)
    # |g M|^2 with M = X + E, and |X - g M|^2 + 2 g <X, M> - |X|^2
    xm = xx + 0.6 * xd + 0.4 * xq
    expected = shards.band_error(gain, strength, bands) + 2 * 0.7 * xm - xx
    got = shards.output_energy(gain, strength, bands)
    check(np.allclose(got, expected, rtol=1e-4, atol=1e-5 * xx.max()), np.abs(got - expected).max())


def test_oldest_shards_give_way_and_stay_readable_where_mapped():
    path = os.path.join(FOLDER.name, 'few')
    check(run(path, 1).returncode == 0, 'first')
    mapped = shards.read(path, 0)
    before = mapped['features'][:].copy()
    size = sum(entry.stat().st_size for entry in os.scandir(shards.path(path, 0)))
    done = run(path, 3, '--quota', str(2.5 * size / 1e9))
    check(done.returncode == 0, done.stderr)
    check(folders(path) == ['00000002', '00000003'], folders(path))
    check(np.array_equal(mapped['features'], before), 'the mapped array has changed')


def test_what_a_killed_writer_left_is_no_shard_and_is_removed():
    path = os.path.join(FOLDER.name, 'cut')
    for name in ('.00000000.part', '.00000009.part', '.00000003.gone'):
        os.makedirs(os.path.join(path, name))
    check(shards.numbers(path) == [], 'seen')
    check(run(path, 1).returncode == 0 and folders(path) == ['00000000'], folders(path))


def test_missing_cache_is_told():
    done = subprocess.run([sys.executable, SCENES, os.path.join(FOLDER.name, 'none'), '--cache',
                           os.path.join(FOLDER.name, 'nothing')],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    check(done.returncode == 1 and 'run prepare.py' in done.stderr, done.stderr)


def limit_file_size():
    resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))


def test_a_full_disk_is_told_in_a_line():
    path = os.path.join(FOLDER.name, 'full')
    done = run(path, 1, preexec_fn=limit_file_size)
    check(done.returncode == 1 and 'cannot be written' in done.stderr, done.stderr)
    check(path in done.stderr and len(done.stderr.splitlines()) == 1, done.stderr)
    check(shards.numbers(path) == [], folders(path))


tap.run_module(dict(globals()))

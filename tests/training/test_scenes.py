# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""The scenes of the generator and what it learns from them: test_scenes.py FEATURES_TOOL"""
import functools
import glob
import os
import shutil
import subprocess
import sys
import tempfile

import numpy as np
import scipy.io.wavfile

import model_file
import synthetic_corpus
import tap
from generator import FEATURES, HOP, Generator
from tap import check

FEATURES_TOOL = sys.argv[1]
FOLDER = tempfile.TemporaryDirectory()
CACHE = synthetic_corpus.write_cache(os.path.join(FOLDER.name, 'cache'))
RENDER = os.path.join(os.path.dirname(os.path.abspath(model_file.__file__)), 'render.py')
MISSING = 99
BANDS_HZ = 50 * np.array(model_file.BAND_CENTRES)


@functools.lru_cache
def generator():
    return Generator(CACHE, 'train')


@functools.lru_cache
def fine_generator():
    return Generator(CACHE, 'train', fine=True)


def with_shares(**shares):
    """A generator whose scenes have what is named, and nothing else of shares.hpp."""
    names = ('noise_only clean_only reverberant small_room formants moving_voice place synthetic '
             'moving_noise household distant noise_room next_room room_tone microphone '
             'codec').split()
    path = os.path.join(FOLDER.name, 'shares.ini')
    with open(path, 'w') as file:
        file.writelines('%s = %g\n' % (name, shares.get(name, 0)) for name in names)
    return Generator(CACHE, 'train', shares=path)


@functools.lru_cache
def scenes():
    """200 scenes of 1.5 s."""
    return [generator().scene(number, 150) for number in range(200)]


def test_rendered_scenes_are_pairs_of_files():
    out = os.path.join(FOLDER.name, 'rendered')
    subprocess.run([sys.executable, RENDER, out, '--cache', CACHE, '--split', 'train', '--scenes',
                    '3', '--seconds', '1.5', '--first', '7'], check=True)
    names = sorted(os.listdir(os.path.join(out, 'noisy')))
    check(len(names) == 3 and names == sorted(os.listdir(os.path.join(out, 'clean'))), names)
    for name in names:
        (rate, noisy), (_, clean) = (scipy.io.wavfile.read(os.path.join(out, kind, name))
                                     for kind in ('noisy', 'clean'))
        scene = generator().scene(int(name[:8]), 150)
        peak = max(1, np.abs(scene[0]).max())
        check(rate == 48000 and np.allclose(noisy, scene[0] / peak, atol=1e-6), name)
        check(np.allclose(clean, scene[1] / peak, atol=1e-6), name)
        check(power_db(clean) > -60 and power_db(noisy - clean) > -200, name)


def test_rendering_without_a_cache_is_told_in_a_line():
    out = os.path.join(FOLDER.name, 'nothing')
    done = subprocess.run([sys.executable, RENDER, out, '--cache',
                           os.path.join(FOLDER.name, 'none')], capture_output=True, text=True,
                          check=False)
    check(done.returncode == 1 and 'run prepare.py' in done.stderr, done.stderr)
    check(len(done.stderr.splitlines()) == 1, done.stderr)
    check(not os.path.exists(out), 'folders for nothing')


def active_level_db(x):
    power = np.mean(x[:len(x) // HOP * HOP].reshape(-1, HOP).astype(np.float64) ** 2, 1)
    return 10 * np.log10(power[power >= power.max() * 10 ** -2.5].mean() + 1e-15)


def power_db(x):
    return 10 * np.log10(np.mean(x.astype(np.float64) ** 2) + 1e-15)


def same(a, b):
    return all(np.array_equal(x, y) for x, y in zip(a[:2], b[:2])) and a[2] == b[2]


def message_of_failure(folder, shares=''):
    try:
        Generator(folder, 'train', shares=shares)
    except RuntimeError as error:
        return str(error)
    raise AssertionError('was accepted')


def test_same_number_gives_the_same_scene():
    other = Generator(CACHE, 'train')
    for number in (199, 7, 0):
        check(same(scenes()[number], other.scene(number, 150)), number)
    check(not same(scenes()[0], scenes()[1]), 'two numbers, one scene')


def test_signals_are_finite_and_in_range():
    for number, (noisy, clean, _) in enumerate(scenes()):
        check(np.isfinite(noisy).all() and np.isfinite(clean).all(), number)
        check(np.abs(noisy).max() < 1.5, number)


def test_some_voices_are_far_from_full_scale():
    levels = np.array([active_level_db(clean) for _, clean, _ in scenes() if np.any(clean)])
    check(0.05 < np.mean(levels < -45) < 0.2, np.mean(levels < -45))
    check(-30 < np.median(levels) < -24, np.median(levels))


def test_median_snr_is_the_stated_one():
    errors = [active_level_db(clean) - active_level_db(noisy - clean) - what['snr_db']
              for noisy, clean, what in scenes()
              if not what['reverberant'] and abs(what['snr_db']) < 25 and np.any(clean)]
    check(len(errors) > 40, len(errors))
    check(abs(np.median(errors)) < 0.7, np.median(errors))


def lag_of(noisy, clean):
    """By how many samples the noisy signal is late."""
    spectrum = np.fft.rfft(noisy, 2 * len(noisy)) * np.fft.rfft(clean, 2 * len(clean)).conj()
    lag = int(np.argmax(np.abs(np.fft.irfft(spectrum))))
    return lag if lag < len(noisy) else lag - 2 * len(noisy)


def test_target_is_aligned_with_the_mixture():
    uncoded, wrong, count = with_shares(reverberant=0.5, distant=0.3, microphone=0.4), [], 0
    for number in range(200):
        noisy, clean, what = uncoded.scene(number, 150)
        if what['snr_db'] < 10 or power_db(clean) < power_db(noisy - clean):
            continue
        count += 1
        if lag_of(noisy, clean):
            wrong.append((number, lag_of(noisy, clean)))
    check(count > 50 and not wrong, (count, wrong))


def test_some_scenes_lack_noise_or_voice():
    snr = np.array([what['snr_db'] for _, _, what in scenes()])
    check(0.03 < np.mean(snr == MISSING) < 0.14, np.mean(snr == MISSING))
    check(0.02 < np.mean(snr == -MISSING) < 0.11, np.mean(snr == -MISSING))
    for _, clean, what in scenes():
        check(what['snr_db'] != -MISSING or power_db(clean) < -120, 'voice in noise alone')


def test_half_of_the_voices_are_in_a_room_whose_late_part_is_no_target():
    share = np.mean([what['reverberant'] for *_, what in scenes() if what['snr_db'] != -MISSING])
    check(0.4 < share < 0.6, share)
    late = {False: [], True: []}  # what is removed from voices without noise, dB of the voice
    for noisy, clean, what in scenes():
        if what['snr_db'] == MISSING and np.abs(noisy).max() < 0.999:
            late[bool(what['reverberant'])].append(power_db(noisy - clean) - power_db(clean))
    check(np.median(late[False]) < -25, late)
    check(np.median(late[True]) > -20, late)


def test_codecs_and_version_are_told():
    check(generator().version >= 3, generator().version)
    check(generator().codecs.startswith('mu-law a-law'), generator().codecs)


def test_what_codecs_leave_is_aligned_with_the_target():
    # Where the level is that of calls; a codec of speech bends the phases of this made voice.
    coded, lags = with_shares(clean_only=1, codec=1), []
    for number in range(40):
        noisy, clean, what = coded.scene(number, 150)
        check(what['bandwidth_hz'] <= 19500, what)
        if np.abs(noisy).max() < 0.999 and power_db(clean) > -45:
            lags.append(abs(lag_of(noisy, clean)))
    check(len(lags) > 20 and np.mean(np.array(lags) <= 6) >= 0.8, lags)


def unevenness_db(x):
    """Spread of the level over time: high where pauses are heard."""
    power = np.mean(x.reshape(-1, HOP).astype(np.float64) ** 2, 1)
    return np.std(10 * np.log10(power + 1e-9 * power.max()))


def test_talkers_are_added_to_the_noise_and_the_target_has_none():
    near, far = with_shares(noise_only=1), with_shares(noise_only=1, distant=1)
    more = []
    for number in range(40):
        noisy, clean, _ = far.scene(number, 150)
        check(power_db(clean) < -120, 'a distant talker in the target')
        more.append(unevenness_db(noisy) - unevenness_db(near.scene(number, 150)[0]))
    check(np.mean(np.abs(more)) > 1, np.mean(np.abs(more)))


def test_each_share_changes_scenes():
    plain = with_shares()
    for name in ('formants', 'moving_voice', 'household', 'room_tone', 'microphone'):
        other = with_shares(**{name: 1})
        changed = sum(not same(plain.scene(number, 150), other.scene(number, 150))
                      for number in range(20))
        check(changed >= 17, (name, changed))  # some have no voice yet


def test_noise_in_its_place_has_the_stated_snr():
    plain = with_shares()
    for name in ('distant', 'noise_room', 'next_room', 'moving_noise', 'place',
                 'synthetic'):
        other, errors, changed = with_shares(**{name: 1}), [], 0
        for number in range(60):
            noisy, clean, what = other.scene(number, 150)
            changed += not same(plain.scene(number, 150), (noisy, clean, what))
            if abs(what['snr_db']) < 25 and np.any(clean):
                errors.append(active_level_db(clean) - active_level_db(noisy - clean) -
                              what['snr_db'])
        check(changed > 40, (name, changed))
        check(abs(np.median(errors)) < 1, (name, np.median(errors)))


def test_unknown_shares_are_told():
    path = os.path.join(FOLDER.name, 'bad.ini')
    with open(path, 'w') as file:
        file.write('codecs = 0.5\n')
    check('codecs = 0.5' in message_of_failure(CACHE, path), message_of_failure(CACHE, path))


def test_sequences_are_finite_and_in_range():
    for number in range(200):
        for name, value in generator().sequence(number, 60).items():
            check(np.isfinite(value).all(), (number, name))
            if name == 'features':
                check(np.abs(value).max() < 8, number)
            else:
                check(value.min() >= 0 and value.max() <= 1, (number, name))


def test_targets_of_noise_alone_are_zero_gains():
    number = next(n for n, scene in enumerate(scenes()) if scene[2]['snr_db'] == -MISSING)
    sequence = generator().sequence(number, 150)
    check(sequence['gain'][5:].max() < 1e-3 and not sequence['voice'].any(), number)


def test_bands_beyond_the_bandwidth_count_little():
    limited = 0
    for number, (*_, what) in enumerate(scenes()[:60]):
        beyond = BANDS_HZ > what['bandwidth_hz']
        if not beyond.any():
            continue
        limited += 1
        sequence = generator().sequence(number, 150)
        check(sequence['gain_weight'][:, beyond].max() <= 0.25, number)
        check(not sequence['strength_weight'][:, beyond].any(), number)
    check(limited > 10, limited)


def test_features_are_those_of_the_library():
    for number in (3, 11, 42):
        noisy = scenes()[number][0]
        for fine, source in ((0, generator()), (1, fine_generator())):
            expected = source.sequence(number, 150)['features']
            run = subprocess.run([FEATURES_TOOL, '2', str(fine)], input=noisy.tobytes(),
                                 stdout=subprocess.PIPE, check=True)
            got = np.frombuffer(run.stdout, '<f4').reshape(expected.shape)
            check(np.abs(got - expected).max() < 1e-4, (number, np.abs(got - expected).max()))


def test_fine_features_come_after_the_others():
    plain = generator().sequence(3, 150)
    for name, value in fine_generator().sequence(3, 150).items():
        check(np.array_equal(value[:, :FEATURES], plain[name]), name)


def fine_reference(x):
    """The fine features of whole hops, in double precision."""
    size = 6 * HOP
    window = np.sqrt(HOP / (.375 * size)) * np.hanning(size + 1)[:-1]
    padded = np.concatenate([np.zeros(size - HOP), x])
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::HOP]
    power = np.abs(np.fft.rfft(frames * window)) ** 2 * (32768 / 960) ** 2
    centres = 3 * np.array(model_file.BAND_CENTRES)
    middles = (centres[1:] + centres[:-1]) / 2
    edges = np.concatenate([[0], middles, [2 * centres[-1] - middles[-1]]])
    parts = []
    for low, high in zip(edges[:-1], edges[1:]):
        bins = np.floor(low + (high - low) * np.arange(7) / 6 + 1e-9).astype(int)
        parts += [power[:, a:max(b, a + 1)].mean(1) for a, b in zip(bins[:-1], bins[1:])]
    return .4 * (np.log10(1e-2 + np.stack(parts, 1)) - 3)


def test_fine_features_are_those_of_the_definition():
    for number in (3, 11, 42):
        expected = fine_reference(scenes()[number][0].astype(np.float64))
        got = fine_generator().sequence(number, 150)['features'][:, FEATURES:]
        check(got.shape == expected.shape, got.shape)
        check(np.abs(got - expected).max() < 2e-3, (number, np.abs(got - expected).max()))


def test_training_scenes_need_no_file_of_the_valid_split():
    alone = os.path.join(FOLDER.name, 'alone')
    os.makedirs(alone)
    for path in glob.glob(os.path.join(CACHE, '*.train.*')):
        shutil.copy(path, alone)
    train = Generator(alone, 'train')
    check(all(same(scenes()[n], train.scene(n, 150)) for n in range(20)), 'scenes differ')


def test_valid_scenes_are_others():
    valid = Generator(CACHE, 'valid')
    check(not any(same(scenes()[n], valid.scene(n, 150)) for n in range(20)), 'scenes are shared')


def test_missing_cache_and_short_files_are_told():
    check('run prepare.py' in message_of_failure(os.path.join(FOLDER.name, 'nothing')), 'missing')
    damaged = os.path.join(FOLDER.name, 'damaged')
    shutil.copytree(CACHE, damaged)
    with open(os.path.join(damaged, 'noise.train.pcm'), 'r+b') as file:
        file.truncate(1000)
    check('shorter than its index' in message_of_failure(damaged), message_of_failure(damaged))


tap.run_module(dict(globals()))

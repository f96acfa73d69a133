# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""The oracle ladder on a voice in noise: each rung is above the last: test_oracle.py ORACLE"""
import functools
import os
import shutil
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import scipy.io.wavfile

import metrics
import synthetic_corpus
import tap
from tap import check

ORACLE = sys.argv[1]
FOLDER = tempfile.TemporaryDirectory()
RUNGS = ('ideal-bins', 'ideal-bands', 'ideal-strengths', 'ideal-attenuation', 'ideal-post-filter')


def place(*names):
    return os.path.join(FOLDER.name, *names)


@functools.lru_cache
def clips():
    """Noisy and clean: a voice in white noise, SNR 5 dB."""
    random = np.random.default_rng(4)
    clean = synthetic_corpus.voice(random, 4.0)
    noise = random.standard_normal(len(clean))
    noise *= np.linalg.norm(clean) / np.linalg.norm(noise) / 10 ** (5 / 20)
    for folder, x in (('noisy', clean + noise), ('clean', clean)):
        synthetic_corpus.write_wav(place(folder, 'a.wav'), x)
    return clean + noise, clean


def run(*arguments):
    return subprocess.run([ORACLE, *arguments], capture_output=True, text=True, check=False)


@functools.lru_cache
def rung(name):
    """The samples that the tool wrote."""
    clips()
    if not os.path.exists(place('out')):
        done = run(place('noisy'), place('clean'), place('out'))
        check(done.returncode == 0, done.stderr)
        check(sorted(os.listdir(place('out'))) == sorted(RUNGS), os.listdir(place('out')))
    with warnings.catch_warnings():  # about chunks other than samples
        warnings.simplefilter('ignore', scipy.io.wavfile.WavFileWarning)
        rate, x = scipy.io.wavfile.read(place('out', name, 'a.wav'))
    check(rate == synthetic_corpus.RATE, rate)
    return x.astype(np.float64)


def score(x):
    return metrics.si_sdr(clips()[1].astype(np.float64), x)


def test_all_rungs_have_the_length_of_the_input_and_no_lag():
    clean = clips()[1].astype(np.float64)
    for name in RUNGS:
        x = rung(name)
        check(len(x) == len(clean) and np.isfinite(x).all(), name)
        products = np.fft.rfft(x, 2 * len(x)) * np.fft.rfft(clean, 2 * len(x)).conj()
        check(np.argmax(np.fft.irfft(products)) == 0, name)


def test_ideal_band_gains_are_above_the_noisy_signal():
    gain = score(rung('ideal-bands')) - score(clips()[0])
    check(gain > 3, gain)


def test_ideal_strengths_are_above_band_gains_alone():
    gain = score(rung('ideal-strengths')) - score(rung('ideal-bands'))
    check(gain > 0.5, gain)


def test_a_rung_is_scored_by_evaluate():
    if not shutil.which('ffmpeg'):
        raise tap.Skip('needs ffmpeg')
    script = os.path.join(os.path.dirname(metrics.__file__), 'evaluate.py')
    ours, theirs = score(rung('ideal-bands')), score(rung('ideal-strengths'))
    done = subprocess.run([sys.executable, script, '--as-is', '--noisy', place('out/ideal-bands'),
                           '--clean', place('clean'), '--against', place('out/ideal-strengths')],
                          capture_output=True, text=True, check=True)
    own, difference, count = done.stdout.splitlines()
    check('si_sdr %.3f' % ours in own and count == '1 files', done.stdout)
    expected = 'si_sdr %.3f' % (ours - theirs)
    check(difference.startswith('against') and expected in difference, done.stdout)


def test_wrong_use_and_wrong_files_are_told():
    check(run().returncode == 2, 'no arguments')
    os.makedirs(place('empty'), exist_ok=True)
    clips()
    done = run(place('noisy'), place('empty'), place('out2'))
    check(done.returncode == 1 and 'mono file at 48000 Hz' in done.stderr, done.stderr)


tap.run_module(dict(globals()))

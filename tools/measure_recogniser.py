#!/usr/bin/env python3
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Word errors of a recogniser with and without enhancement.

    tools/measure_recogniser.py --percepnet PROGRAM SPEECH NOISE [--snr 20 10 5 0]

SPEECH: a folder of clean recordings (anything libsndfile reads); the words of talk.flac are in
talk.txt. Without that file they are what the recogniser hears in the clean recording: the figures
are then words that change, and 0 for clean speech as it is. NOISE: a folder of noises, one for each
recording in turn, mixed in at each SNR (dB, of the whole recordings at 16 kHz).

The recogniser is PocketSphinx with its own American English model (Debian: pocketsphinx,
pocketsphinx-en-us; also python3-numpy, python3-scipy, python3-soundfile). Intervals are of 95 %, by
drawing recordings anew 2000 times. All of it is repeatable: nothing else is random."""

import argparse
import concurrent.futures
import pathlib
import re
import subprocess
import tempfile

import numpy as np
import scipy.signal
import soundfile

RATE = 16000
SETTINGS = {"as it is": None, "default": [], "12 dB at most": ["--attenuation-limit", "12"],
            "20 dB at most": ["--attenuation-limit", "20"],
            "no post-filter": ["--post-filter", "0"]}
DRAWS = 2000


def read(path):
    samples, rate = soundfile.read(path, always_2d=True)
    common = np.gcd(rate, RATE)
    return scipy.signal.resample_poly(samples.mean(axis=1), RATE // common, rate // common)


def mix(speech, noise, snr):
    noise = np.resize(noise, len(speech))
    gain = np.sqrt(np.mean(speech ** 2) / max(np.mean(noise ** 2), 1e-12) / 10 ** (snr / 10))
    mixed = speech + gain * noise
    return mixed / max(1.0, np.abs(mixed).max())


def words(text):
    return re.findall(r"[a-z']+", text.lower())


def hear(path):
    done = subprocess.run(["pocketsphinx_continuous", "-infile", path, "-logfn", "/dev/null"],
                          capture_output=True, text=True, check=True)
    return words(done.stdout)


def errors(wanted, heard):
    """Least number of words to put in, leave out or exchange."""
    row = np.arange(len(heard) + 1)
    for i, word in enumerate(wanted, 1):
        last, row = row, np.full(len(heard) + 1, i)
        for j, other in enumerate(heard, 1):
            row[j] = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (word != other))
    return int(row[-1])


def enhanced(program, options, source, target):
    subprocess.run([program, "--force", *options, source, target], check=True,
                   capture_output=True)
    return target


def measure(job):
    """Errors of one recording: {(SNR or None, setting): count}, and its number of words."""
    program, path, noise, snrs = job
    speech, noise = read(path), read(noise)
    with tempfile.TemporaryDirectory() as folder:
        given, cleaned = pathlib.Path(folder, "given.wav"), pathlib.Path(folder, "cleaned.wav")
        soundfile.write(given, speech, RATE)
        text = path.with_suffix(".txt")
        wanted = words(text.read_text(encoding="utf-8")) if text.exists() else hear(given)
        counts = {}
        for snr in (None, *snrs):
            soundfile.write(given, speech if snr is None else mix(speech, noise, snr), RATE)
            for name, options in SETTINGS.items():
                heard = given if options is None else enhanced(program, options, given, cleaned)
                counts[snr, name] = errors(wanted, hear(heard))
    return len(wanted), counts


def interval(counts, lengths):
    draws = np.random.default_rng(1).integers(0, len(counts), (DRAWS, len(counts)))
    rates = 100 * counts[draws].sum(axis=1) / lengths[draws].sum(axis=1)
    return np.percentile(rates, [2.5, 97.5])


def table(results, snrs):
    lengths = np.array([length for length, _ in results])
    print("| SNR |" + "".join(f" {name} |" for name in SETTINGS))
    print("|---|" + "---|" * len(SETTINGS))
    for snr in (None, *snrs):
        cells = []
        for name in SETTINGS:
            counts = np.array([found[snr, name] for _, found in results])
            low, high = interval(counts, lengths)
            cells.append(f"{100 * counts.sum() / lengths.sum():.0f} ({low:.0f} to {high:.0f})")
        print(f"| {'clean' if snr is None else f'{snr:g} dB'} | {' | '.join(cells)} |")
    print(f"\n{len(results)} recordings, {lengths.sum()} words; errors in % of the words.")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("speech", type=pathlib.Path)
    parser.add_argument("noise", type=pathlib.Path)
    parser.add_argument("--percepnet", default="percepnet", help="the command line")
    parser.add_argument("--snr", type=float, nargs="+", default=[20, 10, 5, 0])
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    sounds = [sorted(path for path in folder.iterdir() if path.suffix != ".txt")
              for folder in (options.speech, options.noise)]
    if not all(sounds):
        parser.error("SPEECH and NOISE must have recordings")
    jobs = [(options.percepnet, path, sounds[1][i % len(sounds[1])], options.snr)
            for i, path in enumerate(sounds[0])]
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        results = [found for found in pool.map(measure, jobs) if found[0] > 0]
    table(results, options.snr)


if __name__ == "__main__":
    main()

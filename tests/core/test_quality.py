# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""The built-in model does its job on the shipped real recordings: between the words the noise falls
by 15 dB or more, the words stay, and the first half second is no exception.

    test_quality.py PERCEPNET SAMPLES_DIR"""
import os
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import scipy.signal
    import soundfile
except ImportError as error:
    print('skipped: %s (apt-get install python3-scipy python3-soundfile)' % error)
    sys.exit(77)

HOP = 480


def levels(x):
    """dB of 10 ms frames above 100 Hz, where voices are."""
    x = scipy.signal.sosfilt(scipy.signal.butter(4, 100, 'highpass', fs=48000, output='sos'), x)
    frames = x[:len(x) // HOP * HOP].reshape(-1, HOP)
    return 10 * np.log10(np.mean(frames ** 2, 1) + 1e-12)


def check(name, ok, text):
    print('%s %s: %s' % ('ok' if ok else 'FAILED', name, text))
    return ok


def test(program, path, scratch):
    name = os.path.basename(path)
    out = os.path.join(scratch, name.replace('.flac', '.wav'))
    subprocess.run([program, path, out], check=True, stdout=subprocess.DEVNULL)
    before, after = (soundfile.read(p)[0] for p in (path, out))
    lengths = len(before), len(after)
    good = check(name, lengths[0] == lengths[1], '%d samples in, %d out' % lengths)
    a, b = levels(before), levels(after)
    smooth = np.convolve(a, np.ones(9) / 9, 'same')
    pauses, words = smooth < np.percentile(smooth, 20), a > np.percentile(a, 92)
    fall = np.mean(a[pauses] - b[pauses])
    loss = np.median(a[words] - b[words])  # some loud frames are clicks between the sentences
    good &= check(name, fall >= 15, 'noise between words falls by %.1f dB (15 or more)' % fall)
    good &= check(name, loss <= 1, 'loud speech falls by %.1f dB (1 at most)' % loss)
    quiet_start = pauses.copy()
    quiet_start[50:] = False
    if quiet_start.any():
        start = np.mean(a[quiet_start] - b[quiet_start])
        good &= check(name, start >= 10, 'in the first 0.5 s by %.1f dB (10 or more)' % start)
    return good


def main():
    program, samples = sys.argv[1:]
    with tempfile.TemporaryDirectory() as scratch:
        results = [test(program, os.path.join(samples, name), scratch)
                   for name in sorted(os.listdir(samples)) if name.endswith('.flac')]
    sys.exit(0 if results and all(results) else 1)


if __name__ == '__main__':
    main()

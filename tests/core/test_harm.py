# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""The built-in model does no harm to a voice: clean, quiet, band-limited, after a minute of
silence, or cut off at the start. The voice is that of the shipped recordings, enhanced once; what
is measured is how much its loud frames change when it is enhanced again. And a constant offset
does not reach the estimate: the recordings are enhanced alike with and without. Nor does a bad
sample leave much behind.

    test_harm.py PERCEPNET SAMPLES_DIR [OPTION of percepnet ...], e.g. --model FILE"""
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

RATE, HOP = 48000, 480
MINUTE = 60 * RATE


class Voice:
    def __init__(self, command, path, scratch):
        self.command, self.scratch = command, scratch
        self.recording = soundfile.read(path)[0]
        self.samples = self.enhanced(self.recording)

    def enhanced(self, x):
        source, target = (os.path.join(self.scratch, name) for name in ('in.wav', 'out.wav'))
        soundfile.write(source, x, RATE, 'FLOAT')
        subprocess.run([*self.command, '--force', '--quiet', source, target], check=True)
        return soundfile.read(target)[0]

    def change(self, x, first=0):
        """dB by which the loud frames of x, from sample `first` on, change: median and lowest
        twentieth."""
        y = self.enhanced(x)
        before, after = (levels(signal[first:]) for signal in (x, y))
        loud = before > np.max(before) - 15
        difference = (after - before)[loud]
        return np.median(difference), np.percentile(difference, 5)

    def change_by_offset(self, offset):
        """dB of what an offset changes, over the voice: from the second on that it may take to
        know the offset; that itself may stay or go."""
        difference = (self.enhanced(self.recording + offset) - self.samples)[RATE:]
        return 10 * np.log10(np.var(difference) / np.mean(self.samples[RATE:] ** 2))

    def changes_by_bad_samples(self):
        """dB of what is left of a bad sample, from 10 hops after it on, over the voice: of each bad
        sample at each of several places."""
        for at in np.linspace(0.1, 0.8, 8) * len(self.recording):
            here = slice(int(at) + 10 * HOP, int(at) + 10 * HOP + RATE)
            for bad in (np.nan, np.inf, -3e38):
                x = self.recording.copy()
                x[int(at)] = bad
                difference = self.enhanced(x)[here] - self.samples[here]
                yield 10 * np.log10(np.mean(difference ** 2) / np.mean(self.samples[here] ** 2)
                                    + 1e-12)


def levels(x):
    frames = x[:len(x) // HOP * HOP].reshape(-1, HOP)
    return 10 * np.log10(np.mean(frames ** 2, 1) + 1e-15)


def low_passed(x, hz):
    return scipy.signal.sosfiltfilt(scipy.signal.butter(8, hz, fs=RATE, output='sos'), x)


def from_the_middle_of_a_word(x):
    """The signal from its loudest tenth of a second on: it begins in full voice."""
    level = np.convolve(levels(x), np.ones(10), 'valid')
    return x[int(np.argmax(level[:len(level) // 2])) * HOP:]


def cases(voice):
    """Name, signal, where to begin to measure, limits in dB of the median and of the lowest
    twentieth."""
    x = voice.samples
    silence = np.zeros(MINUTE)
    yield 'clean', x, 0, 0.5, 2
    yield '30 dB quieter', x * 10 ** (-30 / 20), 0, 0.5, 3
    yield 'up to 8 kHz', low_passed(x, 8000), 0, 0.5, 2
    yield 'up to 3.4 kHz', low_passed(x, 3400), 0, 0.5, 2
    yield 'after a minute of silence', np.concatenate([silence, x]), MINUTE, 0.5, 2
    yield 'its first half second', from_the_middle_of_a_word(x)[:RATE // 2], 0, 1, 3


def main():
    program, samples, *options = sys.argv[1:]
    good = True
    with tempfile.TemporaryDirectory() as scratch:
        for name in sorted(os.listdir(samples)):
            if not name.endswith('.flac'):
                continue
            voice = Voice([program, *options], os.path.join(samples, name), scratch)
            for case, x, first, most, most_of_20th in cases(voice):
                median, low = voice.change(x, first)
                ok = abs(median) <= most and low >= -most_of_20th
                good &= ok
                print('%s %s, %s: loud frames change by %.2f dB (%.1f at most), a twentieth by '
                      '%.1f or less (-%.1f)' % ('ok' if ok else 'FAILED', name, case, median,
                                                most, low, most_of_20th))
            change = voice.change_by_offset(0.3)
            ok = change < -38
            good &= ok
            print('%s %s, offset 0.3: changes by %.1f dB (-38 at most)' % (
                'ok' if ok else 'FAILED', name, change))
            left = list(voice.changes_by_bad_samples())
            ok = np.median(left) < -50 and max(left) < -32
            good &= ok
            print('%s %s, 10 hops after a bad sample: %.1f dB are left (median, -50 at most), %.1f '
                  'in the worst case (-32)' % ('ok' if ok else 'FAILED', name, np.median(left),
                                               max(left)))
    sys.exit(0 if good else 1)


if __name__ == '__main__':
    main()

# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""As many samples out as in, none late, and unchanged where nothing is asked for."""
import numpy as np

from harness import (
    HOP,
    RATE,
    case,
    cases,
    check,
    check_equal,
    check_same,
    filtered,
    main,
    noise,
    vowel,
)

LENGTHS = [0, 1, 100, 479, 480, 481, 1439, 1440, 1441, 96137]


@cases(LENGTHS, 'enhanced keeps the length of {} samples')
def enhanced(frames):
    check_equal(len(filtered(noise(frames), 'percepnet').samples), frames, 'samples')


@cases(LENGTHS, 'bypass is bit-exact for {} samples')
def bypass(frames):
    signal = noise(frames, 2)
    check_same(filtered(signal, 'percepnet=output=bypass').samples, signal)


@cases(['mix=0', 'atten_lim=0', "enable='0'"], 'null test: {} is bit-exact')
def null_test(options):
    signal = noise(96137, 2)
    check_same(filtered(signal, 'percepnet=' + options).samples, signal)


@case('residual of mix=0 is silence')
def residual_of_nothing():
    check(not filtered(noise(9613), 'percepnet=output=residual:mix=0').samples.any(), 'not silent')


@case('enhanced and residual add up to the input')
def parts():
    signal = noise(48000) * np.float32(0.1) + vowel(48000)
    total = (
        filtered(signal, 'percepnet').samples
        + filtered(signal, 'percepnet=output=residual').samples
    )
    inner = slice(RATE // 10, None)
    error = np.abs(total - signal)[inner].max()
    check(error < 1e-3, f'they differ by {error}')


@case('no lag: the correlation with the input peaks at 0')
def lag():
    signal = vowel(RATE) + noise(RATE, level=0.01)
    out = filtered(signal, 'percepnet=atten_lim=6').samples[:, 0]
    size = 2 * RATE
    correlation = np.fft.irfft(
        np.fft.rfft(out, size) * np.conj(np.fft.rfft(signal[:, 0], size)), size
    )
    best = int(np.argmax(correlation))
    check_equal(best if best < RATE else best - size, 0, 'lag in samples')


@cases([1, 7, 480, 1000, 4096], 'the frame size of {} samples does not matter')
def frame_size(count):
    signal = vowel(4801) + noise(4801, level=0.05)
    wanted = filtered(signal, 'percepnet').samples
    check_same(filtered(signal, f'asetnsamples=n={count}:p=0,percepnet').samples, wanted)


@case('digital silence stays silence')
def silence():
    check(not filtered(np.zeros((9600, 1), np.float32), 'percepnet').samples.any(), 'not silent')


main()

# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""How much of a room's echo is taken away, and what the attenuation limit leaves of it. The voice
is that of the shipped recordings, enhanced once, in simulated rooms: the direct sound, and from
5 ms on noise that decays by 60 dB in the room's RT60. The first 20 ms belong to the voice.

    test_room.py PERCEPNET SAMPLES_DIR"""
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
# RT60 in s, the direct sound over the rest in dB, and by how many dB echo falls at least.
ROOMS = ((0.3, 3, 4), (0.6, 0, 9), (1.0, -3, 14))
LIMITS = (100, 20, 12, 6, 0)


class Engine:
    def __init__(self, program, scratch):
        self.program = program
        self.files = [os.path.join(scratch, name) for name in ('in.wav', 'out.wav')]

    def __call__(self, x, limit=100):
        source, target = self.files
        soundfile.write(source, x, RATE, 'FLOAT')
        subprocess.run([self.program, '--force', '--quiet', '--attenuation-limit', str(limit),
                        source, target], check=True)
        return soundfile.read(target)[0]


def response(rt60, direct_db, random):
    """(of the room, of its first 20 ms)."""
    time = np.arange(int(1.2 * RATE * rt60)) / RATE
    room = random.standard_normal(len(time)) * 10 ** (-3 * time / rt60)
    room[time < 0.005] = 0
    room *= np.sqrt(10 ** (-direct_db / 10) / np.sum(room ** 2))
    room[0] = 1
    return room, np.where(time < 0.02, room, 0)


def levels(x):
    frames = x[:len(x) // HOP * HOP].reshape(-1, HOP)
    return 10 * np.log10(np.mean(frames ** 2, 1) + 1e-12)


def voice_over_rest(x, voice):
    """dB."""
    part = voice * (x @ voice) / (voice @ voice)
    return 10 * np.log10(np.sum(part ** 2) / np.sum((x - part) ** 2))


class Scene:
    def __init__(self, voice, rt60, direct_db):
        rooms = response(rt60, direct_db, np.random.default_rng(1))
        wet, self.voice = (scipy.signal.fftconvolve(voice, room) for room in rooms)
        scale = 0.5 / np.max(np.abs(wet))
        self.wet, self.voice = wet * scale, self.voice * scale
        before, early = levels(self.wet), levels(self.voice)
        top = np.max(early)
        self.echo = (before > early + 10) & (before > top - 40)
        self.loud = early > top - 15

    def measure(self, after):
        """dB by which frames of echo and loud ones of the voice change, and voice over rest."""
        change = levels(after) - levels(self.wet)
        return (np.median(change[self.echo]), np.median(change[self.loud]),
                voice_over_rest(after, self.voice))


def faults(scene, results, least):
    """What is wrong with the measures at each limit."""
    before = voice_over_rest(scene.wet, scene.voice)
    if -results[100][0] < least:
        yield 'echo falls by less than %d dB' % least
    for limit, (echo, loud, ratio) in results.items():
        if echo < -limit - 0.1:
            yield 'echo falls by more than the limit of %d dB' % limit
        if loud < echo / 2 - 0.1:
            yield 'at %d dB the voice loses more than half of what echo does' % limit
        if ratio < before - 0.1:
            yield 'at %d dB the voice is less over the rest than before' % limit
    if not np.all(np.diff([results[limit][0] for limit in LIMITS]) > 0):
        yield 'a lower limit does not leave more echo'


def main():
    program, samples = sys.argv[1:]
    good = True
    with tempfile.TemporaryDirectory() as scratch:
        engine = Engine(program, scratch)
        for name in sorted(os.listdir(samples)):
            if not name.endswith('.flac'):
                continue
            voice = engine(soundfile.read(os.path.join(samples, name))[0])
            for rt60, direct_db, least in ROOMS:
                scene = Scene(voice, rt60, direct_db)
                print('%s, RT60 %.1f s, direct sound %+d dB: voice over rest %.1f dB' % (
                    name, rt60, direct_db, voice_over_rest(scene.wet, scene.voice)))
                results = {limit: scene.measure(engine(scene.wet, limit)) for limit in LIMITS}
                for limit, measures in results.items():
                    print('    limit %3d dB: echo %.1f dB, loud voice %.1f dB, voice over rest '
                          '%.1f dB' % (limit, *measures))
                for fault in faults(scene, results, least):
                    good = False
                    print('    FAILED: ' + fault)
    sys.exit(0 if good else 1)


if __name__ == '__main__':
    main()

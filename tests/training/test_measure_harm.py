# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""measure_harm.py on a program that lets everything through 20 dB lower, or one voice only."""
import os
import stat
import subprocess
import sys
import tempfile

import numpy as np

import synthetic_corpus as corpus
import tap
from tap import check

try:
    import soundfile  # noqa: F401  (the script needs it)
except ImportError:
    tap.skip_all('needs python3-soundfile')

FOLDER = tempfile.TemporaryDirectory()
SCRIPT = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))),
                      'training', 'measure_harm.py')
PROGRAM = """#!%s
import sys
import soundfile
x, rate = soundfile.read(sys.argv[-2])
soundfile.write(sys.argv[-1], %%s, rate, 'FLOAT')
""" % sys.executable


def data():
    random = np.random.default_rng(5)
    folder = os.path.join(FOLDER.name, 'data')

    def add(name, x):
        corpus.write_wav(os.path.join(folder, name), x)
        return name

    corpus.write_table(os.path.join(folder, 'speech.tsv'), [
        dict(path=add('%s.wav' % name, corpus.voice(random, 4)), speaker=name, split=split)
        for name, split in [('anna', 'valid'), ('bert', 'valid'), ('carl', 'train')]])
    corpus.write_table(os.path.join(folder, 'noise.tsv'), [
        dict(path=add('%s.wav' % name, corpus.noise(random, 'stationary:fan', 3)),
             category=category, split='valid') for name, category in
        [('band', 'music'), ('fan', 'fan')]])
    add('laughter/she.wav', corpus.voice(random, 1))
    return folder


def lines_with(output):
    program = os.path.join(FOLDER.name, 'program')
    with open(program, 'w', encoding='utf-8') as file:
        file.write(PROGRAM % output)
    os.chmod(program, stat.S_IRWXU)
    laughter = os.path.join(DATA, 'laughter')
    text = subprocess.run([sys.executable, SCRIPT, DATA, '--laughter', laughter,
                           '--program', program], check=True, stdout=subprocess.PIPE).stdout
    return text.decode().splitlines()


DATA = data()


def test_what_loses_20_db_is_said_to():
    lines = lines_with('0.1 * x')
    changes = [line for line in lines if 'median' in line]
    check(len(changes) == 6 + 4 + 1 + 1, lines)
    for line in changes:
        if 'loud frames of the voice' not in line:  # those are compared with the voice alone
            check('median  -20.0 dB, 100 %' in line, line)


def test_what_passes_through_is_said_to_be_kept():
    for line in lines_with('x'):
        if 'SI-SDR' in line:
            before, after = line.split('SI-SDR ')[1].rstrip(' dB').split(' -> ')
            check(before == after, line)
        elif 'loud frames of the voice' not in line:
            check('0.0 dB,   0 %' in line, line)


def test_only_held_out_recordings_are_used():
    counts = [line for line in lines_with('x') if 'talker' in line]
    check(all('(1 recordings' in line for line in counts), counts)


def test_a_folder_of_laughter_that_is_missing_is_told_before_the_work():
    """The program would be at work for minutes before it."""
    empty = os.path.join(FOLDER.name, 'empty')
    os.makedirs(empty)
    for folder in (os.path.join(FOLDER.name, 'missing'), empty):
        done = subprocess.run([sys.executable, SCRIPT, DATA, '--laughter', folder, '--program',
                               'false'], capture_output=True, text=True, check=False)
        check(done.returncode == 1 and not done.stdout, done)
        check(folder in done.stderr and len(done.stderr.splitlines()) == 1, done.stderr)


def test_what_is_missing_is_told_in_a_line():
    nothing = os.path.join(FOLDER.name, 'nothing')
    for arguments in ((nothing,), (DATA, '--program', nothing)):
        done = subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True, text=True,
                              check=False)
        check(done.returncode == 1 and 'Traceback' not in done.stderr, done.stderr)
        check(done.stderr.startswith('measure_harm.py: ') and nothing in done.stderr, done.stderr)


tap.run_module(dict(globals()))

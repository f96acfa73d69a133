# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""evaluate.py on a program with known gains, and paired.py on small tables."""
import os
import shutil
import stat
import subprocess
import sys
import tempfile

import numpy as np
import scipy.io.wavfile

import metrics
import synthetic_corpus as corpus
import tap
from tap import check

FOLDER = tempfile.TemporaryDirectory()
TRAINING = os.path.dirname(os.path.abspath(metrics.__file__))
# Of the clips below, the loud voice by a half, the quiet one not at all, the pause by 40 dB, with
# the post-filter by 50.
PROGRAM = """#!%s
import sys
import scipy.io.wavfile
rate, x = scipy.io.wavfile.read(sys.argv[-2])
x = (x / 32768).astype('float32')
part = len(x) // 4
x[:part] *= 0.5
x[3 * part:] *= 10 ** -2.5 if '--post-filter' in sys.argv else 0.01
scipy.io.wavfile.write(sys.argv[-1], rate, x)
""" % sys.executable


def place(*names):
    return os.path.join(FOLDER.name, *names)


def write(name, text):
    with open(place(name), 'w', encoding='utf-8') as file:
        file.write(text)
    return place(name)


def make_clips():
    """Half a second of loud voice, one 30 dB quieter, a pause.

    Of the noisy ones the loud voice is halved, and the rest has noise."""
    os.chmod(write('program', PROGRAM), stat.S_IRWXU)
    random = np.random.default_rng(6)
    half = corpus.RATE // 2
    level = np.repeat([0.2, 0.2 * 10 ** (-30 / 20), 0.], [half, 2 * half, half])
    for name, noise in (('a', 0.05), ('b', 0.1), ('c', 0.02)):
        clean = level * random.uniform(-1, 1, len(level))
        noisy = clean + noise * (level < 0.2) * random.uniform(-1, 1, len(level))
        noisy[:half] /= 2
        corpus.write_wav(place('clean', name + '.wav'), clean)
        corpus.write_wav(place('noisy', name + '.wav'), noisy)


def si_sdr(folder, name):
    clean, x = (scipy.io.wavfile.read(place(which, name + '.wav'))[1].astype(float)
                for which in ('clean', folder))
    return metrics.si_sdr(clean, x)


def run(script, *arguments):
    return subprocess.run([sys.executable, os.path.join(TRAINING, script), *arguments],
                          capture_output=True, text=True, check=False)


def evaluate(*arguments):
    if not shutil.which('ffmpeg'):
        raise tap.Skip('needs ffmpeg')
    return run('evaluate.py', '--noisy', place('noisy'), '--clean', place('clean'),
               '--program', place('program'), *arguments)


def lines(done):
    check(done.returncode == 0, done.stderr)
    return done.stdout.splitlines()


def test_changes_of_pauses_and_loud_voice_are_printed():
    printed = lines(evaluate())
    check('pauses    median -40.00 dB (150 frames)' in printed, printed)
    check('voice     median -12.04 dB (150 frames)' in printed, printed)


def test_the_post_filter_is_passed_on():
    printed = lines(evaluate('--post-filter', '1'))
    check('pauses    median -50.00 dB (150 frames)' in printed, printed)


def test_files_as_they_are_have_no_changes():
    printed = lines(evaluate('--as-is'))
    check([line.split()[0] for line in printed] == ['as', '3'], printed)


def test_si_sdr_is_printed_by_snr():
    table = write('snr.tsv', 'file\tspeaker\tsnr_db\nc\tx\t10\na\tx\t-2.5\nb\ty\t-2.5\n')
    printed = lines(evaluate('--snr', table, '--out', place('out')))
    low = [np.mean([si_sdr(folder, name) for name in 'ab']) for folder in ('noisy', 'out')]
    high = [si_sdr(folder, 'c') for folder in ('noisy', 'out')]
    expected = 'SI-SDR by SNR: -2.5 dB %.1f -> %.1f; 10 dB %.1f -> %.1f' % (*low, *high)
    check(expected in printed and high != low, (expected, printed))


def test_a_file_without_its_snr_is_told():
    done = evaluate('--snr', write('few.tsv', 'file\tsnr_db\na\t0\nc\t10\n'))
    check(done.returncode == 1 and 'few.tsv has no row of b' in done.stderr, done.stderr)
    for text, words in (('name\tsnr\na\t0\n', 'no columns file and snr_db'),
                        ('file\tsnr_db\na\tloud\n', 'loud')):
        done = evaluate('--snr', write('wrong.tsv', text))
        check(done.returncode == 1 and words in done.stderr, done.stderr)
        check('wrong.tsv' in done.stderr and 'Traceback' not in done.stderr, done.stderr)


def test_the_clean_files_are_not_written_over():
    before = scipy.io.wavfile.read(place('clean', 'a.wav'))[1]
    for arguments in (('--out', place('clean')), ('--out', place('clean', '..', 'noisy')),
                      ('--out', place('silent'), '--against', place('silent'))):
        os.makedirs(place('silent'), exist_ok=True)
        done = evaluate(*arguments)
        check(done.returncode == 1 and 'a folder of its own' in done.stderr, done.stderr)
    check(np.array_equal(scipy.io.wavfile.read(place('clean', 'a.wav'))[1], before), 'written over')


def test_files_of_other_lengths_are_compared_as_far_as_both_go():
    for name in 'abc':
        rate, x = scipy.io.wavfile.read(place('clean', name + '.wav'))
        for folder, length in (('shorter', -960), ('longer', None)):
            os.makedirs(place(folder), exist_ok=True)
            scipy.io.wavfile.write(place(folder, name + '.wav'), rate,
                                   np.append(x, x[:100])[:length])
    both = [line for other in ('shorter', 'longer')
            for line in lines(evaluate('--as-is', '--against', place(other)))]
    check(sum(line.startswith('against') for line in both) == 2, both)
    cut = lines(run('evaluate.py', '--noisy', place('shorter'), '--clean', place('clean'),
                    '--program', place('program')))
    check('voice     median -6.02 dB (150 frames)' in cut, cut)


def test_a_silent_reference_counts_nowhere():
    shutil.copytree(place('clean'), place('silent'), dirs_exist_ok=True)
    corpus.write_wav(place('silent', 'c.wav'), np.zeros(corpus.RATE * 2))
    snr = write('all.tsv', 'file\tsnr_db\na\t0\nb\t0\nc\t0\n')
    with_it = lines(run('evaluate.py', '--noisy', place('noisy'), '--clean', place('silent'),
                        '--program', place('program'), '--snr', snr))
    without = lines(evaluate('--snr', snr, '--limit', '2'))
    for label in ('noisy', 'enhanced', 'voice', 'SI-SDR'):
        first, second = ([line for line in told if line.startswith(label)]
                         for told in (with_it, without))
        check(first == second, (first, second))
    check(any('(300 frames)' in line for line in with_it if line.startswith('pauses')), with_it)


def test_what_does_not_run_is_told_in_a_line():
    for arguments, words in ((('--program', place('nothing')), 'nothing'),
                             (('--program', 'false'), 'false'),
                             (('--scorer', place('nothing')), 'nothing')):
        done = evaluate(*arguments)
        check(done.returncode == 1 and 'Traceback' not in done.stderr, done.stderr)
        check(done.stderr.startswith('evaluate.py: ') and words in done.stderr, done.stderr)


def test_the_scorer_gets_the_enhanced_files():
    command = '%s -c "import os, sys; print(*sorted(os.listdir(sys.argv[1])))"' % sys.executable
    check('a.wav b.wav c.wav' in lines(evaluate('--scorer', command)), 'not listed')


def table(name, *rows):
    """Cells are divided by one space; two have an empty one between them."""
    return write(name, ''.join(row.replace(' ', '\t') + '\n' for row in rows))


def mine():
    return table('mine.tsv', 'set system file stoi ovrl', 'x mine a 0.5 3', 'x mine b 0.6 4',
                 'x mine c 0.7 5')


def paired(*tables, system='mine'):
    return run('paired.py', *tables, '--system', system)


def test_paired_differences_are_rows_of_the_documents():
    printed = lines(paired(mine(), table('theirs.tsv', 'ovrl system file', '2 peer c', '2 peer a',
                                         '2 peer b')))
    # The differences are 1, 2 and 3: 4.3027 / sqrt(3), by two degrees of freedom.
    check(printed == ['|  | STOI | OVRL |', '|---|---|---|', '| mine | 0.600 | 4.00 |',
                      '| peer | - | 2.00 |', '', '| mine minus | STOI | OVRL |', '|---|---|---|',
                      '| peer | - | +2.00 ± 2.48 |'], printed)


def test_only_files_of_both_are_paired():
    printed = lines(paired(mine(), table('less.tsv', 'system file stoi ovrl', 'peer c 0.8 ',
                                         'peer b 0.6 2', 'peer a 0.5 3', 'few c 0.9 1',
                                         'few b 0.7 1')))
    # OVRL of the peer: 0 and 2, as c has none; 12.7062 by one degree of freedom.
    check('| peer | -0.033 ± 0.143 | +1.00 ± 12.71 |' in printed, printed)
    check('| few (2 of 3 files) | -0.150 ± 0.635 | +3.50 ± 6.35 |' in printed, printed)


def test_wrong_tables_are_told():
    for done, words in (
            (paired(mine(), system='other'), 'no system other; there are mine'),
            (paired(mine(), mine()), 'a of mine is there twice'),
            (paired(mine(), table('far.tsv', 'system file stoi', 'peer z 1')), 'no file in common'),
            (paired(table('bare.tsv', 'file stoi', 'a 1')), 'no columns system and file'),
            (paired(place('none.tsv')), 'none.tsv'),
            (paired(table('word.tsv', 'system file stoi', 'mine a good')),
             "word.tsv, a of mine: could not convert string to float: 'good'")):
        check(done.returncode == 1 and words in done.stderr, (words, done.stderr))
        check('Traceback' not in done.stderr, done.stderr)


make_clips()
tap.run_module(dict(globals()))

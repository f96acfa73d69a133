# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""prepare.py run for real on a small folder of recordings: what is held out stays out."""
import contextlib
import functools
import io
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import wave

import numpy as np

import prepare
import synthetic_corpus
import tap
from generator import Generator
from tap import check

FOLDER = tempfile.TemporaryDirectory()
SAMPLE = {'speech': 'i2', 'noise': 'i2', 'rooms': 'f4'}


def room_names(split, count):
    """Names of places that fall into the split."""
    names = (a + b for a in 'abcdefgh' for b in 'nopqrstu')
    found = [name for name in names if prepare.room_entry(
        dict(path='rooms/%s.wav' % name, rt60_est='', rt60_1khz='0.4', drr_db='3',
             direct_onset_usable='yes'))['split'] == split]
    return found[:count]


def speech_row(name, speaker, split):
    return dict(path='speech/%s.wav' % name, source='made', speaker=speaker,
                effective_bandwidth_hz=20000, est_snr_db=40, split=split)


def noise_row(name, split):
    return dict(path='noise/%s.wav' % name, category='fan', group=name, stationarity='stationary',
                effective_bandwidth_hz='', split=split)


def room_row(name, usable='yes'):
    return dict(path='rooms/%s.wav' % name, rt60_est='0.5', rt60_1khz='', drr_db=3,
                direct_onset_usable=usable)


def write_data(folder):
    """Two recordings of a held-out speaker are marked as train; a room has three takes."""
    speech = [speech_row('a', '1', 'train'), speech_row('b', '2', 'valid'),
              speech_row('c', '2', 'train'), speech_row('d', '2', 'train'),
              speech_row('e', 'the third', 'train')]
    noises = [noise_row('f', 'train'), noise_row('g', 'valid')]
    rooms = [room_row(name + take) for name in room_names('valid', 1) + room_names('train', 1)
             for take in '123'] + [room_row('unusable', 'no')]
    random = np.random.default_rng(1)
    for name, rows in (('speech', speech), ('noise', noises), ('rirs', rooms)):
        os.makedirs(folder, exist_ok=True)
        synthetic_corpus.write_table(os.path.join(folder, name + '.tsv'), rows)
        for row in rows:
            x = (synthetic_corpus.room(random, 0.3) if name == 'rirs' else
                 synthetic_corpus.voice(random, 0.5))
            synthetic_corpus.write_wav(os.path.join(folder, row['path']), 0.7 * x)
    return folder


@functools.lru_cache
def cache():
    if not shutil.which('ffmpeg'):
        raise tap.Skip('needs ffmpeg')
    data = write_data(os.path.join(FOLDER.name, 'data'))
    folder = os.path.join(FOLDER.name, 'cache')
    with contextlib.redirect_stdout(sys.stderr):
        prepare.prepare(data, folder)
    return folder


def read(kind, split):
    """(row, samples) pairs of a part of the cache."""
    stem = os.path.join(cache(), '%s.%s' % (kind, split))
    pcm = np.fromfile(stem + '.pcm', SAMPLE[kind])
    rows = prepare.read_manifest(stem + '.tsv')
    parts = [pcm[int(r['offset']):int(r['offset']) + int(r['length'])] for r in rows]
    check(sum(map(len, parts)) == len(pcm), 'the index covers not all samples')
    return list(zip(rows, parts))


def test_samples_are_those_of_the_files():
    found = {row['group']: x for row, x in read('speech', 'train')}
    with wave.open(os.path.join(FOLDER.name, 'data', 'speech', 'a.wav')) as file:
        expected = np.frombuffer(file.readframes(file.getnframes()), '<i2')
    check(len(found['1']) == len(expected), len(found['1']))
    check(np.abs(found['1'].astype(int) - expected).max() <= 1, 'samples differ')
    check('the_third' in found, list(found))


def test_a_speaker_of_valid_is_never_in_train():
    check(sorted(row['group'] for row, _ in read('speech', 'train')) == ['1', 'the_third'], 'train')
    check([row['group'] for row, _ in read('speech', 'valid')] == ['2'], 'valid')


def test_the_takes_of_a_room_stay_together():
    check(len(read('rooms', 'train')) == 3 and len(read('rooms', 'valid')) == 3, 'rooms')


def test_no_group_and_no_recording_of_valid_is_in_train():
    for kind in prepare.KINDS:
        train, valid = read(kind, 'train'), read(kind, 'valid')
        check(train and valid, kind)
        check(not {r['group'] for r, _ in train} & {r['group'] for r, _ in valid}, kind)
        check(not {x.tobytes() for _, x in train} & {x.tobytes() for _, x in valid}, kind)


def test_voices_go_through_the_command_and_nothing_else_does():
    cache()
    folder, data = os.path.join(FOLDER.name, 'through'), os.path.join(FOLDER.name, 'data')
    half = ('import sys, numpy as np; x = np.frombuffer(sys.stdin.buffer.read(), "f4"); '
            'sys.stdout.buffer.write((x / 2).tobytes())')
    with contextlib.redirect_stdout(sys.stderr):
        prepare.prepare(data, folder, workers=2,
                        voices_through=shlex.join([sys.executable, '-c', half]))
    for kind in prepare.KINDS:
        for split in prepare.SPLITS:
            stem = '%s.%s.pcm' % (kind, split)
            old, new = (np.fromfile(os.path.join(at, stem), SAMPLE[kind]).astype(float)
                        for at in (cache(), folder))
            expected = old / 2 if kind == 'speech' else old
            check(np.abs(new - expected).max() <= 1, stem)


def test_a_command_for_voices_that_fails_is_told():
    cache()
    data = os.path.join(FOLDER.name, 'data')
    for command, words in (('head -c 4000', 'it put out 1000: head'), ('false', 'failed: false'),
                           ('no-such-command', 'no-such-command')):
        done = subprocess.run([sys.executable, prepare.__file__, data, '--cache',
                               os.path.join(FOLDER.name, 'fails'), '--kinds', 'speech',
                               '--voices-through', command],
                              capture_output=True, text=True, check=False)
        last = done.stderr.splitlines()[-1]
        check(done.returncode == 1 and words in last and 'Traceback' not in done.stderr, last)
        check(not os.path.exists(os.path.join(FOLDER.name, 'fails', 'speech.train.pcm')), command)


def write_text(name, *rows):
    path = os.path.join(FOLDER.name, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w', encoding='utf-8') as file:
        file.writelines('\t'.join(row) + '\n' for row in rows)
    return path


def test_a_quote_in_a_table_ends_with_its_cell():
    path = write_text('quotes.tsv', ('path', 'text', 'split'),
                      ('a.wav', '"Hello, he said', 'train'),
                      ('b.wav', 'fine', 'valid'), ('c.wav', 'and "so', 'train'))
    rows = prepare.read_manifest(path)
    check([(row['path'], row['split']) for row in rows] ==
          [('a.wav', 'train'), ('b.wav', 'valid'), ('c.wav', 'train')], rows)


def test_the_generator_reads_names_with_spaces_and_empty_ones():
    folder = os.path.join(FOLDER.name, 'names')
    synthetic_corpus.write_cache(folder)
    entry = dict(path='x.wav', split='train', group='', category='stationary:crowd  babble',
                 bandwidth=24000, snr=0)
    others = [dict(entry, category=kind) for kind in ('non-stationary', 'transient')]
    prepare.write_split(folder, 'noise', 'train', [(e, np.ones(48000, np.float32))
                                                   for e in (entry, *others)])
    row = prepare.read_manifest(os.path.join(folder, 'noise.train.tsv'))[0]
    check((row['group'], row['category']) == ('-', 'stationary:crowd_babble'), row)
    speech = dict(entry, category='')
    prepare.write_split(folder, 'speech', 'train', [(speech, np.ones(48000, np.float32))])
    Generator(folder, 'train')


def test_levels_are_those_of_the_samples_and_what_is_no_number_is_left_out():
    entry = dict(path='x.wav', split='train', group='g', category='stationary:fan',
                 bandwidth=24000, snr=0)
    quiet = 0.1 * np.random.default_rng(1).standard_normal(48000).astype(np.float32)
    broken = np.where(np.arange(48000) == 100, np.float32(np.nan), quiet)
    with contextlib.redirect_stderr(io.StringIO()) as said:
        prepare.write_split(FOLDER.name, 'noise', 'train', [
            (entry, quiet), (dict(entry, path='broken.wav'), broken), (entry, 20 * quiet)])
    rows = prepare.read_manifest(os.path.join(FOLDER.name, 'noise.train.tsv'))
    samples = np.fromfile(os.path.join(FOLDER.name, 'noise.train.pcm'), 'i2') / 32768
    check(len(rows) == 2 and 'broken.wav' in said.getvalue(), (rows, said.getvalue()))
    for row, x in zip(rows, np.split(samples, 2)):
        check(abs(float(row['level_db']) - prepare.active_level_db(x)) < 0.1, row)


def test_what_is_wrong_with_a_corpus_is_told_before_it_is_decoded():
    data = os.path.dirname(write_text('wrong/rirs.tsv', ('path', 'rt60_est', 'rt60_1khz', 'drr_db',
                                                         'direct_onset_usable')))
    write_text('wrong/noise.tsv',
               ('path', 'category', 'group', 'split', 'stationarity', 'effective_bandwidth_hz'),
               ('no.wav', 'fan', 'a', 'train', 'stationary', ''))
    for rows, words in (((), 'speech.tsv'), ((('path', 'speaker'), ('a.wav', '1')), 'column split'),
                        ((('path', 'source', 'speaker', 'effective_bandwidth_hz', 'est_snr_db',
                           'split'),), 'no.wav')):
        if rows:
            write_text('wrong/speech.tsv', *rows)
        done = subprocess.run([sys.executable, prepare.__file__, data, '--cache', data],
                              capture_output=True, text=True, check=False)
        check(done.returncode == 1 and words in done.stderr.splitlines()[-1], done.stderr)
        check('Traceback' not in done.stderr, done.stderr)
        check(('rooms train' in done.stdout) == (words == 'no.wav'), done.stdout)


def test_a_recording_of_another_split_is_refused():
    entry = dict(path='x.wav', split='valid', group='g', category='c', bandwidth=24000, snr=0)
    try:
        prepare.write_split(FOLDER.name, 'speech', 'train', [(entry, np.ones(960, np.float32))])
    except ValueError as error:
        check('x.wav' in str(error), error)
        check(not os.path.exists(os.path.join(FOLDER.name, 'speech.train.tsv')), 'was written')
        return
    raise AssertionError('was written')


tap.run_module(dict(globals()))

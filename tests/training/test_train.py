# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""From a corpus to a model in the engine: test_train.py NETWORK_TOOL [PERCEPNET]

The tiny network is trained for seconds on a synthetic corpus, resumed, exported and loaded; PyTorch
and the engine must then compute the same."""
import csv
import functools
import os
import shutil
import subprocess
import sys
import tempfile

import numpy as np

import export
import synthetic_corpus
import tap
from generator import FIELDS, Generator
from tap import check

try:
    import torch
    torch.set_num_threads(1)
except ImportError:
    tap.skip_all('needs python3-torch')

NETWORK_TOOL, *PROGRAM = sys.argv[1:]
TRAINING = os.path.join(os.path.dirname(__file__), '..', '..', 'training')
FOLDER = tempfile.TemporaryDirectory()
RUN = os.path.join(FOLDER.name, 'run')
CACHE = synthetic_corpus.write_cache(os.path.join(FOLDER.name, 'cache'))
FRAMES = 200


def python(script, *arguments, status=0):
    done = subprocess.run([sys.executable, os.path.join(TRAINING, script), *arguments],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    check(done.returncode == status, done.stdout)
    return done.stdout


def train(minutes, *arguments):
    python('train.py', '--size', 'tiny', '--run', RUN, '--cache', CACHE, '--batch', '4',
           '--frames', '60', '--chunk', '30', '--minutes', str(minutes), *arguments)
    return torch.load(os.path.join(RUN, 'last.pt'))


@functools.lru_cache
def first_part():
    # As train.py would make it, but small.
    from sequences import validation_path, validation_set
    validation_set(CACHE, validation_path(CACHE, 2, False), 2, count=8, frames=100)
    return train(0.06, '--workers', '2')


@functools.lru_cache
def second_part():
    """Goes on as one process, with 8-bit noise on the weights."""
    first_part()
    return train(0.12, '--resume', '--qat-from', '0.1')


def file_bytes(*path):
    with open(os.path.join(*path), 'rb') as file:
        return file.read()


def log(run='run'):
    with open(os.path.join(FOLDER.name, run, 'log.tsv'), newline='') as file:
        return list(csv.DictReader(file, delimiter='\t'))


@functools.lru_cache
def exported():
    second_part()
    path = os.path.join(FOLDER.name, 'model.safetensors')
    python('export.py', os.path.join(RUN, 'last.pt'), path, '--set', 'name=smoke')
    return path


@functools.lru_cache
def exported_float():
    path = os.path.join(FOLDER.name, 'float.safetensors')
    export.export(second_part(), path, quantise=False)
    return path


@functools.lru_cache
def features(fine=False):
    return np.concatenate([Generator(CACHE, 'valid', fine=fine).sequence(n, FRAMES)['features']
                           for n in range(2)])


def answers_of_torch(checkpoint, heard):
    from model import make_network
    network = make_network(**checkpoint['architecture'])
    network.load_state_dict(checkpoint['model'])
    with torch.no_grad():
        gain, strength, voice, _ = network(torch.from_numpy(heard).unsqueeze(1))
    logits = torch.cat([gain, strength, voice.unsqueeze(-1)], -1).squeeze(1)
    return torch.sigmoid(logits).numpy()


def answers_of_engine(model, heard):
    run = subprocess.run([NETWORK_TOOL, model, 'c'], input=heard.astype('<f4').tobytes(),
                         stdout=subprocess.PIPE, check=True)
    return np.frombuffer(run.stdout, '<f4').reshape(len(heard), -1)


def difference(model, checkpoint, heard):
    return np.abs(answers_of_engine(model, heard) - answers_of_torch(checkpoint, heard))


def test_training_takes_steps_and_validates():
    check(first_part()['step'] >= 2, first_part()['step'])
    check(all(np.isfinite(float(row['valid'])) for row in log()), log())
    check(os.path.exists(os.path.join(RUN, 'best.pt')), 'no best.pt')


def test_resume_goes_on_where_it_stopped():
    first, second = first_part(), second_part()
    for name in ('step', 'hours', 'minutes', 'next_scene'):
        check(second[name] > first[name], (name, first[name], second[name]))
    check(float(log()[-1]['step']) == second['step'], log())


def test_a_resumed_run_keeps_what_validated_best_and_the_columns_of_its_log():
    first_part()
    run = os.path.join(FOLDER.name, 'worse')
    shutil.copytree(RUN, run)
    last = torch.load(os.path.join(run, 'last.pt'))
    for state in (last['model'], last['weights']):
        state['fc_g.bias'] -= 20  # silence
    torch.save(last, os.path.join(run, 'last.pt'))
    with open(os.path.join(RUN, 'log.tsv')) as file:  # as a version of fewer columns wrote it
        rows = [line.split('\t') for line in file]
    gone = rows[0].index('distortion')
    with open(os.path.join(run, 'log.tsv'), 'w') as file:
        file.writelines('\t'.join(row[:gone] + row[gone + 1:]) for row in rows)
    best = file_bytes(run, 'best.pt')
    python('train.py', '--size', 'tiny', '--run', run, '--cache', CACHE, '--batch', '4', '--frames',
           '60', '--chunk', '30', '--minutes', '0.12', '--resume')
    before, after = log()[-1], log('worse')[-1]
    check(float(after['valid']) > float(before['valid']), (before, after))
    check(file_bytes(run, 'best.pt') == best, 'a worse one in its place')
    # On a busy machine no time may be left for a step, so the speed may be 0.
    check(None not in after and float(after['audio_s_per_s']) >= 0, after)


def test_validation_scenes_are_of_the_cache_as_it_is():
    from sequences import validation_path, validation_set

    def heard(cache):
        return validation_set(cache, validation_path(cache, 2, False), 2, count=1,
                              frames=50)['features'].tobytes()
    one, other = (os.path.join(FOLDER.name, 'caches', name) for name in ('one', 'other'))
    for seed, cache in ((2, one), (3, other)):
        synthetic_corpus.write_cache(cache, seed=seed)
    first = heard(one)
    check(heard(one) == first and heard(other) != first, 'those of another cache')
    synthetic_corpus.write_cache(one, seed=4)
    check(heard(one) != first, 'those of the recordings before')


def test_a_run_is_not_written_over():
    folder = os.path.join(FOLDER.name, 'old')
    os.makedirs(folder)
    with open(os.path.join(folder, 'best.pt'), 'w') as file:
        file.write('hours of work')
    said = python('train.py', '--size', 'band-tiny', '--run', folder, '--cache', CACHE, status=1)
    check(folder + ' has a run already: --resume' in said, said)
    check(os.listdir(folder) == ['best.pt'], os.listdir(folder))


def test_a_mean_is_not_written_over_a_checkpoint():
    paths = [os.path.join(FOLDER.name, name + '.pt') for name in 'abc']
    for path in paths:
        torch.save(dict(model={}, architecture={}, info={'of': path}), path)
    said = python('average.py', *paths, '--hours', '3', status=1)
    check(paths[2] + ' is there already' in said, said)
    check(torch.load(paths[2])['info'] == {'of': paths[2]}, 'written over')


def test_what_is_missing_is_told_in_a_line():
    for arguments, words in ((('--cache', os.path.join(FOLDER.name, 'none')), 'run prepare.py'),
                             (('--cache', CACHE, '--resume'), 'last.pt')):
        said = python('train.py', '--size', 'band-tiny', '--run', os.path.join(FOLDER.name, 'new'),
                      *arguments, status=1)
        check(words in said and 'Traceback' not in said, said)


def test_what_does_not_fit_is_told_in_a_line():
    run = os.path.join(FOLDER.name, 'large')
    said = python('train.py', '--size', 'tiny', '--run', run, '--cache', CACHE, '--workers', '2',
                  '--batch', '514', '--frames', '2', '--chunk', '2', status=1)
    check('--batch' in said and len(said.splitlines()) == 1, said)
    check(not os.path.exists(run), 'a folder for nothing')
    said = python('export.py', 'none.pt', os.path.join(FOLDER.name, 'none'), '--set', 'name',
                  status=2)
    check('KEY=VALUE' in said.splitlines()[-1] and 'Traceback' not in said, said)


def test_a_file_that_is_no_checkpoint_is_told_in_a_line():
    out = os.path.join(FOLDER.name, 'out')
    text, bare = (os.path.join(FOLDER.name, name + '.pt') for name in ('text', 'bare'))
    with open(text, 'w') as file:
        file.write('hello')
    torch.save({'fc.weight': torch.zeros(1)}, bare)
    for path in ('none.pt', text, bare):
        for command in (('export.py', path, out), ('average.py', path, path, out, '--hours', '1'),
                        ('train.py', '--run', out + '-run', '--size', 'tiny', '--cache', CACHE,
                         '--start-from', path)):
            said = python(*command, status=1)
            check(path in said or path == bare and command[0] == 'train.py', said)
            check('Traceback' not in said and command[0] in said, said)


@functools.lru_cache
def shards_folder():
    folder = os.path.join(FOLDER.name, 'shards')
    for split in ('train', 'valid'):
        python('scenes.py', os.path.join(folder, split), '--cache', CACHE, '--split', split,
               '--scenes', '12', '--frames', '60', '--hours', '0.001')
    return folder


@functools.lru_cache
def trained_on_shards():
    """Two workers with a discriminator, the last half with 8-bit noise and without the teacher."""
    run = os.path.join(FOLDER.name, 'bands')
    python('train.py', '--size', 'band-tiny', '--run', run, '--shards', shards_folder(), '--batch',
           '4', '--frames', '60', '--chunk', '30', '--minutes', '0.06', '--workers', '2',
           '--qat-from', '0.5', '--truth-from', '0.5', '--adversarial', '0.02', '--spectrum', '0.3',
           '--distortion', '0.2')
    return torch.load(os.path.join(run, 'last.pt'))


def test_band_network_trains_from_shards():
    last = trained_on_shards()
    check(last['step'] >= 2 and last['architecture']['kind'] == 'bands', last['step'])
    check('adam' in last['adversary'], last['adversary'].keys())
    for name in ('valid', 'spectrum', 'distortion', 'correlation', 'pause_db', 'lost_db'):
        check(all(np.isfinite(float(row[name])) for row in log('bands')), (name, log('bands')))


def test_hours_end_a_run_whatever_the_clock_says():
    """Three times 4 sequences of 0.6 s, two steps each."""
    run = os.path.join(FOLDER.name, 'hours')
    python('train.py', '--size', 'band-tiny', '--run', run, '--shards', shards_folder(), '--batch',
           '4', '--frames', '60', '--chunk', '30', '--minutes', '0.0001', '--hours', '0.002')
    last = torch.load(os.path.join(run, 'last.pt'))
    check(last['step'] == 6 and abs(last['hours'] - 0.002) < 1e-9, (last['step'], last['hours']))


def test_loss_falls():
    """Of the same scenes, from the first step on, without the clock."""
    from losses import LossWeights, losses
    from model import SIZES, Network
    from sequences import to_batch
    source = Generator(CACHE, 'train')
    pieces = [source.sequence(n, 60) for n in range(6)]
    batch = to_batch({name: np.stack([p[name] for p in pieces]) for name in FIELDS}, 'cpu', 2)
    torch.manual_seed(1)
    network = Network(**SIZES['tiny'])
    optimiser = torch.optim.Adam(network.parameters(), 3e-3)
    history = []
    for _ in range(25):
        total, _ = losses(network(batch['features']), batch, LossWeights())
        optimiser.zero_grad()
        total.backward()
        optimiser.step()
        history.append(total.item())
    check(history[-1] < 0.7 * history[0], history)


def test_float_engine_computes_what_torch_does():
    error = difference(exported_float(), second_part(), features()).max()
    check(error < 1e-4, error)


def test_float_engine_computes_what_torch_does_for_the_bands():
    path = os.path.join(FOLDER.name, 'bands.safetensors')
    export.export(trained_on_shards(), path, quantise=False)
    error = difference(path, trained_on_shards(), features(fine=True)).max()
    check(error < 1e-4, error)


def check_recalibrated(checkpoint, heard, name):
    """Gains and strengths alone change, to the sigmoids of other logits."""
    path = os.path.join(FOLDER.name, name + '.safetensors')
    change = dict(gain=(0.8, -0.3), strength=(1.7, 0.4))
    export.export(checkpoint, path, quantise=False, **change)
    as_it_was = answers_of_torch(checkpoint, heard)
    wanted, bands = as_it_was.copy(), (as_it_was.shape[1] - 1) // 2
    for at, (scale, shift) in zip((0, bands), change.values()):
        r = as_it_was[:, at:at + bands].astype(np.float64)
        wanted[:, at:at + bands] = 1 / (1 + np.exp(-shift) * (1 / r - 1) ** scale)
        check(np.abs(wanted - as_it_was)[:, at:at + bands].max() > 0.03, 'nothing to see')
    error = np.abs(answers_of_engine(path, heard) - wanted).max()
    check(error < 1e-4, error)


def test_answers_are_recalibrated():
    check_recalibrated(second_part(), features(), 'other-dense')


def test_answers_are_recalibrated_for_the_bands():
    check_recalibrated(trained_on_shards(), features(fine=True), 'other-bands')


def test_int8_engine_is_close_to_torch():
    error = difference(exported(), second_part(), features())
    check(error.max() < 0.05 and error.mean() < 0.005, (error.max(), error.mean()))


def test_engine_loads_the_exported_model_and_enhances_with_it():
    if not PROGRAM:
        raise tap.Skip('needs the command line')
    info = subprocess.run([*PROGRAM, '--model', exported(), '--info'], stdout=subprocess.PIPE,
                          text=True, check=True).stdout
    check('name: smoke' in info and 'hours_seen' in info and '1440 samples' in info, info)
    noisy, out = (os.path.join(FOLDER.name, name) for name in ('noisy.wav', 'out.wav'))
    synthetic_corpus.write_wav(noisy, Generator(CACHE, 'valid').scene(0, 100)[0])
    subprocess.run([*PROGRAM, '--model', exported(), noisy, out], stdout=subprocess.DEVNULL,
                   check=True)
    check(os.path.getsize(out) > 100, 'nothing written')


tap.run_module(dict(globals()))

# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Sequences out of shards, the teacher's part in the target, and what validation measures."""
import contextlib
import io
import os
import re
import resource
import shutil
import signal
import tempfile
import threading
import types

import numpy as np

import tap
from tap import check

try:
    import torch
    torch.set_num_threads(1)
except ImportError:
    tap.skip_all('needs python3-torch')

import checkpoint
import shard_pool
import shards
import validation
import workers
from losses import (MAX_BAND_SCALE, Answers, LossWeights, distortion_loss, gain_loss,
                    spectrum_loss, with_teacher)
from sequences import chunk, to_batch

FOLDER = tempfile.TemporaryDirectory()
FRAMES, COUNT = 20, 6
shard_pool.LOOK_SECONDS = 0  # look at every draw


def write_shard(folder, number, **about):
    """Scenes whose voice is their number."""
    def scene(i):
        random = np.random.default_rng(i)
        arrays = {name: random.random(shape, np.float32)
                  for name, shape in shards.arrays(FRAMES).items()}
        return dict(arrays, voice=np.full((FRAMES, 1), number * COUNT + i))
    os.makedirs(folder, exist_ok=True)
    shards.write(folder, number, [scene(i) for i in range(COUNT)], dict(about, frames=FRAMES))


def folder_of(name, count):
    folder = os.path.join(tempfile.mkdtemp(dir=FOLDER.name), name)
    for number in range(count):
        write_shard(folder, number)
    return folder


def drawn(pool, draws, count=2):
    return [int(n) for _ in range(draws) for n in pool.draw(count)['voice'][:, 0, 0]]


def test_workers_draw_every_scene_once_and_then_again():
    folder = folder_of('whole', 2)
    pools = [shard_pool.ShardPool(folder, rank, 2, seed=rank) for rank in range(2)]
    first, second = drawn(pools[0], 3), drawn(pools[1], 3)
    check(sorted(first + second) == list(range(2 * COUNT)), (first, second))
    check(sorted(drawn(pools[0], 3)) == sorted(first), first)


def test_new_shards_are_drawn_and_old_ones_forgotten():
    folder = folder_of('moving', 1)
    pool = shard_pool.ShardPool(folder, 0, 1, seed=1)
    drawn(pool, 1)
    write_shard(folder, 1)
    check(max(drawn(pool, 5)) >= COUNT, 'nothing of the new shard')
    shutil.rmtree(shards.path(folder, 0))
    check(min(drawn(pool, 10)) >= COUNT, 'still something of the old one')


def message(action, *expected):
    try:
        action()
    except expected as error:
        return str(error)
    raise AssertionError('was accepted')


def test_shards_that_a_run_cannot_learn_from_are_told():
    folder = folder_of('other', 0)
    write_shard(folder, 0, look_ahead=2)
    for wanted, words in (
            (dict(look_ahead=1), '00000000 has a look-ahead of 2 hops, not 1'),
            (dict(frames=FRAMES + 1), '00000000 has scenes of 20 hops, not 21')):
        said = message(lambda: shard_pool.ShardPool(folder, 0, 1, 1, **wanted), ValueError)
        check(words in said, said)
    said = message(lambda: shard_pool.first_scenes(folder, 1, look_ahead=0), ValueError)
    check('look-ahead of 2 hops, not 0' in said, said)
    check(drawn(shard_pool.ShardPool(folder, 0, 1, 1, look_ahead=2, frames=10), 1), 'refused')


def test_waiting_for_the_first_shard_is_told_and_can_be_stopped():
    folder = os.path.join(FOLDER.name, 'nothing')
    said, asked = io.StringIO(), iter([False, True])
    with contextlib.redirect_stdout(said):
        stopped = message(lambda: shard_pool.ShardPool(folder, 0, 1, 1, stop=lambda: next(asked)),
                          SystemExit)
    check('waiting for shards in ' + folder in said.getvalue(), said.getvalue())
    check('no shards in ' + folder in stopped, stopped)


def test_a_checkpoint_of_another_network_is_not_gone_on_with():
    path = os.path.join(FOLDER.name, 'last.pt')
    torch.save(dict(architecture=dict(look_ahead=2, channels=48), arguments=dict(
        size='band48', look_ahead=2)), path)
    for other in (dict(look_ahead=0, channels=48), dict(look_ahead=2, channels=64)):
        trainer = types.SimpleNamespace(args=types.SimpleNamespace(device='cpu'),
                                        network=types.SimpleNamespace(architecture=other))
        said = message(lambda: checkpoint.load(trainer, path), ValueError)
        check('--size band48 --look-ahead 2' in said, said)


def test_a_full_disk_is_told_and_nothing_partial_is_left():
    path = os.path.join(tempfile.mkdtemp(dir=FOLDER.name), 'last.pt')
    checkpoint.write(path, dict(step=1))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100000, hard))
    try:
        said = message(lambda: checkpoint.write(path, dict(x=torch.zeros(100000))), OSError)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    check(path + ' cannot be written' in said, said)
    check(os.listdir(os.path.dirname(path)) == ['last.pt'] and torch.load(path) == dict(step=1),
          os.listdir(os.path.dirname(path)))


def test_nobody_waits_for_a_worker_that_was_killed():
    context = torch.multiprocessing.get_context('fork')
    team = workers.Team(context, 2, 1)
    killed = context.Process(target=lambda: os.kill(os.getpid(), signal.SIGKILL))
    killed.start()
    team.watch(killed)
    end = threading.Thread(target=message, args=(team.wait, threading.BrokenBarrierError),
                           daemon=True)
    end.start()
    end.join(30)
    check(not end.is_alive(), 'still waits')


def test_a_worker_that_is_done_stops_nobody():
    context = torch.multiprocessing.get_context('fork')
    team = workers.Team(context, 2, 1)
    done = context.Process(target=team.wait)
    done.start()
    team.watch(done)
    team.wait()
    done.join()
    check(not team.broken(), 'broken')


def test_validation_scenes_are_always_the_same():
    folder = folder_of('held-out', 2)
    scenes = shard_pool.first_scenes(folder, COUNT + 1)
    check(scenes['voice'][:, 0, 0].tolist() == list(range(COUNT + 1)), scenes['voice'][:, 0, 0])


def made_batch():
    arrays = shard_pool.first_scenes(folder_of('batch', 1), 4)
    arrays['voice'] = np.ones_like(arrays['voice'])
    return to_batch(arrays, 'cpu', 2)


def test_chunks_cut_hops_and_leave_what_is_of_the_scene():
    batch = made_batch()
    piece = chunk(batch, 5, 9)
    check(piece['gain'].shape == (4, 4, 34) and piece['bands'].shape == (4, 4, 6, 34), 'shape')
    check(torch.equal(piece['gain'], batch['gain'][5:9]), 'other hops')
    check(torch.equal(piece['teacher_weight'], batch['teacher_weight']), 'teacher_weight')


def test_teacher_counts_as_much_as_it_is_trusted():
    batch, w = made_batch(), LossWeights()
    batch['teacher_weight'] = torch.tensor([[0.], [1.], [1.], [0.5]])
    mixed = with_teacher(batch, 1., w)
    for name in ('gain', 'strength'):
        check((mixed[name][:, 0] - batch[name][:, 0]).abs().max() < 1e-5, name)
        teacher = batch['teacher_' + name]
        check((mixed[name][:, 1:3] - teacher[:, 1:3]).abs().max() < 1e-5, name)
    half = with_teacher(batch, 0.5, w)['gain'][:, 1]
    powers = [(value[:, 1] + 1e-3) ** w.gamma for value in (batch['gain'], batch['teacher_gain'])]
    check(((half + 1e-3) ** w.gamma - sum(powers) / 2).abs().max() < 1e-5, 'not the mean of powers')
    check(with_teacher(batch, 0., w) is batch, 'no share, no change')


def test_loss_is_least_at_the_mixed_target():
    batch, w = made_batch(), LossWeights()
    mixed = with_teacher(batch, 0.5, w)
    there = Answers(mixed['gain'], mixed['strength'], None)
    check(gain_loss(there, mixed, w) < 1e-8, gain_loss(there, mixed, w))
    check(gain_loss(there, batch, w) > 1e-4, 'the truth is elsewhere')


def correlations(x, y, p):
    """As shards.py keeps them; (..., bins) complex -> (..., 6)."""
    d, q = y - x, p - x
    pairs = (x, x), (d, d), (q, q), (x, d), (x, q), (d, q)
    return np.stack([(a * b.conj()).real.sum(-1) for a, b in pairs], -1)


def bands_of_signals(random, *levels):
    """Complex bands X, Y, P (10, 3, 34, 4): a voice, noise of these levels added to it."""
    def signal(level):
        made = random.standard_normal((2, 10, 3, 34, 4))
        return level * (made[0] + 1j * made[1])

    x = signal(1)
    return (x, *(x + signal(level) for level in levels))


def batch_of_signals(x, y, p):
    one = torch.ones(10, 3, 34)
    return dict(bands=torch.from_numpy(correlations(x, y, p)).movedim(-1, -2) * shards.LOUDEST,
                gain_weight=one, strength_weight=one, voice=one[..., 0])


def size(v):
    """Of complex bands (..., bins): (...)."""
    return np.sqrt((abs(v) ** 2).sum(-1))


def test_spectrum_loss_is_that_of_its_definition():
    random, w = np.random.default_rng(1), LossWeights()
    x, y, p = bands_of_signals(random, 0.7, 0.4)
    gain, r = random.uniform(0.05, 1, (2, 10, 3, 34))
    mixed = (1 - r)[..., None] * y + r[..., None] * p
    angle = (x * mixed.conj()).real.sum(-1) / (size(x) * size(mixed))
    a, b = size(x) ** w.compression, (gain * size(y)) ** w.compression
    expected = 10 * (a * a + b * b - 2 * a * b * angle).mean()
    answers = Answers(torch.from_numpy(gain), torch.from_numpy(r), None)
    got = spectrum_loss(answers, batch_of_signals(x, y, p), w)
    check(abs(got / expected - 1) < 1e-3, (got, expected))


def test_the_most_that_a_band_is_raised_by_is_the_engines():
    header = os.path.join(os.path.dirname(shards.__file__), '..', 'core', 'src', 'dsp', 'gains.hpp')
    with open(header) as file:
        found = re.search(r'kMaxBandScale = ([0-9.]+)f;', file.read())
    check(found and float(found[1]) == MAX_BAND_SCALE, found)


def test_distortion_loss_is_that_of_what_the_engine_puts_out():
    random, w = np.random.default_rng(2), LossWeights()
    x, y, p = bands_of_signals(random, 3, 0.4)
    gain, r = random.uniform(0.3, 1, (2, 10, 3, 34))
    r[0] = 1  # where a comb filter takes much away, and its gain reaches the limit
    mixed = (1 - r)[..., None] * y + r[..., None] * p
    scale = gain * size(y) / size(mixed)
    check((scale > MAX_BAND_SCALE).any(), scale.max())
    out = scale.clip(None, MAX_BAND_SCALE)[..., None] * mixed
    expected = np.log10(1 + (size(x - out) / size(x)) ** 2 / w.band_floor).mean()
    answers = Answers(torch.from_numpy(gain), torch.from_numpy(r), None)
    got = distortion_loss(answers, batch_of_signals(x, y, p), w)
    check(abs(got / expected - 1) < 1e-3, (got, expected))


def test_adversary_moves_gains_only_and_learns():
    from discriminator import Adversary
    batch = dict(made_batch(), loudest=torch.ones(4, 1))
    batch['energy'] = torch.rand(FRAMES, 4, 34)
    torch.manual_seed(3)
    adversary = Adversary('cpu', torch.float32)
    gain = (0.5 * torch.ones(FRAMES, 4, 34)).requires_grad_()

    def separation():
        clean, enhanced = adversary.judge(gain.detach(), batch)[0].chunk(2)
        return (clean.mean() - enhanced.mean()).item()

    before = separation()
    for _ in range(20):
        gain.grad = None
        adversary.loss(gain, batch).backward()
        adversary.step()
    check(separation() > before + 0.1, (before, separation()))
    slope = gain.grad.clone()
    check(torch.isfinite(slope).all() and slope.abs().max() > 0, 'no slope')
    state = adversary.state_dict()
    other = Adversary('cpu', torch.float32)
    other.load_state_dict(state)
    scores = [one.judge(gain.detach(), batch)[0] for one in (other, adversary)]
    check(torch.equal(*scores), 'not restored')


def batch_of_levels(hops=60):
    """Hops 0..29 loud voice alone, 30..59 noise alone; the second sequence is in a room."""
    shape = (hops, 2, 34)
    voice = (torch.arange(hops) < 30).float().view(-1, 1).expand(hops, 2)
    torch.manual_seed(1)
    gain = voice.unsqueeze(-1) * (0.3 + 0.7 * torch.rand(shape))
    return dict(energy=torch.full(shape, 1e4), gain=gain, gain_weight=torch.ones(shape),
                strength_weight=torch.ones(shape), voice=voice,
                reverberant=torch.tensor([[0.], [1.]]))


def test_figures_of_known_answers():
    batch = batch_of_levels()
    ideal = validation.figures(batch['gain'], batch)
    check(ideal['correlation'] > 0.9999 and abs(ideal['lost_db']) < 1e-4, ideal)
    check(ideal['pause_db'] < -90 and ideal['over'] == ideal['under'] == 0, ideal)
    half = validation.figures(batch['gain'] / 2 + 0.1 * (1 - batch['voice'].unsqueeze(-1)), batch)
    check(abs(half['lost_db'] - 6.02) < 0.01 and abs(half['pause_db'] + 20) < 0.01, half)


def test_correlation_is_of_scenes_without_a_room():
    batch = batch_of_levels()
    gain = batch['gain'].clone()
    gain[:, 1] = 0.5
    check(validation.correlation(gain, batch) > 0.9999, 'the room counts')
    gain[:, 0] = torch.rand(60, 34)
    check(abs(validation.correlation(gain, batch)) < 0.2, 'it does not')


tap.run_module(dict(globals()))

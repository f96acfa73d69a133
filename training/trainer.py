# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""One worker of the training: draws, steps, and (the first worker) validates and saves."""
import functools
import math
import os
import time

import torch

import checkpoint
import native
from discriminator import Adversary
from generator import FEATURES
from losses import LossWeights, losses, with_teacher
from model import SIZES, make_network, quantisation_noise
from model_file import MOST, kind_of
from sequences import Pool, chunk, to_batch, validation_path, validation_set
from shard_pool import ShardPool, first_scenes
from validation import COLUMNS as MEASURED
from validation import validate

EMA = 0.999
CLIP = 0.5
WARM_UP = 200        # steps
LOWEST_RATE = 0.01   # of the full one
KEEP_STATE = 0.5     # of the sequences begin with a state left by another one
HOP_SECONDS = 0.01
INPUTS = ('past', 'fine')  # states of a network that are features of the hops before
VALIDATION_SCENES = 96
COLUMNS = ('minutes', 'hours', 'step', 'rate', 'train', 'valid', *MEASURED,
           'audio_s_per_cpu_s', 'audio_s_per_s')


class Trainer:
    def __init__(self, rank, args, team):
        self.rank, self.args, self.team = rank, args, team
        torch.manual_seed(args.seed)
        self.network = make_network(args.look_ahead, **SIZES[args.size]).to(args.device)
        self.features = self.network.architecture['features']
        self.rounding = functools.partial(
            quantisation_noise, most=MOST[kind_of(self.network.architecture)])
        self.parameters = list(self.network.parameters())
        self.optimiser = torch.optim.Adam(self.parameters, args.rate, betas=(0.9, 0.98))
        self.ema = {name: value.clone() for name, value in self.network.state_dict().items()}
        self.weights = LossWeights(over=args.over, under=args.under, spectrum=args.spectrum,
                                   distortion=args.distortion)
        fast = (args.device == 'cpu' and
                native.extension(self.network.EXTENSION) is not None)
        self.dtype = torch.bfloat16 if fast else torch.float32
        self.adversary = Adversary(args.device, self.dtype) if args.adversarial else None
        self.step, self.hours, self.minutes, self.best = 0, 0., 0., math.inf
        self.states = None
        self.running = None
        first = (args.seed << 40) + rank
        if args.resume:
            first = checkpoint.load(self, self.path('last.pt')) + rank
        elif args.start_from:
            checkpoint.load_weights(self, args.start_from)
        self.seconds, self.first_minutes = 0., self.minutes  # of audio, of the run before
        torch.manual_seed(args.seed + 1000 * rank + self.step)
        self.pool = self.open_pool(first)
        if rank == 0:
            self.valid = self.batch(self.validation_scenes())
            if args.resume:  # the loss may have changed since
                self.best = self.validate_best()
        self.spent = time.process_time()
        self.begun = time.monotonic() - 60 * self.minutes

    def path(self, name):
        return os.path.join(self.args.run, name)

    # --- scenes

    def open_pool(self, first):
        args, seed = self.args, self.args.seed + 1000 * self.rank + self.step
        if args.shards:
            return ShardPool(os.path.join(args.shards, 'train'), self.rank, args.workers, seed,
                             args.look_ahead, args.frames, lambda: self.team.stop.value)
        return Pool(args.cache, args.frames, args.look_ahead, args.reuse, first, args.workers, seed,
                    fine=self.features > FEATURES)

    def validation_scenes(self):
        held_out = self.args.shards and os.path.join(self.args.shards, 'valid')
        if held_out and os.path.isdir(held_out):
            return first_scenes(held_out, VALIDATION_SCENES, self.args.look_ahead)
        fine = self.features > FEATURES
        stored = validation_path(self.args.cache, self.args.look_ahead, fine)
        return validation_set(self.args.cache, stored, self.args.look_ahead, fine=fine)

    def batch(self, arrays):
        """With the features that the network takes: the dense one has no use for the fine ones."""
        arrays = dict(arrays, features=arrays['features'][..., :self.features])
        return to_batch(arrays, self.args.device, self.args.look_ahead)

    # --- schedule

    def elapsed_minutes(self):
        return (time.monotonic() - self.begun) / 60

    def progress(self):
        if self.args.hours:
            return min(1., self.hours / self.args.hours)
        return min(1., self.elapsed_minutes() / self.args.minutes)

    def rate(self, progress):
        """Full, then a half cosine from `hold` on; a short rise at the start."""
        fall = max(0., progress - self.args.hold) / max(1e-9, 1 - self.args.hold)
        shape = LOWEST_RATE + (1 - LOWEST_RATE) * 0.5 * (1 + math.cos(math.pi * fall))
        return self.args.rate * shape * min(1., (self.step + 1) / WARM_UP)

    # --- steps

    def run(self):
        saved = validated = time.monotonic()
        while True:
            progress, stop = self.team.agree(
                self.rank, lambda: (self.progress(), self.team.stop.value))
            if stop or progress >= 1:
                break
            self.train_on_sequences(progress)
            if self.rank == 0:
                now = time.monotonic()
                if now - validated > 60 * self.args.valid_minutes:
                    self.report(progress)
                    validated = time.monotonic()
                if now - saved > 60 * self.args.save_minutes:
                    checkpoint.save(self, self.path('last.pt'))
                    saved = time.monotonic()
        if self.rank == 0:
            self.report(progress)
            checkpoint.save(self, self.path('last.pt'))

    def first_states(self, count):
        """Zero for some sequences; for others what the last batch ended with, in another order."""
        if self.states is None:
            return None
        order = torch.randperm(count, device=self.args.device)
        keep = (torch.rand(count, 1, device=self.args.device) < KEEP_STATE).float()
        return {name: value.index_select(-2, order) * keep for name, value in self.states.items()
                if name not in INPUTS}

    def train_on_sequences(self, progress):
        """A step for each chunk of the sequences; the GRU states go on from chunk to chunk."""
        count = self.args.batch // self.args.workers
        batch = self.batch(self.pool.draw(count))
        states = self.first_states(count)
        for at in range(0, self.args.frames, self.args.chunk):
            self.train_step(progress, chunk(batch, at, at + self.args.chunk), states)
            states = self.states
        self.count(self.args.batch)

    def train_step(self, progress, batch, states):
        perturb = self.rounding if progress >= self.args.qat_from else None
        outputs = self.network(batch['features'], states, perturb, self.dtype)
        self.states = {name: value.detach() for name, value in outputs[3].items()}
        total = self.loss(progress, outputs, batch)
        self.optimiser.zero_grad(set_to_none=False)
        total.backward()
        trained = self.parameters + (self.adversary.parameters if self.adversary else [])
        self.team.average_gradients(self.rank, trained)
        norm = torch.nn.utils.clip_grad_norm_(self.parameters, CLIP)
        if torch.isfinite(norm):
            self.optimiser.param_groups[0]['lr'] = self.rate(progress)
            self.optimiser.step()
            if self.adversary:
                self.adversary.step()
        self.follow(total.item())
        self.step += 1

    def loss(self, progress, outputs, batch):
        share = self.args.teacher if progress < self.args.truth_from else 0.
        total, _ = losses(outputs, with_teacher(batch, share, self.weights), self.weights)
        if self.adversary:
            gain = torch.sigmoid(outputs[0])
            total = total + self.args.adversarial * self.adversary.loss(gain, batch)
        return total

    def follow(self, total):
        """Moving averages of weights and loss."""
        decay = min(EMA, (self.step + 1) / (self.step + 20))
        if self.rank == 0:
            for name, value in self.network.state_dict().items():
                self.ema[name].lerp_(value, 1 - decay)
        self.running = total if self.running is None else 0.98 * self.running + 0.02 * total

    def count(self, sequences):
        self.seconds += sequences * self.args.frames * HOP_SECONDS
        self.hours += sequences * self.args.frames * HOP_SECONDS / 3600
        self.team.next_scenes[self.rank] = self.pool.next
        self.team.cpu_seconds[self.rank] = time.process_time() - self.spent

    # --- validation

    def validate(self, state=None):
        """Of the averaged weights, or others: the loss, and what validation.py measures."""
        network = make_network(**self.network.architecture).to(self.args.device)
        network.load_state_dict(state or self.ema)
        return validate(network, self.valid, self.weights, self.dtype)

    def validate_best(self):
        """The loss of best.pt; infinite where there is none."""
        path = self.path('best.pt')
        if not os.path.exists(path):
            return math.inf
        return self.validate(checkpoint.read(path, self.args.device)['model'])[0]

    def log(self, row):
        """A line more in log.tsv, in the columns that an older version may have begun it with."""
        with open(self.path('log.tsv'), 'a+') as log:
            log.seek(0)
            columns = log.readline().split() or COLUMNS
            new = not log.tell()
            line = '\t'.join('%.6g' % row.get(name, math.nan) for name in columns)
            log.write(('\t'.join(columns) + '\n' if new else '') + line + '\n')

    def report(self, progress):
        total, parts = self.validate()
        minutes = self.elapsed_minutes()
        row = dict(parts, minutes=minutes, hours=self.hours, step=self.step,
                   rate=self.rate(progress), train=self.running or 0, valid=total,
                   audio_s_per_cpu_s=self.seconds / max(1e-9, sum(self.team.cpu_seconds)),
                   audio_s_per_s=self.seconds / max(1e-9, 60 * (minutes - self.first_minutes)))
        self.log(row)
        print(' '.join('%s %.4g' % (name, row[name]) for name in COLUMNS), flush=True)
        if total < self.best:
            self.best = total
            checkpoint.write(self.path('best.pt'), checkpoint.exportable(self, total))

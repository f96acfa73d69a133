# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""One worker of the training: draws, steps, and (the first worker) validates and saves."""
import math
import os
import time

import torch

import checkpoint
from fastgru import extension
from losses import LossWeights, losses
from model import SIZES, Network, quantisation_noise
from sequences import Pool, to_batch, validation_set

EMA = 0.999
CLIP = 0.5
WARM_UP = 200        # steps
LOWEST_RATE = 0.01   # of the full one
KEEP_STATE = 0.5     # of the sequences begin with a state left by another one
HOP_SECONDS = 0.01
COLUMNS = ('minutes', 'hours', 'step', 'rate', 'train', 'valid', 'gain', 'frame', 'strength',
           'voice', 'over', 'under', 'audio_s_per_cpu_s', 'audio_s_per_s')


class Trainer:
    def __init__(self, rank, args, team):
        self.rank, self.args, self.team = rank, args, team
        torch.manual_seed(args.seed)
        self.network = Network(look_ahead=args.look_ahead, **SIZES[args.size]).to(args.device)
        self.parameters = list(self.network.parameters())
        self.optimiser = torch.optim.Adam(self.parameters, args.rate, betas=(0.9, 0.98))
        self.ema = {name: value.clone() for name, value in self.network.state_dict().items()}
        self.weights = LossWeights(over=args.over)
        fast = args.device == 'cpu' and extension() is not None
        self.dtype = torch.bfloat16 if fast else torch.float32
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
        self.pool = Pool(args.cache, args.frames, args.look_ahead, args.reuse, first, args.workers,
                         args.seed + 1000 * rank + self.step)
        if rank == 0:
            beside = os.path.dirname(args.cache.rstrip('/'))
            stored = os.path.join(beside, 'valid%d.npz' % args.look_ahead)
            valid = validation_set(args.cache, stored, args.look_ahead)
            self.valid = to_batch(valid, args.device, args.look_ahead)
            if args.resume:  # the loss may have changed since
                self.best = self.validate()[0]
        self.spent = time.process_time()
        self.begun = time.monotonic() - 60 * self.minutes

    def path(self, name):
        return os.path.join(self.args.run, name)

    # --- schedule

    def elapsed_minutes(self):
        return (time.monotonic() - self.begun) / 60

    def progress(self):
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
        return {name: value.detach()[order] * keep for name, value in self.states.items()}

    def train_on_sequences(self, progress):
        """A step for each chunk of the sequences; the GRU states go on from chunk to chunk."""
        count = self.args.batch // self.args.workers
        batch = to_batch(self.pool.draw(count), self.args.device, self.args.look_ahead)
        states = self.first_states(count)
        for at in range(0, self.args.frames, self.args.chunk):
            chunk = {name: value[at:at + self.args.chunk] for name, value in batch.items()}
            self.train_step(progress, chunk, states)
            states = {name: value.detach() for name, value in self.states.items()}
        self.count(self.args.batch)

    def train_step(self, progress, batch, states):
        perturb = quantisation_noise if progress >= self.args.qat_from else None
        outputs = self.network(batch['features'], states, perturb, self.dtype)
        self.states = outputs[3]
        total, _ = losses(outputs, batch, self.weights)
        self.optimiser.zero_grad(set_to_none=False)
        total.backward()
        self.team.average_gradients(self.rank, self.parameters)
        norm = torch.nn.utils.clip_grad_norm_(self.parameters, CLIP)
        if torch.isfinite(norm):
            self.optimiser.param_groups[0]['lr'] = self.rate(progress)
            self.optimiser.step()
        self.follow(total.item())
        self.step += 1

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

    @torch.no_grad()
    def validate(self):
        network = Network(**self.network.architecture).to(self.args.device)
        network.load_state_dict(self.ema)
        outputs = network(self.valid['features'], dtype=self.dtype)
        total, parts = losses(outputs, self.valid, self.weights)
        error = torch.sigmoid(outputs[0]) - self.valid['gain']
        presence = (self.valid['gain_weight'] * self.valid['strength_weight'] *
                    self.valid['voice'].unsqueeze(-1))
        absence = self.valid['gain_weight'] * (self.valid['gain'] < 0.1)
        result = {name: value.item() for name, value in parts.items()}
        result['over'] = ((-error).clamp(min=0) * presence).sum().item() / presence.sum().item()
        result['under'] = (error.clamp(min=0) * absence).sum().item() / absence.sum().item()
        return total.item(), result

    def report(self, progress):
        total, parts = self.validate()
        minutes = self.elapsed_minutes()
        row = dict(parts, minutes=minutes, hours=self.hours, step=self.step,
                   rate=self.rate(progress), train=self.running or 0, valid=total,
                   audio_s_per_cpu_s=self.seconds / max(1e-9, sum(self.team.cpu_seconds)),
                   audio_s_per_s=self.seconds / max(1e-9, 60 * (minutes - self.first_minutes)))
        line = '\t'.join('%.6g' % row[name] for name in COLUMNS)
        new = not os.path.exists(self.path('log.tsv'))
        with open(self.path('log.tsv'), 'a') as log:
            log.write(('\t'.join(COLUMNS) + '\n' if new else '') + line + '\n')
        print(' '.join('%s %.4g' % (name, row[name]) for name in COLUMNS), flush=True)
        if total < self.best:
            self.best = total
            checkpoint.write(self.path('best.pt'), checkpoint.exportable(self, total))

#!/usr/bin/python3
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Measure how much sound a size hears in a second of this process's time, without the scenes.

    OMP_NUM_THREADS=1 training/speed.py --size band48 --seconds 20
"""
import argparse
import os
import sys
import time

os.environ.setdefault('OMP_NUM_THREADS', '1')
os.environ.setdefault('OPENBLAS_NUM_THREADS', '1')
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import torch  # noqa: E402

import native  # noqa: E402
from losses import LossWeights, losses  # noqa: E402
from model import SIZES, make_network  # noqa: E402

HOP_SECONDS = 0.01
PARTS = ('forward', 'losses', 'backward', 'optimiser')


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add('--size', choices=SIZES, default='band48')
    add('--seconds', type=float, default=20, help='of process time to measure for (default 20)')
    add('--batch', type=int, default=16, help='sequences (default 16)')
    add('--chunk', type=int, default=150, help='hops of a step (default 150)')
    add('--device', default='cpu')
    add('--plain', action='store_true', help='plain PyTorch in float32')
    return parser.parse_args()


def random_batch(hops, batch, features, device):
    shapes = dict(energy=34, gain=34, gain_weight=34, strength=34, strength_weight=34)
    made = {name: torch.rand(hops, batch, width, device=device) for name, width in shapes.items()}
    return dict(made, features=torch.randn(hops, batch, features, device=device),
                voice=torch.ones(hops, batch, device=device))


class Clock:
    """Seconds of this process, or of the clock on the wall where the work is done elsewhere."""

    def __init__(self, device):
        self.spent = dict.fromkeys(PARTS, 0.)
        self._device = device
        self._last = self._now()

    def _now(self):
        if self._device == 'cpu':
            return time.process_time()
        torch.cuda.synchronize()
        return time.monotonic()

    def lap(self, part):
        now = self._now()
        self.spent[part] += now - self._last
        self._last = now


def measure(network, batch, dtype, seconds):
    """Seconds of each of PARTS, and the number of steps."""
    optimiser = torch.optim.Adam(network.parameters(), 1e-4)
    device = batch['features'].device.type
    states, steps, clock = None, -1, None  # the first step is not measured
    while steps < 1 or sum(clock.spent.values()) < seconds:
        if steps == 0:
            clock = None
        clock = clock or Clock(device)
        clock.lap('forward')
        outputs = network(batch['features'], states, None, dtype)
        clock.lap('forward')
        total, _ = losses(outputs, batch, LossWeights())
        clock.lap('losses')
        optimiser.zero_grad()
        total.backward()
        clock.lap('backward')
        torch.nn.utils.clip_grad_norm_(network.parameters(), 0.5)
        optimiser.step()
        clock.lap('optimiser')
        states = outputs[3]
        steps += 1
    return clock.spent, steps


def main():
    args = parse_arguments()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    network = make_network(**SIZES[args.size]).to(args.device)
    fast = (args.device == 'cpu' and not args.plain and
            native.extension(network.EXTENSION) is not None)
    batch = random_batch(args.chunk, args.batch, network.architecture['features'], args.device)
    spent, steps = measure(network, batch, torch.bfloat16 if fast else torch.float32, args.seconds)
    audio = steps * args.batch * args.chunk * HOP_SECONDS
    clock = 'CPU-s' if args.device == 'cpu' else 's'
    print('%s, %s: %.1f audio-s each %s; ms for an audio-s: %s'
          % (args.size, 'bf16' if fast else 'float32', audio / sum(spent.values()), clock,
             ', '.join('%s %.2f' % (part, 1e3 * spent[part] / audio) for part in PARTS)))


if __name__ == '__main__':
    main()

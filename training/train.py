#!/usr/bin/python3
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Train the network on scenes generated as it goes. See training/README.md.

    OMP_NUM_THREADS=1 training/train.py --minutes 100 --workers 2 --run training/work/band48
"""
import argparse
import os
import signal
import sys
import time

os.environ.setdefault('OMP_NUM_THREADS', '1')
os.environ.setdefault('OPENBLAS_NUM_THREADS', '1')
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import torch  # noqa: E402
import torch.multiprocessing as multiprocessing  # noqa: E402

import native  # noqa: E402
from discriminator import Discriminator  # noqa: E402
from model import SIZES, make_network, parameter_count  # noqa: E402
from sequences import POOL_SIZE  # noqa: E402
from trainer import Trainer  # noqa: E402
from workers import Team  # noqa: E402

WORK = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'work')


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add('--run', required=True, help='folder of the run: last.pt, best.pt, log.tsv')
    add('--size', choices=SIZES, default='band48')
    add('--look-ahead', type=int, default=2, help='hops (default 2)')
    add('--shards', help='folder with train/ and perhaps valid/, written by scenes.py')
    add('--cache', default=os.path.join(WORK, 'cache'), help='made by prepare.py')
    add('--minutes', type=float, default=60, help='of the whole run, earlier parts included')
    add('--hours', type=float, help='of scenes to hear in the whole run, in place of '
        '--minutes: the same run however busy the machine is')
    add('--workers', type=int, default=1, help='processes of one thread each')
    add('--batch', type=int, default=16, help='sequences in a step, all workers together')
    add('--frames', type=int, default=300, help='hops in a sequence')
    add('--chunk', type=int, default=150,
        help='hops between two steps; the states go on through a sequence')
    add('--reuse', type=int, default=3, help='times that a generated sequence is drawn, at most 3')
    add('--rate', type=float, default=1e-3, help='learning rate')
    add('--hold', type=float, default=0.5, help='part of the run before the rate falls')
    add('--qat-from', type=float, default=0.85,
        help='part of the run after which weights get 8-bit noise')
    add('--over', type=float, default=1.5, help='factor on attenuating voice too much')
    add('--under', type=float, default=1., help='factor on leaving noise where there is no voice')
    add('--spectrum', type=float, default=0.,
        help='weight of the error of the bands as complex numbers (needs --shards)')
    add('--distortion', type=float, default=0.,
        help='weight of the error of each band with voice, in dB (needs --shards)')
    add('--adversarial', type=float, default=0.,
        help='weight of a second network that tells enhanced bands from clean ones')
    add('--teacher', type=float, default=0.5,
        help="share of the teacher's answers in the target, where there are any")
    add('--truth-from', type=float, default=0.8,
        help='part of the run after which the truth alone is the target')
    add('--seed', type=int, default=1)
    add('--resume', action='store_true', help='go on from last.pt of the run')
    add('--start-from', help='a checkpoint whose weights to begin with')
    add('--device', default='cpu')
    add('--save-minutes', type=float, default=10)
    add('--valid-minutes', type=float, default=4)
    return parser.parse_args()


def start(rank, args, team):
    """A worker that has all that it needs: what is missing or does not fit is told in a line."""
    try:
        return Trainer(rank, args, team)
    except (OSError, ValueError, RuntimeError) as error:
        sys.exit('train.py: %s' % error)


def work(rank, args, team):
    def ask_to_stop(*_):
        team.stop.value = 1

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)
    torch.set_num_threads(1)
    if rank > 0:
        team.watch(multiprocessing.parent_process())
    try:
        start(rank, args, team).run()
    except OSError as error:  # shards are gone, or the disk is full
        team.abort()
        sys.exit('train.py: %s' % error)
    except BaseException:
        team.abort()
        raise


def main():
    args = parse_arguments()
    if not 1 <= args.reuse <= 3 or args.batch % args.workers:
        sys.exit('train.py: --reuse is 1 to 3, and --batch a multiple of --workers')
    if not args.shards and args.batch > POOL_SIZE * args.workers:
        sys.exit('train.py: --batch is at most %d for each worker, or more with --shards'
                 % POOL_SIZE)
    if (args.spectrum or args.distortion) and not args.shards:
        sys.exit('train.py: --spectrum and --distortion need --shards')
    if args.hours is not None and args.hours <= 0 or args.minutes <= 0:
        sys.exit('train.py: --hours and --minutes are greater than 0')
    if args.frames % args.chunk:
        sys.exit('train.py: --frames is a multiple of --chunk')
    names = (os.path.join(args.run, name) for name in ('last.pt', 'best.pt'))
    if not args.resume and any(map(os.path.exists, names)):
        sys.exit('train.py: %s has a run already: --resume goes on with it' % args.run)
    os.makedirs(args.run, exist_ok=True)
    network = make_network(**SIZES[args.size])
    if args.device == 'cpu':
        native.extension(network.EXTENSION)  # built once, before there are workers
    count = parameter_count(network)
    print('%s: %d parameters, process %d, %s'
          % (args.size, count, os.getpid(), time.strftime('%H:%M:%S')), flush=True)
    context = multiprocessing.get_context('fork')
    if args.adversarial:
        count += parameter_count(Discriminator())
    team = Team(context, args.workers, count)
    others = [context.Process(target=work, args=(rank, args, team))
              for rank in range(1, args.workers)]
    for process in others:
        process.start()
        team.watch(process)
    work(0, args, team)
    for process in others:
        process.join()


if __name__ == '__main__':
    main()

#!/usr/bin/python3
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""The mean of the weights of two or more checkpoints of one lineage.

    training/average.py A.pt B.pt OUT.pt --hours 540

Runs that began with the same weights, or one before and after, have means that are often better
than each (Wortsman and others 2022, "Model soups"). Weights are kept as float16; what is said of
them is the last checkpoint's, but for `hours_seen` and its validation loss, which is not theirs."""
import argparse
import os
import sys

import torch

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from checkpoint import read, write  # noqa: E402


def mean(checkpoints):
    """The state_dict of the mean, as float16. ValueError where names or shapes differ."""
    models = [checkpoint['model'] for checkpoint in checkpoints]
    shapes = [{name: value.shape for name, value in model.items()} for model in models]
    if any(other != shapes[0] for other in shapes):
        raise ValueError('these checkpoints are of different networks')
    return {name: torch.stack([model[name].float() for model in models]).mean(0).half()
            for name in models[0]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('checkpoints', nargs='+', help='two or more .pt files of the trainer')
    parser.add_argument('out', help='the .pt file to write')
    parser.add_argument('--hours', required=True,
                        help='hours of scenes heard, all runs together')
    args = parser.parse_args()
    if len(args.checkpoints) < 2:
        parser.error('a mean takes two checkpoints or more, and OUT.pt')
    if os.path.exists(args.out):  # the last checkpoint, where OUT.pt was forgotten
        sys.exit('average.py: %s is there already; OUT.pt is a new file' % args.out)
    try:
        loaded = [read(path) for path in args.checkpoints]
        info = dict(loaded[-1].get('info', {}), hours_seen=args.hours)
        info.pop('valid_loss', None)
        write(args.out, dict(model=mean(loaded), architecture=loaded[-1]['architecture'],
                             info=info))
    except (OSError, ValueError) as error:
        sys.exit('average.py: %s' % error)


if __name__ == '__main__':
    main()

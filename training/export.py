#!/usr/bin/python3
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Make a model file from a checkpoint of the trainer.

The checkpoint is a dictionary with 'model' (the state_dict), 'architecture' (layer sizes) and
'info' (what goes into the metadata: name, version, licence, training run ...).
"""
import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import band_tensors  # noqa: E402
import model_file  # noqa: E402


def sharpen(tensors, kind, scale, shift):
    """Change what the last layer says of comb filter strengths, before the sigmoid, to `scale`
    times that and `shift`, in a model file's tensors. A mean of what may be right is never quite
    0 or 1; strengths nearer to these leave less noise between harmonics (docs/algorithm.md)."""
    if kind == 'bands':
        weight, bias = tensors['out2.weight'][1], tensors['strength_bias']
    else:
        weight, bias = tensors['fc_r.weight'], tensors['fc_r.bias']
    weight *= scale
    bias *= scale
    bias += shift


def export(checkpoint, path, quantise=True, extra=None, strength=(1., 0.)):
    """Write the model file of a loaded checkpoint; strength: scale and shift of sharpen().
    @return the number of weights and biases"""
    tensors = {name: value.detach().float().cpu().numpy().copy()
               for name, value in checkpoint['model'].items()}
    architecture = checkpoint['architecture']
    kind = model_file.kind_of(architecture)
    if kind == 'bands':
        tensors = band_tensors.fold(tensors, architecture)
        # The trainer counts the parts of a band; the engine has its own number of them, or none.
        architecture = dict(architecture, fine=int(architecture['fine'] > 0))
    sharpen(tensors, kind, *strength)
    metadata = {**checkpoint.get('info', {}), **(extra or {})}
    model_file.write_model(path, tensors, architecture, metadata, quantise)
    return sum(value.size for name, value in tensors.items() if not name.startswith('feature_'))


def entry(text):
    """Of the metadata, as --set has it."""
    key, equals, value = text.partition('=')
    if not key or not equals:
        raise argparse.ArgumentTypeError('%r is not KEY=VALUE' % text)
    return key, value


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('checkpoint', help='a .pt file of the trainer')
    parser.add_argument('out', help='the model file to write (.safetensors)')
    parser.add_argument('--float', action='store_true',
                        help='keep all weights in float32, for reference')
    parser.add_argument('--strength', nargs=2, type=float, default=(1., 0.),
                        metavar=('SCALE', 'SHIFT'),
                        help='change the logits of comb filter strengths (default: 1 0)')
    parser.add_argument('--set', action='append', type=entry, default=[], metavar='KEY=VALUE',
                        help='add or replace an entry of the metadata')
    arguments = parser.parse_args()
    import torch
    checkpoint = torch.load(arguments.checkpoint, map_location='cpu')
    count = export(checkpoint, arguments.out, not arguments.float, dict(arguments.set),
                   arguments.strength)
    size = os.path.getsize(arguments.out)
    print('%s: %d weights and biases, %d bytes' % (arguments.out, count, size))


if __name__ == '__main__':
    main()

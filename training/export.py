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


def recalibrate(tensors, kind, answer, scale, shift):
    """Change what the last layer says of 'gain' or 'strength' in every band, before the sigmoid, to
    `scale` times that and `shift`, in a model file's tensors (docs/algorithm.md says why)."""
    if kind == 'bands':
        row = ('gain', 'strength').index(answer)
        weight, bias = tensors['out2.weight'][row], tensors[answer + '_bias']
    else:
        layer = dict(gain='fc_g', strength='fc_r')[answer]
        weight, bias = tensors[layer + '.weight'], tensors[layer + '.bias']
    weight *= scale
    bias *= scale
    bias += shift


def export(checkpoint, path, quantise=True, extra=None, gain=(1., 0.), strength=(1., 0.)):
    """Write the model file of a loaded checkpoint; gain, strength: scale and shift, recalibrate().
    @return the number of weights and biases"""
    tensors = {name: value.detach().float().cpu().numpy().copy()
               for name, value in checkpoint['model'].items()}
    architecture = checkpoint['architecture']
    kind = model_file.kind_of(architecture)
    if kind == 'bands':
        tensors = band_tensors.fold(tensors, architecture)
        # The trainer counts the parts of a band; the engine has its own number of them, or none.
        architecture = dict(architecture, fine=int(architecture['fine'] > 0))
    recalibrate(tensors, kind, 'gain', *gain)
    recalibrate(tensors, kind, 'strength', *strength)
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
    for answer, words in (('gain', 'gains'), ('strength', 'comb filter strengths')):
        parser.add_argument('--' + answer, nargs=2, type=float, default=(1., 0.),
                            metavar=('SCALE', 'SHIFT'),
                            help='change the logits of %s (default: 1 0)' % words)
    parser.add_argument('--set', action='append', type=entry, default=[], metavar='KEY=VALUE',
                        help='add or replace an entry of the metadata')
    arguments = parser.parse_args()
    from checkpoint import read
    try:
        count = export(read(arguments.checkpoint), arguments.out, not arguments.float,
                       dict(arguments.set), arguments.gain, arguments.strength)
    except (OSError, ValueError) as error:
        sys.exit('export.py: %s' % error)
    size = os.path.getsize(arguments.out)
    print('%s: %d weights and biases, %d bytes' % (arguments.out, count, size))


if __name__ == '__main__':
    main()

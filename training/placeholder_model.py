#!/usr/bin/env python3
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Write a model of random weights, the same for the same seed: for tests and for the time before
there is a trained one. With the default biases gains come out near 1 and strengths near 0."""
import argparse
import os
import sys

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import model_file  # noqa: E402


BIASES = {'dense': ('fc_g.bias', 'fc_r.bias'), 'bands': ('gain_bias', 'strength_bias')}


def random_tensors(architecture, seed=1, size=1.0, gain_bias=0.0, strength_bias=0.0):
    """Uniform weights of PyTorch's default range times size."""
    generator = np.random.default_rng(seed)
    tensors = {}
    for name, shape in model_file.tensor_shapes(architecture).items():
        limit = size / np.sqrt(shape[1]) if len(shape) == 2 else 0.1 * size
        tensors[name] = generator.uniform(-limit, limit, shape).astype('f4')
    kind = model_file.kind_of(architecture)
    for name, bias in zip(BIASES[kind], (gain_bias, strength_bias)):
        tensors[name] += np.float32(bias)
    return tensors


def architecture(
    width=144, fc=64, strength_width=64, look_ahead=2, gru_layers=3, conv1_kernel=5, conv2_kernel=3
):
    return dict(
        features=70,
        bands=34,
        look_ahead=look_ahead,
        fc=fc,
        conv1_kernel=conv1_kernel,
        conv2_kernel=conv2_kernel,
        width=width,
        gru_layers=gru_layers,
        strength_width=strength_width,
    )


def band_architecture(
    channels=48, time_units=64, band_units=32, blocks=2, past=5, fine=1, fine_past=3, look_ahead=2
):
    return dict(
        kind='bands',
        features=70 + 204 * fine,
        bands=34,
        look_ahead=look_ahead,
        channels=channels,
        time_units=time_units,
        band_units=band_units,
        blocks=blocks,
        past=past,
        fine=fine,
        fine_past=fine_past,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.split(':')[0])
    parser.add_argument('out')
    parser.add_argument('--look-ahead', type=int, default=2)
    parser.add_argument(
        '--width', type=int, default=144, help='units of the GRUs (512: 8 M weights)'
    )
    parser.add_argument('--fc', type=int, default=64)
    parser.add_argument('--strength-width', type=int, default=64)
    parser.add_argument(
        '--bands', action='store_true', help='the network whose weights are shared by the bands'
    )
    arguments = parser.parse_args()
    if arguments.bands:
        shape = band_architecture(look_ahead=arguments.look_ahead)
    else:
        shape = architecture(
            arguments.width, arguments.fc, arguments.strength_width, arguments.look_ahead
        )
    tensors = random_tensors(shape, gain_bias=6.0, strength_bias=-6.0, size=0.3)
    model_file.write_model(
        arguments.out,
        tensors,
        shape,
        {
            'name': 'placeholder',
            'version': '0',
            'licence': 'BSD-2-Clause',
            'training': 'none: random weights that let everything through',
        },
    )


if __name__ == '__main__':
    main()

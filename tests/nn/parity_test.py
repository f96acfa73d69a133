#!/usr/bin/env python3
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Python and C++ compute the same network: parity_test.py NETWORK_TOOL [LEVEL ...]

Double-precision numpy networks, written from the equations, against the engine with float32
weights, with int8 weights, and at every level. Exit status 77 (skipped) without numpy."""
import os
import subprocess
import sys
import tempfile

try:
    import numpy as np
except ImportError:
    print('SKIP: numpy is not installed')
    sys.exit(77)

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
sys.path.insert(0, os.path.join(ROOT, 'training'))
import model_file  # noqa: E402
import placeholder_model  # noqa: E402
from band_reference import BandReference  # noqa: E402

HOPS = 60


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class DenseReference:
    """docs/algorithm.md, one hop at a time."""

    def __init__(self, tensors, architecture):
        self.t = {name: value.astype('f8') for name, value in tensors.items()}
        self.a = architecture
        self.states, self.histories = {}, {}

    def dense(self, name, x):
        return self.t[name + '.weight'] @ x + self.t[name + '.bias']

    def conv(self, name, x, kernel):
        history = self.histories.get(name, [np.zeros_like(x)] * kernel)[1:] + [x]
        self.histories[name] = history
        return np.tanh(self.dense(name, np.concatenate(history)))

    def gru(self, name, x):
        units = len(self.t[name + '.bias_ih']) // 3
        h = self.states.get(name, np.zeros(units))
        i = np.split(self.t[name + '.weight_ih'] @ x + self.t[name + '.bias_ih'], 3)
        r = np.split(self.t[name + '.weight_hh'] @ h + self.t[name + '.bias_hh'], 3)
        reset, update = sigmoid(i[0] + r[0]), sigmoid(i[1] + r[1])
        new = np.tanh(i[2] + reset * r[2])
        self.states[name] = (1 - update) * new + update * h
        return self.states[name]

    def step(self, features):
        mean = self.t.get('feature_mean', 0.0)
        scale = self.t.get('feature_scale', 1.0)
        x = np.tanh(self.dense('fc', (features.astype('f8') - mean) * scale))
        x = self.conv('conv1', x, self.a['conv1_kernel'])
        conv2 = self.conv('conv2', x, self.a['conv2_kernel'])
        layers = [conv2]
        for i in range(self.a['gru_layers']):
            layers.append(self.gru('gru%d' % (i + 1), layers[-1]))
        top = layers[-1]
        joint = np.concatenate(layers + [self.gru('gru_g', top)])
        strength = self.gru('gru_r', np.concatenate([top, conv2]))
        return sigmoid(
            np.concatenate(
                [self.dense('fc_g', joint), self.dense('fc_r', strength), self.dense('fc_v', joint)]
            )
        )


def engine(tool, model, level, features):
    run = subprocess.run([tool, model, level], input=features.tobytes(), stdout=subprocess.PIPE)
    if run.returncode == 3:
        return None  # not on this machine
    run.check_returncode()
    return np.frombuffer(run.stdout, '<f4').reshape(len(features), -1)


def check(what, error, limit):
    print('%s %-44s %.3g (limit %.3g)' % ('ok  ' if error < limit else 'FAIL', what, error, limit))
    return error < limit


def compare(tool, levels, folder, name, architecture, extra):
    tensors = {**placeholder_model.random_tensors(architecture, seed=7, size=2.0), **extra}
    shape = (HOPS, architecture['features'])
    features = np.random.default_rng(3).normal(0, 1, shape).astype('f4')
    kind = model_file.kind_of(architecture)
    Reference = {'dense': DenseReference, 'bands': BandReference}[kind]
    reference = Reference(tensors, architecture)
    expected = np.stack([reference.step(hop) for hop in features])
    outputs, fine = {}, True
    for quantise in (False, True):
        path = os.path.join(folder, '%s-%d.safetensors' % (name, quantise))
        model_file.write_model(path, tensors, architecture, {'name': name}, quantise)
        outputs[quantise] = [
            out
            for out in (engine(tool, path, level, features) for level in levels)
            if out is not None
        ]
        same = all((out.tobytes() == outputs[quantise][0].tobytes()) for out in outputs[quantise])
        fine &= check('%s: levels differ, int8 %d' % (name, quantise), 0.0 if same else 1.0, 0.5)
    fine &= check(name + ': C++ float from numpy', np.abs(outputs[False][0] - expected).max(), 1e-5)
    fine &= check(name + ': C++ int8 from numpy', np.abs(outputs[True][0] - expected).max(), 0.02)
    restored, shape, _ = model_file.read_model(path)
    reference = Reference(restored, shape)
    rounded = np.stack([reference.step(hop) for hop in features])
    fine &= check(name + ': weights rounded, from numpy', np.abs(rounded - expected).max(), 0.02)
    return fine


def control_characters_are_refused(folder):
    architecture = placeholder_model.band_architecture(16, 16, 16, 1, 1, 0)
    tensors = placeholder_model.random_tensors(architecture, seed=7)
    path, written = os.path.join(folder, 'text.safetensors'), 0
    for metadata in ({'name': 'two\nlines'}, {'na\0me': 'x'}, {'name': '\x9bm'}):
        try:
            model_file.write_model(path, tensors, architecture, metadata)
            written += 1
        except ValueError:
            pass
    return check('files with control characters written', written, 0.5)


def main():
    tool, levels = sys.argv[1], sys.argv[2:] or ['c']
    generator = np.random.default_rng(5)
    scaling = {
        'feature_mean': generator.normal(0, 1, 70),
        'feature_scale': generator.uniform(0.5, 1.5, 70),
    }
    bands = placeholder_model.band_architecture
    cases = [
        ('0.7M', placeholder_model.architecture(), {}),
        ('odd sizes', placeholder_model.architecture(37, 19, 23, 1, 2, 3, 1), scaling),
        ('one GRU', placeholder_model.architecture(48, 32, 16, 0, 1), {}),
        ('bands', bands(), {}),
        ('bands, other sizes', bands(32, 16, 48, 3, 2, 1, 1, 0), {}),
        ('bands, not fine', bands(16, 32, 16, 1, 9, 0), {}),
    ]
    with tempfile.TemporaryDirectory() as folder:
        fine = all([compare(tool, levels, folder, *case) for case in cases])
        fine &= control_characters_are_refused(folder)
    sys.exit(0 if fine else 1)


if __name__ == '__main__':
    main()

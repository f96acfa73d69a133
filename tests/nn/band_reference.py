# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""The band network in double precision, one hop at a time, from docs/algorithm.md."""
import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def normalised(x):
    x = x - x.mean(-1, keepdims=True)
    return x / np.sqrt((x ** 2).mean(-1, keepdims=True) + 1e-5)


def neighbours(x, offsets):
    """Columns x[b + offset], the last value beyond the edges."""
    at = np.arange(len(x))[:, None] + np.array(offsets)
    return x[np.clip(at, 0, len(x) - 1)]


class BandReference:
    def __init__(self, tensors, architecture):
        self.t = {name: value.astype('f8') for name, value in tensors.items()}
        self.a = architecture
        self.past, self.states = {}, {}

    def dense(self, name, x):
        return x @ self.t[name + '.weight'].T + self.t[name + '.bias']

    def gru_step(self, name, inputs, h):
        memory = h @ self.t[name + '.weight_hh'].T + self.t[name + '.bias_hh']
        i, m = np.split(inputs, 3, -1), np.split(memory, 3, -1)
        reset, update = sigmoid(i[0] + m[0]), sigmoid(i[1] + m[1])
        return (1 - update) * np.tanh(i[2] + reset * m[2]) + update * h

    def gru_inputs(self, name, x):
        return x @ self.t[name + '.weight_ih'].T + self.t[name + '.bias_ih']

    def chain(self, name, x):
        h, states = np.zeros(self.a['band_units']), []
        for row in self.gru_inputs(name, x):
            h = self.gru_step(name, row, h)
            states.append(h)
        return np.stack(states)

    def with_past(self, name, x, hops):
        history = (self.past.get(name) or [x] * hops)[1:] + [x]
        self.past[name] = history
        return np.concatenate(history, -1)

    def first_layer(self, features):
        bands = self.a['bands']
        energy, coherence = features[:bands], features[bands:2 * bands]
        common = np.concatenate([features[2 * bands:70], [energy.mean(), energy.max()]])
        x = np.concatenate([neighbours(energy, (2, 1, 0, -1, -2)),
                            neighbours(coherence, (1, 0, -1)), np.tile(common, (bands, 1))], 1)
        y = self.with_past('inp', x, self.a['past']) @ self.t['inp.weight'].T + self.t['band']
        if self.a['fine']:
            parts = neighbours(features[70:], np.arange(-1, 7))[::6] - energy[:, None]
            y += self.with_past('fine', parts, self.a['fine_past']) @ self.t['fine_inp.weight'].T
        return y

    def step(self, features):
        """34 gains, 34 strengths, voice probability."""
        y = self.first_layer(features.astype('f8'))
        for i in map(str, range(self.a['blocks'])):
            x = normalised(y)
            down = self.chain('down' + i, x[::-1])[::-1]
            both = np.concatenate([self.chain('up' + i, x), down], -1)
            y = y + self.dense('band_out' + i, both)
            h = self.states.get(i, np.zeros((self.a['bands'], self.a['time_units'])))
            inputs = self.gru_inputs('time' + i, normalised(y))
            h = self.states[i] = self.gru_step('time' + i, inputs, h)
            y = y + self.dense('time_out' + i, h)
        h = np.tanh(self.dense('out1', normalised(y)))
        gain, strength = self.t['out2.weight'] @ h.T
        voice = self.t['voice.weight'] @ h.mean(0) + self.t['voice.bias']
        return sigmoid(np.concatenate([gain + self.t['gain_bias'],
                                       strength + self.t['strength_bias'], voice]))

# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""The band network's tensors as the model file has them, from those of the trainer."""
import numpy as np


def fold(tensors, architecture):
    """What stands before a product without a bend between them goes into it: the gain and bias of a
    normalisation into the product after it, biases of the first layer into what each band adds to
    it, that of the last into the bias of each band. tensors: float arrays by the names of the
    trainer's state_dict."""
    t = {name: np.asarray(value, np.float64) for name, value in tensors.items()}
    out = {}

    def product(name, suffix, norm):
        weight, bias = t[name + '.weight' + suffix], t[name + '.bias' + suffix]
        out[name + '.weight' + suffix] = weight * t[norm + '.weight']
        out[name + '.bias' + suffix] = bias + weight @ t[norm + '.bias']

    def gru(name, norm):
        product(name, '_ih', norm)
        for part in ('.weight_hh', '.bias_hh'):
            out[name + part] = t[name + part]

    def dense(name):
        out[name + '.weight'], out[name + '.bias'] = t[name + '.weight'], t[name + '.bias']

    out['inp.weight'] = t['inp.weight']
    out['band'] = t['emb'][:, 0] + t['inp.bias']
    if architecture['fine']:
        out['fine_inp.weight'] = t['fine_inp.weight']
        out['band'] += t['fine_inp.bias']
    for i in map(str, range(architecture['blocks'])):
        gru('up' + i, 'band_norm' + i)
        gru('down' + i, 'band_norm' + i)
        dense('band_out' + i)
        gru('time' + i, 'time_norm' + i)
        dense('time_out' + i)
    product('out1', '', 'norm')
    out['out2.weight'] = t['out2.weight'][:2]  # more columns only make training fast
    for which, name in enumerate(('gain_bias', 'strength_bias')):
        out[name] = t['bias'][:, 0, which] + t['out2.bias'][which]
    out['voice.weight'], out['voice.bias'] = t['voice.weight'][0], t['voice.bias']
    return {name: value.astype('f4') for name, value in out.items()}

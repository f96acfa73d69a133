# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""The dense network, as core/src/nn/architecture.hpp describes it, and the sizes of both kinds; the
state_dict has the names of the model file.

Time-major tensors (T, B, n). Features come at arrival time and targets belong to the frame
`look_ahead` hops earlier, so that the network itself is simply causal.
"""
import torch

from band_network import BandNetwork
from dense import Dense
from fastgru import Gru

FEATURES = 70
BANDS = 34
SIZES = {'8M': dict(width=512, fc=128, strength_width=128),
         '2M': dict(width=256, fc=96, strength_width=96),
         '0.7M': dict(width=144, fc=64, strength_width=64),
         'tiny': dict(width=32, fc=16, strength_width=16),
         'band32': dict(kind='bands', channels=32, time_units=32, band_units=16),
         'band48': dict(kind='bands', channels=48, time_units=64, band_units=32),
         'band64': dict(kind='bands', channels=64, time_units=96, band_units=48),
         'band48w': dict(kind='bands', channels=48, time_units=96, band_units=48),
         'band-tiny': dict(kind='bands', channels=16, time_units=16, band_units=16, blocks=1)}


class CausalConv(Dense):
    """Over the last `kernel` hops; weight is (out, kernel * in), the oldest hop first."""

    def __init__(self, inputs, outputs, kernel):
        super().__init__(kernel * inputs, outputs)
        self.kernel = kernel

    def forward(self, x, perturb=None):
        T = x.shape[0]
        padded = torch.nn.functional.pad(x, (0, 0, 0, 0, self.kernel - 1, 0))
        past = [padded[i:i + T] for i in range(self.kernel)]
        return super().forward(torch.cat(past, -1), perturb)


class Network(torch.nn.Module):
    EXTENSION = 'fastgru'  # what makes it fast (native/)

    def __init__(self, width=256, fc=96, strength_width=96, conv1_kernel=5, conv2_kernel=3,
                 gru_layers=3, look_ahead=2, features=FEATURES, bands=BANDS):
        super().__init__()
        self.architecture = dict(features=features, bands=bands, look_ahead=look_ahead, fc=fc,
                                 conv1_kernel=conv1_kernel, conv2_kernel=conv2_kernel, width=width,
                                 gru_layers=gru_layers, strength_width=strength_width)
        self.fc = Dense(features, fc)
        self.conv1 = CausalConv(fc, width, conv1_kernel)
        self.conv2 = CausalConv(width, width, conv2_kernel)
        self.gru_names = ['gru%d' % (i + 1) for i in range(gru_layers)]
        for name in self.gru_names:
            self.add_module(name, Gru(width, width))
        self.gru_g = Gru(width, width)
        self.gru_r = Gru(2 * width, strength_width)
        self.fc_g = Dense((gru_layers + 2) * width, bands)
        self.fc_v = Dense((gru_layers + 2) * width, 1)
        self.fc_r = Dense(strength_width, bands)

    def forward(self, x, states=None, perturb=None, dtype=torch.float32):
        """Returns the logits of gains, strengths (T, B, bands), voice (T, B) in f32; the states.

        states: what an earlier call returned, to continue from there; perturb: applied to the
        weights that the engine keeps in 8 bits; dtype: of the computation."""
        states = states or {}
        last = {}

        def gru(name, value):
            h, last[name] = getattr(self, name)(value, states.get(name), perturb)
            return h

        x = torch.tanh(self.fc(x.to(dtype)))
        x = torch.tanh(self.conv1(x, perturb))
        conv = torch.tanh(self.conv2(x, perturb))
        hidden = [conv]
        for name in self.gru_names:
            hidden.append(gru(name, hidden[-1]))
        top = hidden[-1]
        joint = torch.cat(hidden + [gru('gru_g', top)], -1)
        strength = self.fc_r(gru('gru_r', torch.cat([top, conv], -1)))
        voice = self.fc_v(joint).float().squeeze(-1)
        return self.fc_g(joint).float(), strength.float(), voice, last


def make_network(look_ahead=2, **architecture):
    """The network of one of SIZES, or of what a network's `architecture` tells."""
    sizes = dict(architecture)
    if sizes.pop('kind', 'dense') == 'bands':
        sizes.pop('features', None)  # follows from the bands and their fine parts
        return BandNetwork(look_ahead=look_ahead, **sizes)
    return Network(look_ahead=look_ahead, **sizes)


def quantisation_noise(weight, most=127):
    """The weight with the error of rounding to -most..most, a scale for each row, as noise."""
    step = weight.detach().abs().amax(1, keepdim=True) / most
    return weight + (torch.rand_like(weight) - 0.5) * step


def parameter_count(network):
    return sum(p.numel() for p in network.parameters())

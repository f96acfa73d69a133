# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""The band network: every band has the same weights (docs/algorithm.md).

Inside, tensors are (T, bands, B, channels). A block is a GRU up and one down over the bands, at
every hop from zero, then a GRU over time for each band; each adds its answer to the channels.
Features come at arrival time and targets belong to the frame `look_ahead` hops earlier.
"""
import torch
from torch.nn import functional

import fastband
from dense import Dense
from fastgru import Gru

SHIFTS_OF_ENERGY = (-2, -1, 0, 1, 2)  # which neighbours' log energies a band sees
SHIFTS_OF_COHERENCE = (-1, 0, 1)
OF_ALL = 4                            # pitch, its correlation, mean and greatest log energy
OF_BAND = len(SHIFTS_OF_ENERGY) + len(SHIFTS_OF_COHERENCE) + OF_ALL
FINE_PARTS = 6                        # of a band, in the 60 ms spectrum
MARGIN = 1                            # fine parts of the neighbours that a band sees, on each side
FINE_OF_BAND = FINE_PARTS + 2 * MARGIN


def moved(x, shift):
    """x (..., bands) as the band `shift` below has it; the outermost bands stand for those beyond.
    """
    size = x.shape[-1]
    padded = functional.pad(x, (max(shift, 0), max(-shift, 0)), mode='replicate')
    return padded[..., max(-shift, 0):max(-shift, 0) + size]


class BandNetwork(torch.nn.Module):
    """Takes features (T, B, 70), as Network does, or with fine=1 (T, B, 70 + 6 * bands): and log
    powers of six parts of each band in the 60 ms spectrum."""
    EXTENSION = 'fastband'  # what makes it fast (native/)

    def __init__(self, channels=48, time_units=64, band_units=32, blocks=2, past=5, fine=1,
                 fine_past=3, look_ahead=2, bands=34):
        super().__init__()
        features = bands * (2 + FINE_PARTS * fine) + 2
        self.architecture = dict(kind='bands', features=features, bands=bands,
                                 look_ahead=look_ahead, channels=channels, time_units=time_units,
                                 band_units=band_units, blocks=blocks, past=past, fine=fine,
                                 fine_past=fine_past)
        self.inp = Dense(OF_BAND * past, channels)
        if fine:
            self.fine_inp = Dense(FINE_OF_BAND * fine_past, channels)
        self.emb = torch.nn.Parameter(0.1 * torch.randn(bands, 1, channels))  # which band it is
        for i in range(blocks):
            for name, layer in (('band_norm', torch.nn.LayerNorm(channels)),
                                ('up', Gru(channels, band_units)),
                                ('down', Gru(channels, band_units)),
                                ('band_out', Dense(2 * band_units, channels)),
                                ('time_norm', torch.nn.LayerNorm(channels)),
                                ('time', Gru(channels, time_units)),
                                ('time_out', Dense(time_units, channels))):
                self.add_module('%s%d' % (name, i), layer)
        self.norm = torch.nn.LayerNorm(channels)
        self.out1 = Dense(channels, channels)
        self.out2 = Dense(channels, 2)
        self.bias = torch.nn.Parameter(torch.zeros(bands, 1, 2))
        self.voice = torch.nn.Linear(channels, 1)

    def _load_from_state_dict(self, state, prefix, *rest):
        # Early checkpoints have an output layer of 16 rows, 14 of them unused.
        for name in ('out2.weight', 'out2.bias'):
            if prefix + name in state:
                state[prefix + name] = state[prefix + name][:2]
        super()._load_from_state_dict(state, prefix, *rest)

    def layer(self, name, block):
        return getattr(self, '%s%d' % (name, block))

    # --- what a band sees

    def numbers_of_bands(self, x):
        """(T, bands, B, 12): log energies and coherences near by, pitch and level of all."""
        bands = self.architecture['bands']
        energy, coherence = x[..., :bands], x[..., bands:2 * bands]
        of_all = [x[..., 2 * bands], x[..., 2 * bands + 1], energy.mean(-1), energy.amax(-1)]
        numbers = ([moved(energy, d) for d in SHIFTS_OF_ENERGY] +
                   [moved(coherence, d) for d in SHIFTS_OF_COHERENCE] +
                   [v.unsqueeze(-1).expand_as(energy) for v in of_all])
        return torch.stack(numbers, -1).transpose(1, 2)

    def fine_of_bands(self, x):
        """(T, bands, B, 8): the parts of each band and one beyond, less its log energy."""
        bands = self.architecture['bands']
        energy = x[..., :bands]
        parts = functional.pad(x[..., 2 * bands + 2:], (MARGIN, MARGIN), mode='replicate')
        local = parts.unfold(-1, FINE_OF_BAND, FINE_PARTS) - energy.unsqueeze(-1)
        return local.transpose(1, 2)

    def with_past(self, name, value, hops, states, last):
        """The hops before the first one, in front: of the last call, or the first one again."""
        before = states.get(name)
        if before is None:
            before = value[:1].expand(hops - 1, -1, -1, -1)
        value = torch.cat([before.to(value.dtype), value])
        last[name] = value[value.shape[0] - hops + 1:].detach()
        return value

    def inputs(self, x, states, last, dtype):
        """Numbers (T + past - 1, ...), fine parts (T + fine_past - 1, ...) or None."""
        a = self.architecture
        numbers = self.with_past('past', self.numbers_of_bands(x).to(dtype), a['past'], states,
                                 last)
        if not a['fine']:
            return numbers, None
        return numbers, self.with_past('fine', self.fine_of_bands(x).to(dtype), a['fine_past'],
                                       states, last)

    # --- the network

    def weights(self, perturb=None):
        """The weights of all layers, in the order of read_tensors() in fastband/binding.cpp.

        What a LayerNorm multiplies and adds is part of the layer behind it, as in the engine: its
        8-bit weights are these. perturb: applied to those."""
        perturb = perturb or (lambda weight: weight)

        def dense(layer):
            return [perturb(layer.weight), layer.bias]

        def behind(norm, weight, bias):
            return [perturb(weight * norm.weight), bias + weight @ norm.bias]

        def gru(layer, norm):
            ih, bias = behind(norm, layer.weight_ih, layer.bias_ih)
            return [ih, perturb(layer.weight_hh), bias, layer.bias_hh]

        weight, bias = self.inp.weight, self.inp.bias
        if self.architecture['fine']:
            weight = torch.cat([weight, self.fine_inp.weight], 1)
            bias = bias + self.fine_inp.bias
        found = [weight, self.emb.squeeze(1) + bias]
        for i in range(self.architecture['blocks']):
            for name in ('up', 'down'):
                found += gru(self.layer(name, i), self.layer('band_norm', i))
            found += dense(self.layer('band_out', i))
            found += gru(self.layer('time', i), self.layer('time_norm', i))
            found += dense(self.layer('time_out', i))
        return found + behind(self.norm, self.out1.weight, self.out1.bias) + [self.out2.weight]

    def forward(self, x, states=None, perturb=None, dtype=torch.float32):
        """Returns the logits of gains, strengths (T, B, bands), voice (T, B) in f32; the states.

        states: what an earlier call returned, to continue from there; perturb: applied to the
        weights that the engine keeps in 8 bits; dtype: of the computation."""
        states, last = states or {}, {}
        numbers, fine = self.inputs(x, states, last, dtype)
        fast = (x.device.type == 'cpu' and dtype == torch.bfloat16 and x.shape[1] % 2 == 0 and
                fastband.available(self.architecture))
        walk = fastband.forward if fast else plain_forward
        logits, hidden = walk(self.architecture, self.weights(perturb), numbers, fine, states,
                              last)
        gain, strength = (logits.float() + self.out2.bias + self.bias).permute(3, 0, 2, 1)
        return gain, strength, self.voice(hidden.float()).squeeze(-1), last


# --- the same in plain PyTorch, for every device and type

def normalised(y):
    return functional.layer_norm(y.float(), y.shape[-1:]).to(y.dtype)


def plain_gru(x, state, weights):
    """x (steps, rows, n) -> h (steps, rows, units), the last h in f32."""
    training = torch.is_grad_enabled()  # on a GPU there is no backward pass without
    h, last = torch.gru(x, state.to(x.dtype).unsqueeze(0), weights, True, 1, 0., training, False,
                        False)
    return h, last.squeeze(0).float()


def over_bands(y, up, down, out):
    T, bands, B, C = y.shape
    v = normalised(y).transpose(0, 1).reshape(bands, T * B, C).contiguous()
    zeros = v.new_zeros(T * B, up[1].shape[1])
    h = torch.cat([plain_gru(v, zeros, up)[0], plain_gru(v.flip(0), zeros, down)[0].flip(0)], -1)
    return y + functional.linear(h, *out).view(bands, T, B, C).transpose(0, 1)


def over_time(y, state, gru, out):
    T, bands, B, C = y.shape
    v = normalised(y).reshape(T, bands * B, C).contiguous()
    h, last = plain_gru(v, state.reshape(bands * B, -1), gru)
    return y + functional.linear(h, *out).view(T, bands, B, C), last.view(bands, B, -1)


def plain_forward(architecture, weights, numbers, fine, states, last):
    """(T, bands, B, 2) logits but for the biases, (T, B, channels) mean of the last layer."""
    left = iter(weight.to(numbers.dtype) for weight in weights)

    def take(count):
        return [next(left) for _ in range(count)]

    hops = numbers.shape[0] - architecture['past'] + 1
    seen = [value[i:i + hops] for value in (numbers, fine) if value is not None
            for i in range(value.shape[0] - hops + 1)]
    weight, embedding = take(2)
    y = functional.linear(torch.cat(seen, -1), weight) + embedding.unsqueeze(1)
    for i in range(architecture['blocks']):
        y = over_bands(y, take(4), take(4), take(2))
        name = 'time%d' % i
        state = states.get(name)
        if state is None:
            state = y.new_zeros(y.shape[1], y.shape[2], architecture['time_units'])
        y, now = over_time(y, state, take(4), take(2))
        last[name] = now.detach()
    h = torch.tanh(functional.linear(normalised(y), *take(2)))
    return functional.linear(h, *take(1)), h.mean(1)

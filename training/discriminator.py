# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""A second network that learns to tell the enhanced bands from the clean ones, so that the first
learns not to hedge: patches of log band energies, hinge loss, and features that should match.

Used in training only (train.py --adversarial)."""
import torch
from torch.nn import functional
from torch.nn.utils import spectral_norm

RATE, BETAS = 4e-4, (0.5, 0.9)
FLOOR = 1e-7      # of energies over the loudest band of the scene: -70 dB
FEATURES = 2.     # weight of the matching of features
LEARNED = 0.5     # bands whose gain_weight is above this
# channels, kernel and stride over (hops, bands)
LAYERS = ((16, (5, 5), (2, 1)), (32, (5, 3), (2, 2)), (48, (5, 3), (2, 2)), (64, (3, 3), (1, 2)))


class Discriminator(torch.nn.Module):
    """(B, 3, T, bands): the bands to judge, the noisy ones, where a band is -> scores of patches,
    and the features of each layer."""

    def __init__(self):
        super().__init__()
        self.layers = torch.nn.ModuleList()
        inputs = 3
        for channels, kernel, stride in LAYERS:
            padding = [size // 2 for size in kernel]
            self.layers.append(
                spectral_norm(torch.nn.Conv2d(inputs, channels, kernel, stride, padding)))
            inputs = channels
        self.score = spectral_norm(torch.nn.Conv2d(inputs, 1, 3, 1, 1))

    def forward(self, x):
        features = []
        for layer in self.layers:
            x = functional.leaky_relu(layer(x), 0.2)
            features.append(x)
        return self.score(x), features


def log_bands(gain, batch):
    """Of the energy that a gain leaves, about -1.75 to 1.75: (B, 1, T, bands)."""
    energy = batch['energy'] / batch['loudest'].view(1, -1, 1)
    level = 0.5 * (torch.log10(gain * gain * energy + FLOOR) + 3.5)
    return (level * (batch['gain_weight'] > LEARNED)).transpose(0, 1).unsqueeze(1)


class Adversary:
    """The discriminator and its optimiser. Workers that begin with the same random state and
    average the gradients keep equal ones."""

    def __init__(self, device, dtype):
        self.network = Discriminator().to(device)
        self.parameters = list(self.network.parameters())
        self._optimiser = torch.optim.Adam(self.parameters, RATE, BETAS)
        self._dtype = dtype

    def judge(self, gain, batch):
        """Scores and features of the clean and of the enhanced bands, (2 B, ...): clean first."""
        clean, noisy = log_bands(batch['gain'], batch), log_bands(torch.ones_like(gain), batch)
        where = torch.linspace(-1, 1, gain.shape[-1], device=gain.device).expand_as(noisy)
        pairs = torch.cat([torch.cat([judged, noisy, where], 1)
                           for judged in (clean, log_bands(gain, batch))])
        with torch.autocast(gain.device.type, torch.bfloat16, self._dtype == torch.bfloat16):
            score, features = self.network(pairs)
        return score.float(), [f.float() for f in features]

    def loss(self, gain, batch):
        """What the first network should reduce, with gradients to gain (T, B, bands) alone. Leaves
        in its own parameters the gradients of what this one should reduce. batch: of the truth."""
        answer = gain.detach().requires_grad_()
        score, features = self.judge(answer, batch)
        clean, enhanced = score.chunk(2)
        own = functional.relu(1 - clean).mean() + functional.relu(1 + enhanced).mean()
        theirs = -enhanced.mean()
        for feature in features:
            aim, got = feature.chunk(2)
            theirs = theirs + FEATURES * (got - aim.detach()).abs().mean()
        for parameter, gradient in zip(self.parameters, torch.autograd.grad(
                own, self.parameters, retain_graph=True)):
            parameter.grad = gradient
        slope, = torch.autograd.grad(theirs, answer)
        return (slope * (gain - answer.detach())).sum() + theirs.detach()

    def step(self):
        self._optimiser.step()

    def state_dict(self):
        return dict(network=self.network.state_dict(), adam=self._optimiser.state_dict())

    def load_state_dict(self, state):
        self.network.load_state_dict(state['network'])
        self._optimiser.load_state_dict(state['adam'])

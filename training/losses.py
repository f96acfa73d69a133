# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""What the network is trained to reduce (docs/algorithm.md). All powers keep a small term
inside: the slope of a square root at zero is infinite."""
from dataclasses import dataclass

import torch

EPSILON = 1e-3


@dataclass
class LossWeights:
    gamma: float = 0.3      # exponent of the power law of gains: low ones count, or noise stays
    strength_gamma: float = 0.5
    fourth: float = 10.     # weight of the fourth power: rare large errors
    speech: float = 2.      # how much more a band counts where it carries voice
    over: float = 1.5       # factor on attenuating voice more than the target says
    frame: float = 0.1      # of the error of whole frames, as segmental SNR sees it
    frame_floor: float = 0.003  # -25 dB: below this a frame is good enough
    strength: float = 1.
    voice: float = 0.02


def weighted_mean(value, weight):
    return (value * weight).sum() / weight.sum().clamp(min=1.)


def gain_loss(gain, batch, w):
    """Between band gains (0..1) and the ideal ones."""
    difference = (gain + EPSILON) ** w.gamma - (batch['gain'] + EPSILON) ** w.gamma
    square = difference * difference
    presence = batch['strength_weight'] * batch['voice'].unsqueeze(-1)  # of voice in the band, 0..1
    weight = batch['gain_weight'] * (1 + w.speech * presence)
    asymmetry = 1 + (w.over - 1) * presence * (difference < 0)
    return weighted_mean((square + w.fourth * square * square) * asymmetry, weight)


def frame_loss(gain, batch, w):
    """Logarithm of the energy of the gains' error over that of the voice, in frames with voice."""
    energy = batch['energy'] * batch['gain_weight']
    error = (energy * (gain - batch['gain']) ** 2).sum(-1)
    voice = (energy * batch['gain'] ** 2).sum(-1)
    ratio = error / (voice + 1e-6 * energy.sum(-1) + 1e-12)
    return weighted_mean(torch.log10(1 + ratio / w.frame_floor), batch['voice'])


def strength_loss(strength, batch, w):
    """Between comb filter strengths (0..1): what counts is the share left unfiltered."""
    left, ideal = 1 - strength + EPSILON, 1 - batch['strength'] + EPSILON
    difference = left ** w.strength_gamma - ideal ** w.strength_gamma
    return weighted_mean(difference * difference, batch['strength_weight'])


def losses(outputs, batch, w):
    """outputs: logits of gain, strength and voice. Returns the total and its parts, as tensors."""
    gain, strength, voice = outputs[:3]
    parts = dict(gain=gain_loss(torch.sigmoid(gain), batch, w),
                 frame=frame_loss(torch.sigmoid(gain), batch, w),
                 strength=strength_loss(torch.sigmoid(strength), batch, w),
                 voice=torch.nn.functional.binary_cross_entropy_with_logits(voice, batch['voice']))
    total = (parts['gain'] + w.frame * parts['frame'] + w.strength * parts['strength'] +
             w.voice * parts['voice'])
    return total, parts

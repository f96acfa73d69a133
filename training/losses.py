# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""What the network is trained to reduce (docs/algorithm.md). All powers keep a small term
inside: the slope of a square root at zero is infinite."""
from dataclasses import dataclass

import torch

from generator import CORRELATIONS
from shards import LOUDEST, band_error, output_energy

EPSILON = 1e-3
MAX_BAND_SCALE = 3.  # kMaxBandScale of core/src/dsp/gains.hpp


@dataclass
class LossWeights:
    gain: float = 1.
    frame: float = 0.1      # of the error of whole frames, as segmental SNR sees it
    strength: float = 1.
    voice: float = 0.02
    spectrum: float = 0.    # of the bands as complex numbers, in compressed magnitude (shards only)
    distortion: float = 0.  # of what each band with voice sounds wrong by, in dB (shards only)
    gamma: float = 0.3      # exponent of the power law of gains: low ones count, or noise stays
    strength_gamma: float = 0.5
    fourth: float = 10.     # weight of the fourth power: rare large errors
    speech: float = 2.      # how much more a band counts where it carries voice
    over: float = 1.5       # factor on attenuating voice more than the target says
    under: float = 1.       # factor on leaving more than that where there is no voice
    compression: float = 0.3    # exponent of magnitudes in the spectrum's loss
    frame_floor: float = 0.003  # -25 dB: below this a frame is good enough
    band_floor: float = 0.03    # -15 dB: the same of a band


@dataclass
class Answers:
    """Of the network, (T, B, bands): gains and strengths 0..1; logits of voice (T, B)."""
    gain: torch.Tensor
    strength: torch.Tensor
    voice: torch.Tensor


def weighted_mean(value, weight):
    return (value * weight).sum() / weight.sum().clamp(min=1.)


def with_teacher(batch, share, w):
    """The batch with targets between the truth and the teacher's answers, in the power of the loss:
    share (0..1) of the teacher where its answers are to be trusted (teacher_weight)."""
    if not share or 'teacher_gain' not in batch:
        return batch
    share = share * batch['teacher_weight'].view(1, -1, 1)
    gain = ((1 - share) * (batch['gain'] + EPSILON) ** w.gamma +
            share * (batch['teacher_gain'] + EPSILON) ** w.gamma) ** (1 / w.gamma) - EPSILON
    strength = (1 - share) * batch['strength'] + share * batch['teacher_strength']
    return dict(batch, gain=gain.clamp(0, 1), strength=strength)


def gain_loss(answers, batch, w):
    """Between band gains and the ideal ones."""
    difference = (answers.gain + EPSILON) ** w.gamma - (batch['gain'] + EPSILON) ** w.gamma
    square = difference * difference
    presence = batch['strength_weight'] * batch['voice'].unsqueeze(-1)  # of voice in the band, 0..1
    weight = batch['gain_weight'] * (1 + w.speech * presence)
    asymmetry = (1 + (w.over - 1) * presence * (difference < 0) +
                 (w.under - 1) * (1 - presence) * (difference > 0))
    return weighted_mean((square + w.fourth * square * square) * asymmetry, weight)


def frame_loss(answers, batch, w):
    """Logarithm of the energy of the gains' error over that of the voice, in frames with voice."""
    energy = batch['energy'] * batch['gain_weight']
    error = (energy * (answers.gain - batch['gain']) ** 2).sum(-1)
    voice = (energy * batch['gain'] ** 2).sum(-1)
    ratio = error / (voice + 1e-6 * energy.sum(-1) + 1e-12)
    return weighted_mean(torch.log10(1 + ratio / w.frame_floor), batch['voice'])


def strength_loss(answers, batch, w):
    """Between comb filter strengths: what counts is the share left unfiltered."""
    left, ideal = 1 - answers.strength + EPSILON, 1 - batch['strength'] + EPSILON
    difference = left ** w.strength_gamma - ideal ** w.strength_gamma
    return weighted_mean(difference * difference, batch['strength_weight'])


def voice_loss(answers, batch, w):
    """Whether somebody speaks."""
    return torch.nn.functional.binary_cross_entropy_with_logits(answers.voice, batch['voice'])


def spectrum_loss(answers, batch, w):
    """Between the clean bands and what the engine makes of them: the mix of noisy and comb-filtered
    at the noisy band's magnitude times the gain; magnitudes over the loudest one to a power, the
    angle between both as it is."""
    bands, zero = batch['bands'] / LOUDEST, torch.zeros_like(answers.gain)
    one, r = torch.ones_like(zero), answers.strength
    xx, xd, xq = (bands[..., CORRELATIONS.index(name), :] for name in ('xx', 'xd', 'xq'))
    noisy, mixed = output_energy(one, zero, bands), output_energy(one, r, bands)
    tiny = 1e-5 * noisy + 1e-9
    along = (xx + (1 - r) * xd + r * xq) / ((xx + tiny) * (mixed + tiny)).sqrt()
    clean = (xx.clamp(min=0) + tiny) ** (w.compression / 2)
    ours = (answers.gain ** 2 * noisy + tiny) ** (w.compression / 2)
    error = clean * clean + ours * ours - 2 * clean * ours * along.clamp(-1, 1)
    return 10 * weighted_mean(error, batch['gain_weight'])


def distortion_loss(answers, batch, w):
    """Logarithm of the energy of each band's error, with the gain and the comb filter as the engine
    applies them, over that of the voice. A square is least at the mean of what may be right; this,
    which grows ever more slowly, asks for one of it: surer answers."""
    bands = batch['bands'] / LOUDEST
    one, r = torch.ones_like(answers.gain), answers.strength
    xx = bands[..., CORRELATIONS.index('xx'), :].clamp(min=0)
    noisy = output_energy(one, torch.zeros_like(one), bands)
    restored = (noisy / (output_energy(one, r, bands) + 1e-5 * noisy + 1e-9)).sqrt()
    error = band_error((answers.gain * restored).clamp(max=MAX_BAND_SCALE), r, bands)
    ratio = error / (xx + 1e-4 * noisy + 1e-9)
    presence = batch['gain_weight'] * batch['strength_weight'] * batch['voice'].unsqueeze(-1)
    return weighted_mean(torch.log10(1 + ratio / w.band_floor), presence)


# Each has a weight of its name in LossWeights; one of weight 0 is not computed.
PARTS = dict(gain=gain_loss, frame=frame_loss, strength=strength_loss, voice=voice_loss,
             spectrum=spectrum_loss, distortion=distortion_loss)


def losses(outputs, batch, w):
    """outputs: logits of gain, strength and voice. Returns the total and its parts, as tensors."""
    answers = Answers(torch.sigmoid(outputs[0]), torch.sigmoid(outputs[1]), outputs[2])
    parts = {name: part(answers, batch, w) for name, part in PARTS.items() if getattr(w, name)}
    return sum(getattr(w, name) * value for name, value in parts.items()), parts

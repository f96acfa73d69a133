# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""What a network does on the validation scenes, in numbers that mean something to the ear."""
import torch

from losses import losses

COLUMNS = ('gain', 'frame', 'strength', 'voice', 'spectrum', 'distortion', 'over', 'under',
           'correlation', 'pause_db', 'lost_db')
LOG_FLOOR = 0.01      # added to gains before their logarithm
QUIET = 1e-3          # of a frame's energy: below it, what is clean is nothing
AUDIBLE = 100.        # energy of a frame, as in the features
SEQUENCES = 24        # computed together


def correlation(gain, batch):
    """Of log gains with the ideal ones, in frames with voice of scenes without a room."""
    where = (batch['voice'].unsqueeze(-1) > 0.5) & (batch['gain_weight'] > 0.9)
    if 'reverberant' in batch:
        where = where & (batch['reverberant'].view(1, -1, 1) < 0.5)
    pair = torch.stack([torch.log10(g[where] + LOG_FLOOR) for g in (gain, batch['gain'])])
    return torch.corrcoef(pair)[0, 1].item()


def energies(gain, batch):
    """Of frames, (T, B): before, after, and of the voice in them."""
    energy = batch['energy']
    return energy.sum(-1), (energy * gain ** 2).sum(-1), (energy * batch['gain'] ** 2).sum(-1)


def decibels_of_frames(after, before, where):
    """The median change of level in dB of the chosen frames."""
    return 10 * torch.log10(after[where] / before[where] + 1e-10).median().item()


def figures(gain, batch):
    before, after, clean = energies(gain, batch)
    audible, voice = before > AUDIBLE, batch['voice'] > 0.5
    pause = audible & ~voice & (clean < QUIET * before)
    loud = audible & voice & (clean > 0.5 * before)
    error = gain - batch['gain']
    presence = batch['gain_weight'] * batch['strength_weight'] * batch['voice'].unsqueeze(-1)
    absence = batch['gain_weight'] * (batch['gain'] < 0.1)
    return dict(over=((-error).clamp(min=0) * presence).sum().item() / presence.sum().item(),
                under=(error.clamp(min=0) * absence).sum().item() / absence.sum().item(),
                correlation=correlation(gain, batch),
                pause_db=decibels_of_frames(after, before, pause),
                lost_db=-decibels_of_frames(after, clean, loud))


@torch.no_grad()
def validate(network, batch, weights, dtype):
    """The loss, and a dictionary of COLUMNS."""
    count = batch['voice'].shape[1]
    parts = [network(batch['features'][:, at:at + SEQUENCES], dtype=dtype)[:3]
             for at in range(0, count, SEQUENCES)]
    outputs = [torch.cat(part, 1) for part in zip(*parts)]
    total, terms = losses(outputs, batch, weights)
    result = dict.fromkeys(COLUMNS, 0.)  # a loss of weight 0 is not computed
    result.update((name, value.item()) for name, value in terms.items())
    result.update(figures(torch.sigmoid(outputs[0]), batch))
    return total.item(), result

# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Checkpoints. best.pt: what export.py reads (averaged weights, architecture, info). last.pt: that,
and all that is needed to go on: weights, optimiser, random state, hours and minutes so far, next
scene."""
import contextlib
import io
import os
import pickle

import torch

from grow import grow


def write(path, content):
    """Raises OSError where there is no room, and the file of before stays."""
    partial = '%s.%d' % (path, os.getpid())
    buffer = io.BytesIO()  # a full disk would abort the process in torch.save()
    torch.save(content, buffer)
    try:
        with open(partial, 'wb') as file:
            file.write(buffer.getbuffer())
        os.replace(partial, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.remove(partial)
        raise OSError('%s cannot be written (%s)' % (path, error)) from error


def read(path, device='cpu', needs=('model', 'architecture')):
    """The dictionary in a file. ValueError where it is no checkpoint."""
    try:
        content = torch.load(path, map_location=device)
    except (pickle.UnpicklingError, EOFError, RuntimeError) as error:
        raise ValueError('%s is no checkpoint (%s)' % (path, error)) from error
    if not isinstance(content, dict) or not set(needs) <= set(content):
        raise ValueError('%s is no checkpoint of train.py' % path)
    return content


def exportable(trainer, valid):
    info = {'hours_seen': '%.1f' % trainer.hours, 'steps': str(trainer.step),
            'valid_loss': '%.4f' % valid, 'size': trainer.args.size}
    return {'model': {name: value.cpu() for name, value in trainer.ema.items()},
            'architecture': trainer.network.architecture, 'info': info}


def save(trainer, path):
    content = exportable(trainer, trainer.best)
    content.update(weights=trainer.network.state_dict(), adam=trainer.optimiser.state_dict(),
                   random=torch.get_rng_state(), step=trainer.step, hours=trainer.hours,
                   best=trainer.best, minutes=trainer.elapsed_minutes(), running=trainer.running,
                   arguments=vars(trainer.args),
                   next_scene=max(trainer.pool.next, trainer.team.next_scene()))
    if trainer.adversary:
        content['adversary'] = trainer.adversary.state_dict()
    write(path, content)


def load(trainer, path):
    """Everything; returns the number of the first scene that no worker has used yet. ValueError
    where the run was begun with another network."""
    content = read(path, trainer.args.device, needs=('architecture', 'arguments'))
    own = trainer.network.architecture
    if any(own.get(name) != value for name, value in content['architecture'].items()):
        raise ValueError('%s is of --size %s --look-ahead %d: it goes on with these' % (
            path, content['arguments']['size'], content['arguments']['look_ahead']))
    trainer.network.load_state_dict(content['weights'])
    trainer.optimiser.load_state_dict(content['adam'])
    if trainer.adversary and 'adversary' in content:
        trainer.adversary.load_state_dict(content['adversary'])
    trainer.ema = {name: value.clone() for name, value in content['model'].items()}
    for name in ('step', 'hours', 'minutes', 'best', 'running'):
        setattr(trainer, name, content[name])
    torch.set_rng_state(content['random'].cpu())
    return content['next_scene']


def load_weights(trainer, path):
    """Of a checkpoint, or of a bare state_dict; a band network grows where it is larger."""
    content = read(path, trainer.args.device, needs=())
    state = content.get('model', content)
    if trainer.network.architecture.get('kind') == 'bands':
        grow(trainer.network, state)
    else:
        trainer.network.load_state_dict(state)
    trainer.ema = {name: value.clone() for name, value in trainer.network.state_dict().items()}

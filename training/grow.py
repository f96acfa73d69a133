# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""A larger band network that begins as a smaller one: new units and blocks are not heard yet."""
GRU_PARTS = ('weight_ih', 'weight_hh', 'bias_ih', 'bias_hh')


def fits(small, large):
    return all(a <= b for a, b in zip(small.shape, large.shape))


def is_gru(layer):
    return layer.rstrip('0123456789') in ('up', 'down', 'time')


def grow_gru(new, old):
    """The old units neither hear the new ones nor change; those begin at random."""
    units = old['weight_hh'].shape[1]
    for name, gates in new.items():
        before = old[name]
        for gate, was in zip(gates.chunk(3), before.chunk(3)):
            if name == 'weight_hh':
                gate[:units, units:] = 0
            if was.dim() == 1:
                gate[:units] = was
            else:
                gate[:units, :was.shape[1]] = was


def grow_output(value, was, parts):
    """The columns of new units are zero. parts: the columns are of so many layers, in turns."""
    value.zero_()
    for piece, before in zip(value.chunk(parts, 1), was.chunk(parts, 1)):
        piece[:, :before.shape[1]] = before


def grow(network, state):
    """Fills network with the state_dict of one of as many channels, and as many or fewer units
    over time and bands, and blocks. It answers as that one did until it is trained.

    Raises ValueError where it cannot."""
    own = network.state_dict()
    state = {name: value[:len(own[name])] if name.startswith('out2.') else value
             for name, value in state.items()}  # early ones have unused rows there
    strange = [name for name in state if name not in own]
    if strange:
        raise ValueError('%s is not in the larger network' % strange[0])
    for name, value in own.items():
        layer = name.split('.')[0]
        output = layer.startswith(('band_out', 'time_out'))
        if name not in state:
            if output:
                value.zero_()
        elif state[name].shape == value.shape:
            value.copy_(state[name])
        elif output and fits(state[name], value):
            grow_output(value, state[name].float(), 2 if layer.startswith('band_out') else 1)
        elif not (is_gru(layer) and fits(state[name], value)):
            raise ValueError('%s of %s does not grow to %s'
                             % (name, tuple(state[name].shape), tuple(value.shape)))
    for layer in {name.split('.')[0] for name in state if is_gru(name.split('.')[0])}:
        names = {kind: '%s.%s' % (layer, kind) for kind in GRU_PARTS}
        grow_gru({kind: own[name] for kind, name in names.items()},
                 {kind: state[name].float() for kind, name in names.items()})
    network.load_state_dict(own)

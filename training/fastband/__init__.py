# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""The band network in C++: bf16 products, f32 sums and states. One thread."""
import torch

import native

LANES = 16
_records = []  # memory of forward passes, to be used again: it is large


def available(architecture):
    """Whether this processor and compiler can, and the sizes fit."""
    units = [architecture[name] for name in ('channels', 'time_units', 'band_units')]
    return all(size % LANES == 0 for size in units) and native.extension('fastband') is not None


def _take_record(size):
    while _records:
        record = _records.pop()
        if record.numel() >= size:
            return record
    return torch.empty(size, dtype=torch.uint8)


class _Stack(torch.autograd.Function):
    @staticmethod
    def forward(ctx, sizes, numbers, fine, states, last, *weights):
        code = native.extension('fastband')
        keep = any(ctx.needs_input_grad[5:])
        weights = [w.detach().contiguous() for w in weights]
        record = _take_record(code.record_bytes(sizes, keep))
        logits, hidden = code.forward(sizes, numbers, fine, weights, last, record, keep)
        if keep:
            ctx.saved = sizes, numbers, fine, weights, states, record
        else:
            _records.append(record)
        return logits, hidden

    @staticmethod
    def backward(ctx, d_logits, d_hidden):
        gradients = native.extension('fastband').backward(*ctx.saved, d_logits, d_hidden)
        _records.append(ctx.saved[-1])
        ctx.saved = None
        return (None,) * 5 + tuple(gradients)


def forward(architecture, weights, numbers, fine, states, last):
    """As band_network.plain_forward(), of bf16 inputs and an even number of sequences."""
    a = architecture
    hops, batch = numbers.shape[0] - a['past'] + 1, numbers.shape[2]
    sizes = [hops, a['bands'], batch, a['channels'], a['band_units'], a['time_units'], a['blocks'],
             a['past'], numbers.shape[-1]]
    sizes += [0, 0] if fine is None else [a['fine_past'], fine.shape[-1]]
    zeros = torch.zeros(a['bands'], batch, a['time_units'])
    first = [states.get('time%d' % i, zeros).float().contiguous() for i in range(a['blocks'])]
    now = [state.clone() for state in first]
    fine = numbers.new_empty(0) if fine is None else fine.contiguous()
    logits, hidden = _Stack.apply(sizes, numbers.contiguous(), fine, first, now, *weights)
    last.update(('time%d' % i, state) for i, state in enumerate(now))
    return logits, hidden

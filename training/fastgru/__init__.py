# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""A GRU layer: bf16 products and f32 state where the processor can, torch's own GRU elsewhere."""
import math

import torch

import native

BF16 = torch.bfloat16


def extension():
    """The compiled extension, or None where it cannot run. Built on first use."""
    return native.extension('fastgru')


class _FastGru(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight_ih, weight_hh, bias_ih, bias_hh, h0):
        T, B, width = x.shape
        w_ih, w_hh, flat = weight_ih.to(BF16), weight_hh.to(BF16), x.reshape(T * B, width)
        projected = torch.nn.functional.linear(flat, w_ih, bias_ih.to(BF16)).view(T, B, -1)
        h, gates, last = extension().forward(projected, w_hh, bias_hh.detach(), h0)
        ctx.save_for_backward(flat, w_ih, w_hh, h, gates, h0)
        ctx.mark_non_differentiable(last)
        return h, last

    @staticmethod
    def backward(ctx, dy, _):
        flat, w_ih, w_hh, h, gates, h0 = ctx.saved_tensors
        T, B, H = h.shape
        dx, du = (d.view(T * B, 3 * H)
                  for d in extension().backward(dy.contiguous(), h, gates, w_hh, h0))
        previous = torch.cat([h0.to(BF16).unsqueeze(0), h[:-1]]).view(T * B, H)
        ones = torch.ones(1, T * B, dtype=BF16)
        input_grad = (dx @ w_ih).view(T, B, -1) if ctx.needs_input_grad[0] else None
        return (input_grad, (dx.t() @ flat).float(), (du.t() @ previous).float(),
                (ones @ dx).float().view(-1), (ones @ du).float().view(-1), None)


class Gru(torch.nn.Module):
    """x (T, B, inputs) -> h (T, B, units), last h (B, units). Parameters as torch.nn.GRU's."""

    def __init__(self, inputs, units):
        super().__init__()
        bound = 1 / math.sqrt(units)
        self.weight_ih = torch.nn.Parameter(torch.empty(3 * units, inputs).uniform_(-bound, bound))
        self.weight_hh = torch.nn.Parameter(torch.empty(3 * units, units))
        self.bias_ih = torch.nn.Parameter(torch.empty(3 * units).uniform_(-bound, bound))
        self.bias_hh = torch.nn.Parameter(torch.empty(3 * units).uniform_(-bound, bound))
        for gate in self.weight_hh.data.split(units):
            torch.nn.init.orthogonal_(gate)

    def forward(self, x, h0=None, perturb=None):
        """perturb: a function applied to the two weight matrices (quantisation noise)."""
        units = self.weight_hh.shape[1]
        w_ih, w_hh = self.weight_ih, self.weight_hh
        if perturb is not None:
            w_ih, w_hh = perturb(w_ih), perturb(w_hh)
        if h0 is None:
            h0 = torch.zeros(x.shape[1], units, device=x.device)
        if x.device.type == 'cpu' and x.dtype == BF16 and units % 16 == 0 and extension():
            return _FastGru.apply(x, w_ih, w_hh, self.bias_ih, self.bias_hh, h0)
        weights = [w.to(x.dtype) for w in (w_ih, w_hh, self.bias_ih, self.bias_hh)]
        h, last = torch.gru(x, h0.to(x.dtype).unsqueeze(0), weights, True, 1, 0., self.training,
                            False, False)
        return h, last.squeeze(0).float()

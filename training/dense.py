# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""The linear layer of both networks."""
import torch


class Dense(torch.nn.Linear):
    """A linear layer with f32 weights that computes in the type of its input."""

    def forward(self, x, perturb=None):
        weight = self.weight if perturb is None else perturb(self.weight)
        return torch.nn.functional.linear(x, weight.to(x.dtype), self.bias.to(x.dtype))

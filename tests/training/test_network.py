# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""The network, its layers and losses in PyTorch, and the scores."""
import numpy as np

import metrics
import tap
from tap import check

try:
    import torch
    torch.set_num_threads(1)
except ImportError:
    torch = None


def needs_torch():
    if torch is None:
        raise tap.Skip('needs python3-torch')


def relative(got, expected):
    return ((got - expected).norm() / expected.norm()).item()


def test_gru_matches_torch_in_outputs_and_gradients():
    needs_torch()
    from fastgru import Gru
    torch.manual_seed(1)
    ours, theirs = Gru(48, 32), torch.nn.GRU(48, 32)
    names = ('weight_ih', 'weight_hh', 'bias_ih', 'bias_hh')
    for name in names:
        getattr(theirs, name + '_l0').data.copy_(getattr(ours, name).data)
    x, direction = torch.randn(40, 5, 48), torch.randn(40, 5, 32)
    expected = theirs(x)[0]
    (expected * direction).sum().backward()
    for dtype in (torch.float32, torch.bfloat16):
        ours.zero_grad()
        got = ours(x.to(dtype))[0].float()
        (got * direction).sum().backward()
        check(relative(got, expected) < 0.02, dtype)
        for name in names:
            error = relative(getattr(ours, name).grad, getattr(theirs, name + '_l0').grad)
            check(error < 0.03, (name, dtype, error))


def test_compiled_gru_is_in_use_where_it_can_be():
    needs_torch()
    import native
    from fastgru import extension
    if not native.supported():
        raise tap.Skip('a processor without AVX-512-BF16')
    if extension() is None:
        raise tap.Skip('needs libtorch-dev, libdnnl-dev and pybind11-dev')


def test_future_input_never_changes_past_output():
    needs_torch()
    from model import SIZES, Network
    network = Network(**SIZES['tiny'])
    x = torch.randn(30, 2, 70)
    changed = x.clone()
    changed[20:] += 1
    for a, b in zip(network(x)[:3], network(changed)[:3]):
        check(torch.equal(a[:20], b[:20]), 'the past differs')
        check(not torch.equal(a[20:], b[20:]), 'the present is the same')


def test_states_continue_the_recurrent_part():
    needs_torch()
    from fastgru import Gru
    gru, x = Gru(16, 16), torch.randn(20, 3, 16)
    whole = gru(x)[0]
    _, state = gru(x[:8])
    check((gru(x[8:], state)[0] - whole[8:]).abs().max() < 1e-5, 'differs')


def test_tensors_are_those_of_the_model_file():
    needs_torch()
    from model import SIZES, Network
    from model_file import tensor_shapes
    for size in (size for size in SIZES.values() if 'kind' not in size):
        network = Network(**size)
        shapes = {name: tuple(value.shape) for name, value in network.state_dict().items()}
        check(shapes == tensor_shapes(network.architecture), size)


def test_losses_and_gradients_are_finite_at_the_extremes():
    needs_torch()
    from losses import LossWeights, losses
    from model import SIZES, Network
    network = Network(**SIZES['tiny'])
    widths = dict(energy=34, gain=34, gain_weight=34, strength=34, strength_weight=34)
    for filler in (0., 1.):
        batch = {name: torch.full((10, 2, width), filler) for name, width in widths.items()}
        batch['voice'] = torch.full((10, 2), filler)
        outputs = network(torch.zeros(10, 2, 70))
        saturated = tuple(100 * (2 * filler - 1) + 0 * o for o in outputs[:3])
        for answer in (outputs, saturated):
            total, _ = losses(answer, batch, LossWeights())
            check(torch.isfinite(total), filler)
            network.zero_grad()
            total.backward(retain_graph=True)
            check(all(torch.isfinite(p.grad).all() for p in network.parameters()
                      if p.grad is not None), filler)


def test_losses_are_least_at_the_ideal_answer():
    needs_torch()
    from losses import LossWeights, losses
    torch.manual_seed(2)
    batch = {name: 0.02 + 0.96 * torch.rand(10, 2, 34)
             for name in ('energy', 'gain', 'gain_weight', 'strength', 'strength_weight')}
    batch['voice'] = torch.ones(10, 2)
    ideal = [torch.logit(batch['gain']), torch.logit(batch['strength']), torch.full((10, 2), 20.)]
    best, parts = losses(ideal, batch, LossWeights())
    check(best < 1e-4 and all(part >= 0 for part in parts.values()), (best, parts))
    for i in range(3):
        worse = list(ideal)
        worse[i] = -worse[i]
        check(losses(worse, batch, LossWeights())[0] > best, i)


def test_scores_of_a_perfect_copy_and_of_known_noise():
    random = np.random.default_rng(0)
    envelope = 0.2 + np.abs(np.sin(np.arange(96000) / 3000))
    clean, noise = random.standard_normal(96000) * envelope, random.standard_normal(96000)
    noise *= np.linalg.norm(clean) / np.linalg.norm(noise) / 10 ** 0.5
    same, noisy = metrics.scores(clean, clean), metrics.scores(clean, clean + noise)
    check(same['stoi'] > 0.999 and same['estoi'] > 0.999 and same['lsd'] < 1e-6, same)
    check(abs(noisy['si_sdr'] - 10) < 0.2 and noisy['estoi'] < same['estoi'], noisy)


tap.run_module(dict(globals()))

# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""The band network: PyTorch and the fast path must agree, and what it sees must be causal."""
import os
import subprocess
import sys
import tempfile

import tap
from tap import check

try:
    import torch
    torch.set_num_threads(1)
except ImportError:
    tap.skip_all('needs python3-torch')

import average
import fastband
import native
from grow import grow
from model import SIZES, make_network, quantisation_noise

SHAPES = {'two blocks, fine': dict(channels=48, time_units=64, band_units=32),
          'wider, one block': dict(channels=64, time_units=96, band_units=48, blocks=1),
          'three blocks, no fine': dict(channels=16, time_units=32, band_units=16, blocks=3,
                                        fine=0)}


def relative(got, expected):
    return ((got - expected).norm() / expected.norm().clamp(min=1e-12)).item()


def network_of(**sizes):
    torch.manual_seed(4)
    network = make_network(kind='bands', **sizes)
    with torch.no_grad():  # as after some training: nothing is left at one or zero
        for parameter in network.parameters():
            parameter += 0.1 * torch.randn_like(parameter) * parameter.std(unbiased=False)
        for name, parameter in network.named_parameters():
            if 'norm' in name or 'bias' in name:
                parameter += 0.1 * torch.randn_like(parameter)
    return network


def features_of(network, hops=20, batch=4):
    return torch.randn(hops, batch, network.architecture['features'])


def needs_fast_path():
    if not native.supported():
        raise tap.Skip('needs a processor with AVX-512-BF16')
    if native.extension('fastband') is None:
        raise tap.Skip('the extension was not built')


def answers_and_gradients(network, x, states, dtype):
    network.zero_grad()
    outputs = network(x, states, dtype=dtype)
    torch.manual_seed(5)
    total = sum((torch.randn_like(o) * o + o * o).mean() for o in outputs[:3])
    total.backward()
    return outputs, {name: p.grad.clone() for name, p in network.named_parameters()}


def test_fast_path_answers_as_pytorch_in_float32():
    needs_fast_path()
    for name, sizes in SHAPES.items():
        network = network_of(**sizes)
        x = features_of(network)
        with torch.no_grad():
            slow, fast = network(x), network(x, dtype=torch.bfloat16)
        for a, b in zip(fast[:3], slow[:3]):
            check(relative(a, b) < 0.02, (name, relative(a, b)))
        for state, value in slow[3].items():
            check(relative(fast[3][state].float(), value) < 0.02, (name, state))


def test_fast_gradients_are_those_of_pytorch_in_float32():
    """Of every parameter, with states carried over from an earlier call."""
    needs_fast_path()
    for name, sizes in SHAPES.items():
        network = network_of(**sizes)
        x = features_of(network)
        with torch.no_grad():
            states = network(features_of(network))[3]
        _, slow = answers_and_gradients(network, x, states, torch.float32)
        _, fast = answers_and_gradients(network, x, states, torch.bfloat16)
        for parameter, gradient in slow.items():
            error = relative(fast[parameter], gradient)
            check(error < 0.015, (name, parameter, error))


def test_two_forward_passes_before_a_backward_keep_apart():
    """Their memory is used again only when the backward pass is done with it."""
    needs_fast_path()
    network = network_of(**SHAPES['wider, one block'])
    first, second = features_of(network), features_of(network)
    _, alone = answers_and_gradients(network, first, None, torch.bfloat16)
    network.zero_grad()
    outputs = network(first, dtype=torch.bfloat16)
    network(second, dtype=torch.bfloat16)[0].sum()
    torch.manual_seed(5)
    sum((torch.randn_like(o) * o + o * o).mean() for o in outputs[:3]).backward()
    for name, parameter in network.named_parameters():
        check(torch.equal(parameter.grad, alone[name]), name)


def test_an_odd_number_of_sequences_is_left_to_pytorch():
    network = network_of(**SHAPES['wider, one block'])
    x = features_of(network, batch=3)
    with torch.no_grad():
        odd, pair = network(x, dtype=torch.bfloat16), network(x[:, :2], dtype=torch.bfloat16)
    check(relative(odd[0][:, :2], pair[0]) < 0.03, relative(odd[0][:, :2], pair[0]))


def test_states_continue_a_sequence():
    for dtype in (torch.float32, torch.bfloat16):
        network = network_of(**SHAPES['two blocks, fine'])
        x = features_of(network)
        with torch.no_grad():
            whole = network(x, dtype=dtype)
            first = network(x[:7], dtype=dtype)
            rest = network(x[7:], first[3], dtype=dtype)
        for i in range(3):
            error = (torch.cat([first[i], rest[i]]) - whole[i]).abs().max().item()
            check(error < 1e-4, (dtype, i, error))


def test_the_future_changes_nothing():
    network = network_of(**SHAPES['two blocks, fine'])
    x = features_of(network)
    changed = x.clone()
    changed[12:] += 1
    with torch.no_grad():
        for a, b in zip(network(x)[:3], network(changed)[:3]):
            check(torch.equal(a[:12], b[:12]), 'the past differs')
            check(not torch.equal(a[12:], b[12:]), 'the present is the same')


def test_sequences_do_not_hear_each_other():
    for dtype in (torch.float32, torch.bfloat16):
        network = network_of(**SHAPES['two blocks, fine'])
        x = features_of(network)
        changed = x.clone()
        changed[:, 1] += 1
        with torch.no_grad():
            a, b = network(x, dtype=dtype)[0], network(changed, dtype=dtype)[0]
        check(torch.equal(a[:, [0, 2, 3]], b[:, [0, 2, 3]]), 'another sequence differs')
        check(not torch.equal(a[:, 1], b[:, 1]), 'the sequence is the same')


def test_eight_bit_noise_reaches_the_fast_path():
    network = network_of(**SHAPES['wider, one block'])
    x = features_of(network)
    with torch.no_grad():
        for dtype in (torch.float32, torch.bfloat16):
            plain = network(x, dtype=dtype)[0]
            noisy = network(x, None, quantisation_noise, dtype)[0]
            check(0 < relative(noisy, plain) < 0.2, (dtype, relative(noisy, plain)))


def test_a_network_is_made_again_from_its_architecture():
    for name in (size for size in SIZES if 'band' in size):
        network = make_network(look_ahead=1, **SIZES[name])
        again = make_network(**network.architecture)
        check(again.architecture == network.architecture, (name, again.architecture))
        again.load_state_dict(network.state_dict())


def test_early_checkpoints_with_sixteen_outputs_are_read():
    network = network_of(**SHAPES['wider, one block'])
    state = network.state_dict()
    early = dict(state, **{'out2.weight': torch.cat([state['out2.weight'], torch.ones(14, 64)]),
                           'out2.bias': torch.cat([state['out2.bias'], torch.ones(14)])})
    other = make_network(kind='bands', **SHAPES['wider, one block'])
    other.load_state_dict(early)
    x = features_of(network)
    with torch.no_grad():
        check(torch.equal(other(x)[0], network(x)[0]), 'differs')


def test_a_grown_network_answers_as_the_smaller_one():
    small = network_of(channels=16, time_units=16, band_units=16, blocks=1)
    x = features_of(small)
    for sizes in (dict(time_units=32, band_units=16, blocks=1),
                  dict(time_units=16, band_units=48, blocks=1),
                  dict(time_units=32, band_units=32, blocks=2)):
        large = make_network(kind='bands', channels=16, **sizes)
        grow(large, small.state_dict())
        with torch.no_grad():
            for a, b in zip(large(x)[:3], small(x)[:3]):
                check(relative(a, b) < 1e-5, (sizes, relative(a, b)))
        large(x)[0].square().sum().backward()
        for name in ('time_out0', 'band_out0'):
            check((large.get_parameter(name + '.weight').grad != 0).all(), 'cannot learn: ' + name)


def test_a_network_does_not_grow_from_another_kind():
    large = make_network(kind='bands', **SHAPES['two blocks, fine'])
    for sizes in (dict(channels=16, time_units=16, band_units=16, blocks=1),
                  dict(channels=48, time_units=96, band_units=32),
                  dict(channels=48, time_units=64, band_units=32, blocks=3)):
        try:
            grow(large, network_of(**sizes).state_dict())
        except ValueError:
            continue
        check(False, sizes)


def test_a_mean_of_checkpoints():
    small = dict(channels=16, time_units=16, band_units=16, blocks=1)
    states = [network_of(**small).state_dict() for _ in range(3)]
    for factor, state in zip((1, 2, 6), states):
        for value in state.values():
            value.mul_(factor)
    means = average.mean([dict(model=state) for state in states])
    for name, value in means.items():
        check(value.dtype == torch.float16 and relative(value.float(), 3 * states[0][name]) < 1e-3,
              name)
    other = network_of(**dict(small, time_units=32)).state_dict()
    try:
        average.mean([dict(model=states[0]), dict(model=other)])
    except ValueError:
        return
    check(False, 'the mean of two sizes')


def test_average_writes_a_checkpoint_of_the_last_ones_kind():
    network = network_of(channels=16, time_units=16, band_units=16, blocks=1)
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ('a.pt', 'b.pt', 'mean.pt')]
        for hours, path in enumerate(paths[:2]):
            info = dict(hours_seen=str(hours), size='band-tiny', valid_loss='0.5')
            torch.save(dict(model=network.state_dict(), architecture=network.architecture,
                            info=info), path)
        subprocess.run([sys.executable, average.__file__, *paths, '--hours', '7'], check=True)
        mean = torch.load(paths[2], weights_only=False)
        alone = subprocess.run([sys.executable, average.__file__, paths[0], paths[2], '--hours',
                                '7'], capture_output=True, text=True, check=False)
        check(alone.returncode == 2 and 'two checkpoints' in alone.stderr, alone.stderr)
    check(mean['info'] == dict(hours_seen='7', size='band-tiny'), mean['info'])
    check(mean['architecture'] == network.architecture, mean['architecture'])


def test_sizes_that_do_not_fit_are_left_to_pytorch():
    network = network_of(channels=24, time_units=16, band_units=16, blocks=1)
    check(not fastband.available(network.architecture), network.architecture)
    outputs = network(features_of(network), dtype=torch.bfloat16)
    check(torch.isfinite(outputs[0]).all(), 'not finite')


tap.run_module(dict(globals()))

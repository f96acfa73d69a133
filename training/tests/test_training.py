# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Tests of the training pipeline: /usr/bin/python3 -m unittest discover training/tests

Skipped where torch, or the generator and its cache, are absent."""
import os
import sys
import unittest

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
CACHE = os.path.join(os.path.dirname(HERE), 'work', 'cache')

try:
    import torch
    torch.set_num_threads(1)
except ImportError:
    torch = None

import generator  # noqa: E402
import metrics  # noqa: E402


def make_generator(split='train'):
    try:
        return generator.Generator(CACHE, split)
    except (FileNotFoundError, RuntimeError) as error:
        raise unittest.SkipTest(str(error))


def active_level_db(x):
    power = np.mean(x[:len(x) // 480 * 480].reshape(-1, 480).astype(np.float64) ** 2, 1)
    return 10 * np.log10(power[power >= power.max() * 10 ** -2.5].mean() + 1e-15)


@unittest.skipUnless(torch, 'needs python3-torch')
class NetworkTest(unittest.TestCase):
    def test_gru_matches_torch_in_outputs_and_gradients(self):
        from fastgru import Gru
        torch.manual_seed(1)
        ours, theirs = Gru(48, 32), torch.nn.GRU(48, 32)
        for name in ('weight_ih', 'weight_hh', 'bias_ih', 'bias_hh'):
            getattr(theirs, name + '_l0').data.copy_(getattr(ours, name).data)
        x, direction = torch.randn(40, 5, 48), torch.randn(40, 5, 32)
        expected = theirs(x)[0]
        got = ours(x.bfloat16())[0].float()
        (expected * direction).sum().backward()
        (got * direction).sum().backward()
        self.assertLess((got - expected).norm() / expected.norm(), 0.02)
        for name in ('weight_ih', 'weight_hh', 'bias_ih', 'bias_hh'):
            a, b = getattr(theirs, name + '_l0').grad, getattr(ours, name).grad
            self.assertLess((a - b).norm() / a.norm(), 0.03, name)

    def test_future_input_never_changes_past_output(self):
        from model import SIZES, Network
        network = Network(**SIZES['tiny'])
        x = torch.randn(30, 2, 70)
        changed = x.clone()
        changed[20:] += 1
        for a, b in zip(network(x)[:3], network(changed)[:3]):
            self.assertTrue(torch.equal(a[:20], b[:20]))
            self.assertFalse(torch.equal(a[20:], b[20:]))

    def test_states_continue_the_recurrent_part(self):
        from fastgru import Gru
        gru, x = Gru(16, 16), torch.randn(20, 3, 16)
        whole = gru(x)[0]
        _, state = gru(x[:8])
        self.assertLess((gru(x[8:], state)[0] - whole[8:]).abs().max(), 1e-5)

    def test_tensor_names_and_shapes_are_those_of_the_model_file(self):
        from model import SIZES, Network
        from model_file import tensor_shapes
        for size in SIZES.values():
            network = Network(**size)
            shapes = {name: tuple(value.shape) for name, value in network.state_dict().items()}
            self.assertEqual(shapes, tensor_shapes(network.architecture))

    def test_losses_and_gradients_finite_on_zeros(self):
        from losses import LossWeights, losses
        from model import SIZES, Network
        network = Network(**SIZES['tiny'])
        widths = dict(energy=34, gain=34, gain_weight=34, strength=34, strength_weight=34)
        batch = {name: torch.zeros(10, 2, width) for name, width in widths.items()}
        batch['voice'] = torch.zeros(10, 2)
        for filler in (0., 1.):
            batch = {name: torch.full_like(value, filler) for name, value in batch.items()}
            outputs = network(torch.zeros(10, 2, 70))
            saturated = tuple(100 * (2 * filler - 1) + 0 * o for o in outputs[:3])
            for o in (outputs, saturated):
                total, _ = losses(o, batch, LossWeights())
                self.assertTrue(torch.isfinite(total))
                network.zero_grad()
                total.backward(retain_graph=True)
                self.assertTrue(all(torch.isfinite(p.grad).all() for p in network.parameters() if p.grad is not None))


class CacheTest(unittest.TestCase):
    def read(self, kind, split):
        path = os.path.join(CACHE, '%s.%s.tsv' % (kind, split))
        if not os.path.exists(path):
            self.skipTest('no cache')
        with open(path) as f:
            return [line.rstrip('\n').split('\t') for line in f][1:]

    def test_no_group_of_valid_is_in_train(self):
        for kind in ('speech', 'noise', 'rooms'):
            train, valid = ({row[5] for row in self.read(kind, split)} for split in ('train', 'valid'))
            self.assertEqual(train & valid, set(), kind)
            self.assertTrue(valid)

    def test_no_recording_of_valid_is_in_train(self):
        for kind, sample in (('speech', 2), ('noise', 2), ('rooms', 4)):
            found = {}
            for split in ('train', 'valid'):
                stem = os.path.join(CACHE, '%s.%s' % (kind, split))
                with open(stem + '.pcm', 'rb') as pcm:
                    found[split] = set()
                    for row in self.read(kind, split):
                        pcm.seek((int(row[0]) + int(row[1]) // 2) * sample)
                        found[split].add((row[1], pcm.read(64)))
            self.assertEqual(found['train'] & found['valid'], set(), kind)


class SceneTest(unittest.TestCase):
    def test_same_number_gives_same_scene(self):
        g = make_generator()
        for a, b in zip(g.scene(7, 200)[:2], g.scene(7, 200)[:2]):
            self.assertTrue(np.array_equal(a, b))

    def test_signals_finite_and_in_range(self):
        g = make_generator()
        for number in range(40):
            noisy, clean, _ = g.scene(number, 200)
            self.assertTrue(np.isfinite(noisy).all() and np.isfinite(clean).all())
            self.assertLess(np.abs(noisy).max(), 1.5)

    def test_median_residual_is_at_the_stated_snr(self):
        g, errors = make_generator(), []
        for number in range(150):
            noisy, clean, what = g.scene(number, 300)
            if not what['reverberant'] and abs(what['snr_db']) < 25:
                errors.append(active_level_db(clean) - active_level_db(noisy - clean) - what['snr_db'])
        self.assertLess(abs(np.median(errors)), 0.5)

    def test_some_scenes_lack_noise_or_voice(self):
        g = make_generator()
        snr = np.array([g.scene(number, 50)[2]['snr_db'] for number in range(300)])
        self.assertTrue(0.03 < np.mean(snr == 99) < 0.12)
        self.assertTrue(0.02 < np.mean(snr == -99) < 0.10)

    def test_sequence_is_finite_and_in_range(self):
        g = make_generator()
        for number in range(20):
            s = g.sequence(number, 200)
            for name, value in s.items():
                self.assertTrue(np.isfinite(value).all(), name)
                if name != 'features':
                    self.assertTrue(value.min() >= 0 and value.max() <= 1, name)
            self.assertLess(np.abs(s['features']).max(), 8)


class MetricsTest(unittest.TestCase):
    def test_perfect_copy_and_known_noise(self):
        random = np.random.default_rng(0)
        clean = random.standard_normal(96000) * (0.2 + np.abs(np.sin(np.arange(96000) / 3000)))
        noise = random.standard_normal(96000)
        noise *= np.linalg.norm(clean) / np.linalg.norm(noise) / 10 ** 0.5
        same, noisy = metrics.scores(clean, clean), metrics.scores(clean, clean + noise)
        self.assertGreater(same['stoi'], 0.999)
        self.assertGreater(same['estoi'], 0.999)
        self.assertAlmostEqual(noisy['si_sdr'], 10, delta=0.2)
        self.assertLess(noisy['estoi'], same['estoi'])


if __name__ == '__main__':
    unittest.main()

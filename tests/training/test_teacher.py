# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""The signal chain of the teacher around graphs that let all through, behind the real pipe."""
import os
import shutil
import subprocess
import sys
import tempfile

import numpy as np

import synthetic_corpus
import tap
from tap import check

import scenes  # puts the teacher's folder into sys.path
import deepfilternet
from deepfilternet import BINS, HOP, TAPS, WINDOW, Teacher

FOLDER = tempfile.TemporaryDirectory()
# Stands for onnxruntime-node: all gains, and the middle tap, are what the graph's file says.
RUNTIME = '''
const path = require('path'), fs = require('fs');
class Tensor {
  constructor(type, data, dims) { this.data = data; this.dims = dims; }
}
const made = (count, dims, value) =>
  new Tensor('float32', new Float32Array(count).fill(value), dims);
class InferenceSession {
  static async create(file) {
    const session = new InferenceSession();
    session.name = path.basename(file, '.onnx');
    session.says = JSON.parse(fs.readFileSync(file, 'utf8'));
    return session;
  }
  async run(feeds) {
    if (this.name === 'enc') {
      const T = feeds.feat_erb.dims[2];
      if (feeds.feat_spec.dims.join() !== [1, 2, T, 96].join())
        throw new Error('shape');
      const names = ['emb', 'e0', 'e1', 'e2', 'e3', 'c0'];
      return Object.fromEntries(names.map(name => [name, made(T, [T], 0)]));
    }
    const T = feeds.emb.dims[0];
    if (this.name === 'erb_dec')
      return { m: made(T * 32, [1, 1, T, 32], this.says.gain) };
    const coefs = made(T * 960, [1, T, 96, 10], 0);
    for (let i = 0; i < T * 96; i++)
      coefs.data[i * 10 + 4] = this.says.gain;
    return { coefs };
  }
}
module.exports = { Tensor, InferenceSession };
'''


def install_runtime():
    module = os.path.join(FOLDER.name, 'node_modules', 'onnxruntime-node')
    os.makedirs(module)
    with open(os.path.join(module, 'index.js'), 'w') as file:
        file.write(RUNTIME)
    os.environ['NODE_PATH'] = os.path.dirname(module)


def graphs(name, gain=1.0):
    folder = os.path.join(FOLDER.name, name)
    os.makedirs(folder)
    for graph in deepfilternet.GRAPHS:
        with open(os.path.join(folder, graph + '.onnx'), 'w') as file:
            file.write('{"gain": %g}' % gain)
    return folder


def enhance(folder, x):
    if not shutil.which('node'):
        raise tap.Skip('no Node.js')
    teacher = Teacher(folder)
    y = teacher.enhance(x)
    again = teacher.enhance(x[:-100])
    teacher.close()
    check(len(again) == len(x) - 100, 'a second signal')
    return y


def voice():
    return synthetic_corpus.voice(np.random.default_rng(1), 1.234)


def test_gains_of_one_give_the_input_in_its_place():
    x = voice()
    y = enhance(graphs('identity'), x)
    check(y.shape == x.shape and y.dtype == np.float32, (y.shape, y.dtype))
    check(np.abs(y - x).max() < 1e-5, np.abs(y - x).max())


def test_gains_scale_the_output():
    x = voice()
    y = enhance(graphs('half', 0.5), x)
    check(np.abs(y - 0.5 * x).max() < 1e-5, np.abs(y - 0.5 * x).max())


def run_command(folder, data):
    if not shutil.which('node'):
        raise tap.Skip('no Node.js')
    program = os.path.join(os.path.dirname(deepfilternet.__file__), 'enhance.py')
    return subprocess.run([sys.executable, program, folder], input=data, capture_output=True,
                          check=False)


def test_the_command_does_the_same_between_pipes():
    x = voice()
    done = run_command(graphs('piped', 0.5), x.tobytes())
    check(done.returncode == 0, done.stderr)
    y = np.frombuffer(done.stdout, np.float32)
    check(y.shape == x.shape and np.abs(y - 0.5 * x).max() < 1e-5, y.shape)


def test_the_command_tells_what_it_lacks():
    done = run_command(os.path.join(FOLDER.name, 'none'), b'')
    check(done.returncode == 1 and b'no enc.onnx in' in done.stderr, done.stderr)
    check(b'Traceback' not in done.stderr, done.stderr)


def test_taps_reach_two_frames_back_and_two_ahead():
    spectrum = np.zeros((9, WINDOW // 2 + 1), np.complex64)
    spectrum[4] = 1
    for k in range(TAPS):
        taps = np.zeros((9, BINS, TAPS), np.complex64)
        taps[:, :, k] = 1j
        out = deepfilternet.filtered(spectrum, np.zeros((9, 32), np.float32), taps)
        where = np.argwhere(out[:, 0] == 1j).ravel()
        check(list(where) == [6 - k], (k, where))
        check(not out[:, BINS:].any(), k)


def test_bands_cover_the_spectrum_once():
    widths = deepfilternet.WIDTHS
    check(widths.sum() == WINDOW // 2 + 1 and widths.min() >= 2, widths)
    check(deepfilternet.STARTS[0] == 0, deepfilternet.STARTS)


def test_features_are_two_frames_early_and_free_of_level():
    x = synthetic_corpus.noise(np.random.default_rng(2), 'stationary', 1.)
    frames = len(x) // HOP - 1
    early = deepfilternet.features(deepfilternet.spectra(x, frames))
    louder = deepfilternet.features(deepfilternet.spectra(10 * x, frames))
    check(early[0].shape == (frames, 32) and early[1].shape == (2, frames, BINS), 'shape')
    check(not early[0][-2:].any() and not early[1][:, -2:].any(), 'beyond the end')
    # 20 dB more is half a unit, less what the running mean has caught up with.
    step = (louder[0] - early[0])[0].mean()
    check(abs(step - 0.5 * deepfilternet.DECAY ** 3) < 0.03, step)


def test_missing_graphs_and_runtime_are_told():
    try:
        Teacher(FOLDER.name)
        raise AssertionError('was accepted')
    except FileNotFoundError as error:
        check('enc.onnx' in str(error), error)
    if not shutil.which('node'):
        raise tap.Skip('no Node.js')
    kept = os.environ['NODE_PATH']
    os.environ['NODE_PATH'] = os.path.join(FOLDER.name, 'nothing')
    try:
        Teacher(graphs('lonely')).enhance(voice())
        raise AssertionError('ran without a runtime')
    except RuntimeError as error:
        check('NODE_PATH' in str(error), error)
    finally:
        os.environ['NODE_PATH'] = kept


def test_trust_falls_with_the_share_of_far_gains():
    ideal = np.full((100, 34), 0.5, np.float32)
    weight = np.ones_like(ideal)
    for share, expected in ((0.1, 1), (0.45, 0.5), (0.8, 0)):
        teacher = ideal.copy()
        teacher[:int(100 * share)] = 0.05
        got = scenes.agreement(dict(gain=ideal, teacher_gain=teacher, gain_weight=weight))
        check(abs(got[0] - expected) < 1e-3, (share, got))
    silent = dict(gain=0 * ideal, teacher_gain=0.02 * ideal, gain_weight=weight)
    check(scenes.agreement(silent)[0] == 1, 'two ways to be silent')


install_runtime()
tap.run_module(dict(globals()))

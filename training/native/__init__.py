# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Layers in C++ for processors with AVX-512-BF16: built into training/work/ at first use (needs
g++, python3-torch, libdnnl-dev)."""
import glob
import importlib.util
import os
import subprocess
import sysconfig

HERE = os.path.dirname(os.path.abspath(__file__))
TRAINING = os.path.dirname(HERE)
WORK = os.path.join(TRAINING, 'work')
_loaded = {}


def supported():
    """Whether this processor multiplies bf16 in AVX-512."""
    try:
        with open('/proc/cpuinfo') as f:
            return 'avx512_bf16' in f.read()
    except OSError:
        return False


def build(name):
    """Compile training/NAME/*.cpp if they are newer than the extension; returns its path."""
    from torch.utils.cpp_extension import include_paths
    target = os.path.join(WORK, name + '_ext.so')
    sources = sorted(glob.glob(os.path.join(TRAINING, name, '*.cpp')))
    headers = glob.glob(os.path.join(TRAINING, name, '*.hpp')) + glob.glob(
        os.path.join(HERE, '*.hpp'))
    newest = max(os.path.getmtime(path) for path in sources + headers)
    if os.path.exists(target) and os.path.getmtime(target) >= newest:
        return target
    os.makedirs(WORK, exist_ok=True)
    includes = ['-I' + p for p in [HERE] + include_paths() + [sysconfig.get_paths()['include']]]
    partial = '%s.%d' % (target, os.getpid())
    # No -ffast-math: linking with it would switch denormals off for the whole process.
    subprocess.run(['g++', '-O3', '-march=native', '-mavx512bf16', '-std=c++17', '-shared', '-fPIC',
                    '-w', '-fno-math-errno', '-D_GLIBCXX_USE_CXX11_ABI=1',
                    '-DTORCH_EXTENSION_NAME=%s_ext' % name, '-DTORCH_API_INCLUDE_EXTENSION_H'] +
                   includes + sources + ['-o', partial] +
                   ['-ltorch', '-ltorch_cpu', '-lc10', '-ltorch_python', '-ldnnl'], check=True)
    os.replace(partial, target)
    return target


def extension(name):
    """The compiled extension of training/NAME/, or None where it cannot run."""
    if name not in _loaded:
        try:
            if not supported():
                raise RuntimeError('no AVX-512-BF16')
            spec = importlib.util.spec_from_file_location(name + '_ext', build(name))
            _loaded[name] = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(_loaded[name])
        except Exception as error:  # a missing compiler or header only costs speed
            print('%s: using plain PyTorch (%s)' % (name, error))
            _loaded[name] = None
    return _loaded[name]

#!/usr/bin/python3
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Build the bf16 GRU extension into training/work/ (needs g++, python3-torch, libdnnl-dev)."""
import os
import subprocess
import sysconfig

from torch.utils.cpp_extension import include_paths

HERE = os.path.dirname(os.path.abspath(__file__))
WORK = os.path.join(os.path.dirname(HERE), 'work')
SOURCE = os.path.join(HERE, 'fastgru.cpp')
TARGET = os.path.join(WORK, 'fastgru_ext.so')


def supported():
    """Whether this processor multiplies bf16 in AVX-512."""
    try:
        with open('/proc/cpuinfo') as f:
            return 'avx512_bf16' in f.read()
    except OSError:
        return False


def build():
    """Compile if the source is newer than the extension; returns the path of the extension."""
    if os.path.exists(TARGET) and os.path.getmtime(TARGET) >= os.path.getmtime(SOURCE):
        return TARGET
    os.makedirs(WORK, exist_ok=True)
    includes = ['-I' + p for p in include_paths() + [sysconfig.get_paths()['include']]]
    partial = '%s.%d' % (TARGET, os.getpid())
    # No -ffast-math: linking with it would switch denormals off for the whole process.
    subprocess.run(['g++', '-O3', '-march=native', '-mavx512bf16', '-std=c++17', '-shared', '-fPIC',
                    '-w', '-fno-math-errno', '-D_GLIBCXX_USE_CXX11_ABI=1',
                    '-DTORCH_EXTENSION_NAME=fastgru_ext', '-DTORCH_API_INCLUDE_EXTENSION_H'] +
                   includes + [SOURCE, '-o', partial] +
                   ['-ltorch', '-ltorch_cpu', '-lc10', '-ltorch_python', '-ldnnl'], check=True)
    os.replace(partial, TARGET)
    return TARGET


if __name__ == '__main__':
    print(build())

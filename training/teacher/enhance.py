#!/usr/bin/python3
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""The teacher as a command between pipes: float32 samples at 48 kHz, headerless, from the standard
input to the standard output.

    NODE_PATH=NODE_MODULES training/teacher/enhance.py GRAPHS <IN >OUT"""
import sys

import numpy as np

from deepfilternet import Teacher


def main():
    if len(sys.argv) != 2:
        sys.exit('usage: enhance.py GRAPHS <IN >OUT')
    samples = np.frombuffer(sys.stdin.buffer.read(), np.float32)
    try:
        teacher = Teacher(sys.argv[1])
        sys.stdout.buffer.write(teacher.enhance(samples).astype(np.float32).tobytes())
    except (FileNotFoundError, RuntimeError) as error:
        sys.exit('enhance.py: %s' % error)
    teacher.close()


if __name__ == '__main__':
    main()

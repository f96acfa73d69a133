#!@python@
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Stands in for a program in `meson devenv -C build PROGRAM ...`, which starts it in build/: goes
back to the folder that the command was typed in, so that relative file names mean what they say,
and becomes the next PROGRAM of the PATH. Where the folder was chosen (-w) or changed since, it
stays."""
import os
import shutil
import sys

BUILD = '@build@'


def next_in_path(name, here):
    folders = os.environ.get('PATH', os.defpath).split(os.pathsep)
    others = [folder for folder in folders if os.path.realpath(folder) != here]
    return shutil.which(name, path=os.pathsep.join(others))


def main():
    here, name = os.path.realpath(os.path.dirname(__file__)), os.path.basename(__file__)
    program = next_in_path(name, here)
    if program is None:
        sys.exit('%s: not found; install it (tools/setup.sh) or switch its part of the build on'
                 % name)
    typed_in = os.environ.get('PWD', '')
    if os.path.realpath(os.getcwd()) == os.path.realpath(BUILD) and os.path.isdir(typed_in):
        os.chdir(typed_in)
    os.execv(program, [name] + sys.argv[1:])


if __name__ == '__main__':
    main()

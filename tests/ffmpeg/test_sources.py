# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""What is sent to FFmpeg: the patches are up to date; the build script fails with a sentence."""
import glob
import os
import re
import subprocess

from harness import Skip, call, case, cases, check, folder, main

FOLDER = os.environ['FFMPEG_SOURCES']
TREE = next(iter(glob.glob(os.path.join(os.environ['FFMPEG_WORK'], 'src-*'))), None)
BUILD = os.path.join(FOLDER, 'build.sh')
PATCHES = sorted(glob.glob(os.path.join(FOLDER, 'patches', '*.patch')))


def text_of(*path):
    with open(os.path.join(FOLDER, *path), encoding='utf-8') as file:
        return file.read()


def added(patch, path):
    """The lines that a patch adds to a file."""
    part = patch.split(f'\n+++ b/{path}\n')[1].split('\ndiff --git')[0].rstrip('\n') + '\n'
    return ''.join(line[1:] for line in part.splitlines(True) if line.startswith('+'))


@cases([os.path.basename(path) for path in PATCHES], '{} is up to date: if not, run make-patch.sh')
def patch_is_current(name):
    patch = text_of('patches', name)
    for path, wanted in [
        ('libavfilter/af_percepnet.c', text_of('af_percepnet.c')),
        ('doc/filters.texi', text_of('upstream', 'filters.texi')),
        ('tests/ref/fate/filter-percepnet', text_of('upstream', 'fate-ref')),
    ]:
        check(added(patch, path).strip() == wanted.strip(), f'{path} is another one')
    for path in [
        'configure',
        'Changelog',
        'MAINTAINERS',
        'libavfilter/Makefile',
        'libavfilter/allfilters.c',
    ]:
        check('percepnet' in added(patch, path), f'nothing about percepnet in {path}')


@case('the filter compiled without a warning')
def no_warning():
    logs = glob.glob(os.path.join(os.environ['FFMPEG_WORK'], 'objects-*', 'make.log'))
    for path in logs:
        with open(path, encoding='utf-8', errors='replace') as file:
            lines = [
                line
                for line in file
                if 'af_percepnet' in line and ('warning' in line or 'error' in line)
            ]
        check(not lines, ''.join(lines))


@case('the documentation names every option and key')
def documented():
    source, manual = text_of('af_percepnet.c'), text_of('upstream', 'filters.texi')
    names = re.findall(r'^    \{ +"(\w+)"', source, re.M)
    check(len(names) == 11, f'{names}')
    for name in names:
        check(re.search(rf'@item {name}\n', manual), f'{name} is not in filters.texi')
    for key in ['voice_probability', 'snr', 'gain']:
        check(f'@item lavfi.percepnet.{key}\n' in manual, f'{key} is not in filters.texi')


@case('apply.sh refuses a tree that it does not know')
def foreign_tree():
    with folder() as where:
        os.mkdir(os.path.join(where, 'libavfilter'))
        for name in ('libavfilter/allfilters.c', 'libavfilter/Makefile', 'configure'):
            with open(os.path.join(where, name), 'w', encoding='utf-8') as file:
                file.write('something else\n')
        status, log, _ = call([os.path.join(FOLDER, 'apply.sh'), where])
        check(status > 0 and 'not known' in log, log)
        status, log, _ = call([os.path.join(FOLDER, 'apply.sh'), os.path.join(where, 'nowhere')])
        check(status > 0, log)


@case('build.sh: a source archive that is missing, foreign or of another version')
def bad_archives():
    with folder() as where:

        def fetch(tarball):
            status, log, _ = call(
                [BUILD, 'fetch', os.path.join(where, 'work')], env={'FFMPEG_TARBALL': tarball}
            )
            check(status > 0, f'exit status {status}')
            return log

        check('cannot be read' in fetch(os.path.join(where, 'none.tar.xz')), 'missing')
        foreign = os.path.join(where, 'foreign.tar')
        with open(foreign, 'w', encoding='utf-8') as file:
            file.write('no archive')
        check('not a source archive' in fetch(foreign), 'foreign')
        other = os.path.join(where, 'ffmpeg-1')
        os.makedirs(os.path.join(other, 'libavfilter'))
        with open(os.path.join(other, 'libavfilter', 'version.h'), 'w', encoding='utf-8') as file:
            file.writelines(
                f'#define LIBAVFILTER_VERSION_{part} {n}\n'
                for n, part in enumerate(('MAJOR', 'MINOR', 'MICRO'))
            )
        subprocess.run(['tar', 'cf', other + '.tar', '-C', where, 'ffmpeg-1'], check=True)
        check('must be the same' in fetch(other + '.tar'), 'another version')


@case('build.sh: no apt and no archive')
def no_source():
    with folder() as where:
        os.mkdir(os.path.join(where, 'bin'))
        for name in ['bash', 'dirname', 'mkdir', 'pkg-config', 'sed', 'cat', 'tar']:
            path = call(['sh', '-c', f'command -v {name}'])[2].decode().strip()
            os.symlink(path, os.path.join(where, 'bin', name))
        status, log, _ = call(
            [BUILD, 'fetch', os.path.join(where, 'work')],
            env={'PATH': os.path.join(where, 'bin'), 'FFMPEG_TARBALL': ''},
        )
        check(status > 0 and 'FFMPEG_TARBALL' in log, f'{status}: {log}')


@case('the patch of the distribution\'s version is what apply.sh makes of its tree')
def tree():
    if not TREE:
        raise Skip('no source tree')
    for path in ['libavfilter/allfilters.c', 'libavfilter/Makefile', 'configure']:
        with open(os.path.join(TREE, path), encoding='utf-8') as file:
            check('percepnet' in file.read(), f'nothing about percepnet in {path}')


main()

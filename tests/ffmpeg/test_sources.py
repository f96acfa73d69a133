# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""What is sent to FFmpeg: patches apply to each version; the build script fails with a sentence."""
import glob
import os
import re
import shutil
import subprocess

from harness import Skip, call, case, cases, check, folder, main

FOLDER = os.environ['FFMPEG_SOURCES']
TREE = next(iter(glob.glob(os.path.join(os.environ['FFMPEG_WORK'], 'src-*'))), None)
BUILD = os.path.join(FOLDER, 'build.sh')
APPLY = os.path.join(FOLDER, 'apply.sh')
MAKE_PATCH = os.path.join(FOLDER, 'make-patch.sh')
TREES = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'trees')
VERSIONS = sorted(glob.glob(os.path.join(TREES, '*.txt')))
PATCHED = [
    'Changelog',
    'MAINTAINERS',
    'configure',
    'doc/filters.texi',
    'libavfilter/Makefile',
    'libavfilter/allfilters.c',
    'tests/fate/filter-audio.mak',
]


def text_of(*path):
    with open(os.path.join(FOLDER, *path), encoding='utf-8') as file:
        return file.read()


def write_tree(where, files, release):
    for path, text in files.items():
        os.makedirs(os.path.dirname(os.path.join(where, path)), exist_ok=True)
        with open(os.path.join(where, path), 'w', encoding='utf-8') as file:
            file.write(text)
    with open(os.path.join(where, 'RELEASE'), 'w', encoding='utf-8') as file:
        file.write(release + '\n')


def excerpts(path):
    """{file: lines}: of an FFmpeg version, those lines that the patch goes by."""
    parts = text_of(path).split('== ')[1:]
    return dict(part.split('\n', 1) for part in parts)


def distribution():
    """The files of the distribution's tree before apply.sh."""
    if not TREE:
        raise Skip('no source tree')
    files = {}
    for path in PATCHED:
        with open(os.path.join(TREE, path), encoding='utf-8') as file:
            files[path] = ''.join(line for line in file if 'percepnet' not in line)
    return files


def check_patch(files, release):
    """The patch that make-patch.sh makes applies, and leaves what apply.sh --all does."""
    with folder() as where:
        trees = [os.path.join(where, name) for name in ('patched', 'applied')]
        for tree in trees:
            write_tree(tree, files, release)
        status, log, patch = call([MAKE_PATCH, trees[0]])
        check(status == 0 and f'For FFmpeg {release}.' in patch.decode(), log)
        with open(os.path.join(where, 'patch'), 'wb') as file:
            file.write(patch)
        status, log, _ = call(['patch', '-s', '-p1', '-d', trees[0], '-i', file.name])
        check(status == 0, f'the patch does not apply: {log}')
        os.makedirs(os.path.join(trees[1], 'tests', 'ref', 'fate'))
        for _ in range(2):  # the second time nothing is left to do
            status, log, _ = call([APPLY, '--all', trees[1]])
            check(status == 0, log)
        status, log, difference = call(['diff', '-r', *trees])
        check(status == 0, f'{log}{difference.decode()}')
        for path in PATCHED:
            with open(os.path.join(trees[0], path), encoding='utf-8') as file:
                check('percepnet' in file.read(), f'nothing about percepnet in {path}')
        filter_path = os.path.join(trees[0], 'libavfilter', 'af_percepnet.c')
        with open(filter_path, encoding='utf-8') as file:
            check(file.read() == text_of('af_percepnet.c'), 'another filter')


@cases([os.path.basename(path) for path in VERSIONS], 'the patch applies to what {} has of a tree')
def patch_by_excerpts(name):
    files = excerpts(os.path.join(TREES, name))
    check(sorted(files) == sorted(PATCHED), sorted(files))
    check_patch(files, name[len('ffmpeg-'):-len('.txt')])


@case('the patch applies to the distribution\'s tree')
def patch_of_the_distribution():
    check_patch(distribution(), 'of the distribution')


@case('make-patch.sh refuses a tree that has the filter: the patch would leave out what is there')
def patch_of_a_changed_tree():
    with folder() as where:
        write_tree(where, excerpts(VERSIONS[0]), 'x')
        status, log, _ = call([APPLY, where])
        check(status == 0, log)
        status, log, patch = call([MAKE_PATCH, where])
        check(status > 0 and not patch and 'unchanged' in log, f'{status}: {log}{patch.decode()}')


@case('the patch does not depend on git\'s settings, nor does a repository get its files')
def patch_with_settings():
    with folder() as where:
        tree, home = os.path.join(where, 'tree'), os.path.join(where, 'home')
        write_tree(tree, excerpts(VERSIONS[0]), 'x')
        status, log, expected = call([MAKE_PATCH, tree])
        check(status == 0, log)
        write_tree(os.path.join(home, 'git'), {'ignore': 'configure\n*.c\n'}, 'x')
        write_tree(home, {'.gitconfig': '[core]\n autocrlf = true\n'}, 'x')
        subprocess.run(['git', 'init', '-q', where], check=True)
        settings = {'HOME': home, 'XDG_CONFIG_HOME': home}
        status, log, patch = call([MAKE_PATCH, tree], env=settings)
        check(status == 0 and patch == expected, f'{status}: {log}{patch.decode()}')
        hook = {'GIT_DIR': os.path.join(where, '.git')}  # as in a hook, or rebase --exec
        status, log, patch = call([MAKE_PATCH, tree], env=hook)
        check(status == 0 and patch == expected, f'{status}: {log}{patch.decode()}')
        check(not os.path.exists(os.path.join(where, '.git', 'index')), 'files in a repository')


@case('the entry in allfilters.c has the type of its FFmpeg')
def type_of_the_entry():
    for version in VERSIONS:
        entry = excerpts(version)['libavfilter/allfilters.c']
        with folder() as where:
            write_tree(where, excerpts(version), 'x')
            call([APPLY, where])
            with open(os.path.join(where, 'libavfilter', 'allfilters.c'), encoding='utf-8') as file:
                check(entry.replace('af_pan', 'af_percepnet') in file.read(), version)


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
    check(len(names) >= 11, f'{names}')
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
        write_source(other, range(3))
        subprocess.run(['tar', 'cf', other + '.tar', '-C', where, 'ffmpeg-1'], check=True)
        check('must be the same' in fetch(other + '.tar'), 'another version')


def installed_version():
    """Of libavfilter, as text."""
    status, _, version = call(['pkg-config', '--modversion', 'libavfilter'])
    if status != 0:
        raise Skip('no libavfilter')
    return version.decode().strip()


def write_source(top, version):
    """As much of an FFmpeg source tree as `build.sh fetch` looks at."""
    os.makedirs(os.path.join(top, 'libavfilter'))
    with open(os.path.join(top, 'libavfilter', 'version.h'), 'w', encoding='utf-8') as file:
        for part, number in zip(('MAJOR', 'MINOR', 'MICRO'), version):
            file.write(f'#define LIBAVFILTER_VERSION_{part} {number}\n')
    with open(os.path.join(top, 'configure'), 'w', encoding='utf-8') as file:
        file.write('configure\n')


def leave_patches(where, download):
    """As a download that failed does: the distribution's patches, not for this source."""
    patches = os.path.join(where, 'debian', 'patches')
    os.makedirs(patches)
    os.makedirs(download)
    with open(os.path.join(patches, 'series'), 'w', encoding='utf-8') as file:
        file.write('other\n')
    with open(os.path.join(patches, 'other'), 'w', encoding='utf-8') as file:
        file.write('--- a/libavfilter/x.c\n+++ b/libavfilter/x.c\n@@ -1 +1 @@\n-a\n+b\n')
    archive = os.path.join(download, 'ffmpeg_1.debian.tar.gz')
    subprocess.run(['tar', 'czf', archive, '-C', where, 'debian'], check=True)


@cases(['archive', 'folder'], 'build.sh: the source as {} of the installed version')
def good_source(kind):
    version = installed_version()
    with folder() as where:
        source, work = os.path.join(where, 'ffmpeg-5'), os.path.join(where, 'work')
        write_source(source, version.split('.'))
        if kind == 'archive':
            subprocess.run(['tar', 'cf', source + '.tar', '-C', where, 'ffmpeg-5'], check=True)
            source += '.tar'
        leave_patches(where, os.path.join(work, 'download'))
        status, log, _ = call([BUILD, 'fetch', work], env={'FFMPEG_TARBALL': source})
        check(status == 0, f'{status}: {log}')
        check(os.path.exists(os.path.join(work, f'src-{version}', 'configure')), os.listdir(work))


@case('build.sh: a folder with a space is refused before anything is fetched')
def space():
    version = installed_version()
    with folder() as where:
        source, spaced = os.path.join(where, 'ffmpeg'), os.path.join(where, 'my code')
        write_source(source, version.split('.'))
        os.mkdir(spaced)
        copy = os.path.join(spaced, 'build.sh')
        shutil.copy(BUILD, copy)
        for build, work in ((BUILD, os.path.join(spaced, 'work')), (copy, where)):
            status, log, _ = call([build, 'fetch', work], env={'FFMPEG_TARBALL': source})
            check(status > 0 and 'with a space' in log and spaced in log, f'{status}: {log}')


def write_program(where, name, text):
    path = os.path.join(where, name)
    with open(path, 'w', encoding='utf-8') as file:
        file.write('#!/bin/sh\n' + text)
    os.chmod(path, 0o755)


@case('build.sh: what a fetch that failed left of an older version is not taken')
def stale_download():
    version = installed_version()
    with folder() as where:
        work, programs = os.path.join(where, 'work'), os.path.join(where, 'bin')
        os.makedirs(os.path.join(work, 'download'))
        os.mkdir(programs)
        write_source(os.path.join(where, 'old'), range(3))
        write_source(os.path.join(where, 'new'), version.split('.'))
        for number in range(1, 9):
            stale = os.path.join(work, 'download', f'ffmpeg_{number}.orig.tar.gz')
            subprocess.run(['tar', 'czf', stale, '-C', where, 'old'], check=True)
        write_program(programs, 'dpkg-query', 'echo 9-1\n')
        write_program(programs, 'apt-config', 'true\n')
        write_program(
            programs,
            'apt-get',
            f'case "$*" in *download-only*) tar czf ffmpeg_9.orig.tar.gz -C {where} new ;; esac\n',
        )
        status, log, _ = call(
            [BUILD, 'fetch', work],
            env={'PATH': f'{programs}:{os.environ["PATH"]}', 'FFMPEG_TARBALL': ''},
        )
        check(status == 0, f'{status}: {log}')


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


main()

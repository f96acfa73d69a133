# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""A copy of this system to install things in: what is changed is kept apart and ends with the
process (an overlay file system in a mount namespace of its own)."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

INSIDE = "PERCEPNET_IN_NAMESPACE"


def missing():
    """Why there can be no copy here, or None."""
    if os.geteuid() != 0:
        return "a copy of the system needs root"
    for program in ("unshare", "mount", "chroot"):
        if not shutil.which(program):
            return f"no {program}"
    with tempfile.TemporaryDirectory() as folder:
        tried = subprocess.run(["unshare", "--mount", "sh", "-ec", overlay_commands(folder)],
                               capture_output=True, text=True, check=False)
    return f"no overlay file system: {tried.stderr.strip()}" if tried.returncode else None


def overlay_commands(folder):
    return f"""mount -t tmpfs percepnet '{folder}'
        mkdir '{folder}/changed' '{folder}/work' '{folder}/whole'
        mount -t overlay percepnet '{folder}/whole' \
            -o 'lowerdir=/,upperdir={folder}/changed,workdir={folder}/work'
        mount --bind /proc '{folder}/whole/proc'
        mount --rbind /dev '{folder}/whole/dev'"""


def enter_namespace():
    """Starts this program again where mounts are its own."""
    if INSIDE not in os.environ:
        os.environ[INSIDE] = "1"
        os.execvp("unshare", ["unshare", "--mount", sys.executable, *sys.argv])
    del os.environ[INSIDE]


class Copy:
    """After enter_namespace(). `top` is its root, `home` a folder for files: /trial inside."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="percepnet-copy-"))
        subprocess.run(["sh", "-ec", overlay_commands(self.folder)], check=True)
        self.top = self.folder / "whole"
        self.home = self.top / "trial"
        self.home.mkdir()

    def end(self):
        """The mounts go with the namespace; the empty folder under them now."""
        subprocess.run(["umount", "--recursive", self.folder], check=True)
        self.folder.rmdir()

    def run(self, script, fails=False, where="/trial", **environment):
        """Runs lines of sh there with a bare environment; gives all that they print."""
        words = [f"{name}={value}" for name, value in environment.items()]
        done = subprocess.run(
            ["chroot", self.top, "env", "-i", "-C", where, "HOME=/trial",
             "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive",
             "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", *words,
             "sh", "-euc", script], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, check=False, timeout=600)
        if (done.returncode != 0) != fails:
            raise AssertionError(f"{script}\nexit status {done.returncode}\n{done.stdout[-4000:]}")
        return done.stdout

    def changed(self, word):
        """Files that were made or altered since the beginning, with this word in their path."""
        top = self.folder / "changed"
        found = (path.relative_to(top) for path in top.rglob("*"))
        return sorted(str(path) for path in found if word in str(path)
                      and path.parts[0] != "trial")

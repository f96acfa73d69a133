# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Debian packages of this tree: built, linted, installed in a throw-away copy of this system, used
and removed. Minutes where nothing is in ccache.

test_packages.py SOURCE_ROOT FOLDER VERSION
"""

import os
import pathlib
import shutil
import subprocess
import sys

import tap
import throw_away
from tap import check

SOURCE, FOLDER, VERSION = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
FFMPEG = any(SOURCE.glob("build*/ffmpeg/src-*/configure")) or "FFMPEG_TARBALL" in os.environ
PACKAGES = ["libpercepnet0", "libpercepnet-dev", "gstreamer1.0-percepnet", "ladspa-percepnet",
            "percepnet-tools"] + (["ffmpeg-percepnet"] if FFMPEG else [])
# A file that must be in the package; nothing of these names may be in another one.
HOLDS = {"libpercepnet0": f"libpercepnet.so.{VERSION}", "libpercepnet-dev": "percepnet.h",
         "gstreamer1.0-percepnet": "libgstpercepnet.so", "ladspa-percepnet": "ladspa/percepnet.so",
         "percepnet-tools": "bin/percepnet", "ffmpeg-percepnet": "percepnet/libavfilter.so."}


def reason_to_skip():
    for program in ("git", "dpkg-buildpackage", "dh", "lintian", "gst-launch-1.0", "ffmpeg"):
        if not shutil.which(program):
            return f"no {program}"
    if not (SOURCE / ".git").exists():
        return "not a git checkout"
    asked = subprocess.run(["dpkg-checkbuilddeps", "-P", profiles(), SOURCE / "debian/control"],
                           capture_output=True, text=True, check=False)
    return asked.stderr.strip().splitlines()[-1] if asked.returncode else throw_away.missing()


def profiles():
    return "nocheck" if FFMPEG else "nocheck,pkg.percepnet.noffmpeg"


def packages():
    return [next(FOLDER.glob(f"{name}_{VERSION}_*.deb")) for name in PACKAGES]


def test_they_are_built():
    env = {**os.environ, "DEB_BUILD_OPTIONS": "nocheck parallel=2",
           "DEB_BUILD_PROFILES": profiles().replace(",", " ")}
    env.pop("MAKEFLAGS", None)
    done = subprocess.run([SOURCE / "tools/package.sh", FOLDER], env=env, text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    check(done.returncode == 0, done.stdout[-6000:])
    packages()


def test_lintian_has_no_error():
    changes = next(FOLDER.glob(f"percepnet_{VERSION}_*.changes"))
    done = subprocess.run(["lintian", "--fail-on", "error,warning", "--allow-root", changes],
                          capture_output=True, text=True, check=False)
    check(done.returncode == 0, done.stdout + done.stderr)


def test_each_has_its_files():
    for name, path in zip(PACKAGES, packages()):
        listed = subprocess.run(["dpkg-deb", "--contents", path], capture_output=True, text=True,
                                check=True).stdout.split("\n")
        for owner, word in HOLDS.items():
            found = any(word in line.split(" -> ")[0] for line in listed)
            check(found == (owner == name), f"{word} in {name}: {found}")


def test_installed():
    for path in packages():
        shutil.copy(path, COPY.home)
    shutil.copy(SOURCE / "docs/samples/noisy-english.flac", COPY.home)
    shutil.copy(SOURCE / "tests/tools/minimal.c", COPY.home)
    COPY.run("dpkg --install *.deb; ldconfig; rm *.deb")
    COPY.run("ffmpeg -v error -i noisy-english.flac -c:a pcm_f32le before.wav")


def test_command_line():
    check(COPY.run("percepnet --version") == f"percepnet {VERSION}\n", "--version")
    COPY.run("percepnet before.wav after.wav; man -w percepnet")


def apart(one, other):
    """How far two files of the copy are apart; fails if their lengths differ."""
    done = subprocess.run([sys.executable, SOURCE / "tools/compare.py", COPY.home / one,
                           COPY.home / other], capture_output=True, text=True, check=False)
    check(done.returncode == 0, done.stdout + done.stderr)
    return done.stdout


def test_gstreamer():
    check(VERSION in COPY.run("gst-inspect-1.0 percepnet"), "no version in gst-inspect-1.0")
    COPY.run("""gst-launch-1.0 -q filesrc location=before.wav ! wavparse ! percepnet \\
        ! wavenc ! filesink location=gst.wav""")
    COPY.run("gst-launch-1.0 -q audiotestsrc num-buffers=50 ! percepnet @preset=call ! fakesink")
    check("the same" in apart("gst.wav", "after.wav"), apart("gst.wav", "after.wav"))
    check("the same" not in apart("gst.wav", "before.wav"), "nothing was done")


def test_ffmpeg():
    if not FFMPEG:
        raise tap.Skip("no source of FFmpeg")
    COPY.run("ffmpeg-percepnet -v error -i before.wav -af percepnet -c:a pcm_f32le ffmpeg.wav")
    check("the same" in apart("ffmpeg.wav", "after.wav"), apart("ffmpeg.wav", "after.wav"))
    COPY.run("ffmpeg -v error -i before.wav -af percepnet -f null -", fails=True)


def test_ladspa_where_hosts_look():
    COPY.run("""ffmpeg -v error -i before.wav -c:a pcm_f32le \\
        -af ladspa=f=percepnet:p=percepnet_mono:latency=1 ladspa.wav
        analyseplugin /usr/lib/ladspa/percepnet.so > ports.txt
        grep -q percepnet_stereo ports.txt""")
    check("the same" not in apart("ladspa.wav", "before.wav"), "nothing was done")


def test_c_programs():
    COPY.run("gcc -Wall -Werror minimal.c $(pkg-config --cflags --libs percepnet) -o minimal")
    COPY.run("./minimal; ldd minimal | grep libpercepnet.so.0")
    check(COPY.run("pkg-config --modversion percepnet") == VERSION + "\n", "pkg-config")


def test_parts_go_by_themselves():
    COPY.run("dpkg --purge gstreamer1.0-percepnet libpercepnet-dev; percepnet --info")
    COPY.run("gst-inspect-1.0 percepnet", fails=True)
    COPY.run("dpkg --purge libpercepnet0", fails=True)


def test_nothing_is_left():
    COPY.run("dpkg --purge " + " ".join(PACKAGES[::-1]))
    left = [path for path in COPY.changed("percepnet") if not path.startswith("var/cache/man")]
    check(not left, f"left: {left}")
    check("libpercepnet" not in COPY.run("ldconfig; ldconfig -p"), "known to the loader")


why = reason_to_skip()
if why:
    tap.skip_all(why)
throw_away.enter_namespace()
COPY = throw_away.Copy()
try:
    tap.run_module(dict(globals()))
finally:
    COPY.end()

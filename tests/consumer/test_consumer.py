# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""How other projects use the library: as a Meson subproject, and installed by pkg-config.

test_consumer.py MESON SOURCE_ROOT BUILD_ROOT SHARED (yes: the build's library is a shared one)
"""

import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

import tap
from tap import check

MESON, SOURCE, BUILD = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
SHARED = sys.argv[4] == "yes"
HERE = pathlib.Path(__file__).resolve().parent
FOLDER = tempfile.TemporaryDirectory()
ROOT = pathlib.Path(FOLDER.name)
PROJECT = ROOT / "project"
STRICT = ["-Wall", "-Wextra", "-pedantic-errors", "-Werror"]
HEADERS = ("<percepnet.h>", "<percepnet/percepnet.h>")


def run(*command, **environment):
    env = {**os.environ, **{name: str(value) for name, value in environment.items()}}
    env.pop("DESTDIR", None)
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          check=False, timeout=500, env=env)
    check(done.returncode == 0, f"{command}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout


def source(name, header="<percepnet.h>"):
    """The consumer's source with one of the two ways to name the header."""
    text = (HERE / "consumer.c").read_text(encoding="utf-8")
    path = ROOT / name
    path.write_text(text.replace("PERCEPNET_HEADER", header), encoding="utf-8")
    return path


def pkg_config(prefix, *arguments):
    """As on a system that has nothing else: no JSON library, no Eigen."""
    folder = next(prefix.rglob("percepnet.pc")).parent
    words = run("pkg-config", f"--define-variable=prefix={prefix}", *arguments, "percepnet",
                PKG_CONFIG_LIBDIR=folder, PKG_CONFIG_PATH="")
    return shlex.split(words)


def installed(build, prefix):
    """Libraries, header and .pc of a build in a prefix of their own, with a space in its path."""
    place = ROOT / f"installed here-{pathlib.Path(build).name}"
    run(MESON, "install", "-C", build, "--no-rebuild", "--tags", "devel,runtime",
        "--destdir", place)
    return place / str(prefix).lstrip("/")


def prefix_of(build):
    options = json.loads(run(MESON, "introspect", build, "--buildoptions"))
    return next(option["value"] for option in options if option["name"] == "prefix")


def compile_with_pkg_config(prefix, *flags):
    libraries = next(prefix.rglob("percepnet.pc")).parents[1]
    for number, header in enumerate(HEADERS):
        for compiler, standard, suffix in (("CC", "-std=c11", "c"), ("CXX", "-std=c++17", "cpp")):
            program = ROOT / f"consumer{number}-{suffix}"
            run(*os.environ[compiler].split(), standard, *STRICT,
                source(f"consumer{number}.{suffix}", header), *pkg_config(prefix, "--cflags"),
                "-o", program, *pkg_config(prefix, "--libs", *flags))
            run(program, LD_LIBRARY_PATH=libraries)


def subproject_build():
    """The consumer with percepnet in its subprojects/, everything linked statically."""
    build = PROJECT / "build"
    if not build.exists():
        shutil.copytree(HERE / "project", PROJECT)
        shutil.copy(source("consumer.c"), PROJECT)
        shutil.copy(source("consumer.cpp", HEADERS[1]), PROJECT)
        (PROJECT / "subprojects").mkdir()
        (PROJECT / "subprojects" / "percepnet").symlink_to(SOURCE)
        for wrap in (SOURCE / "subprojects").glob("*.wrap"):
            shutil.copy(wrap, PROJECT / "subprojects")
        run(MESON, "setup", build, PROJECT, "-Ddefault_library=static", "-Dbuildtype=plain")
    return build


def test_a_subproject_is_the_library_alone():
    build = subproject_build()
    run(MESON, "compile", "-C", build)
    for name in ("consumer_c", "consumer_cpp"):
        run(build / name)
    inside = build / "subprojects" / "percepnet"
    for part in ("gst", "ladspa", "tools", "tests", "training"):
        found = [path for path in (inside / part).rglob("*") if path.suffix in {".so", ".o", ".a"}]
        check(not found, f"{part} was built: {found}")
    check(not list(inside.rglob("src-*")), "FFmpeg's source was fetched")


def test_installed_and_linked_statically():
    build = subproject_build()
    run(MESON, "compile", "-C", build)
    prefix = installed(build, prefix_of(build))
    check(not list(prefix.rglob("Eigen")) and not list(prefix.rglob("json.hpp")),
          "headers of others are installed")
    compile_with_pkg_config(prefix, "--static")


def test_installed_and_linked_to_the_shared_library():
    if not SHARED:
        raise tap.Skip("this build has no shared library")
    prefix = installed(BUILD, prefix_of(BUILD))
    compile_with_pkg_config(prefix)
    for word in pkg_config(prefix, "--libs"):
        check("stdc++" not in word, f"the shared library asks for {word}")


if not shutil.which("pkg-config"):
    tap.skip_all("no pkg-config")
tap.run_module(dict(globals()))

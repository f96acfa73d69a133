# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""The commands of docs/install.md, word for word, in a throw-away copy of this system.

test_install.py SOURCE_ROOT BUILD_ROOT
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import tap
import throw_away
from tap import check

SOURCE, BUILD = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
BLOCK = re.compile(r"^<!-- install: ([a-z-]+) -->\n```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = dict(BLOCK.findall((SOURCE / "docs" / "install.md").read_text(encoding="utf-8")))
USED = set()


def reason_to_skip():
    if BUILD != SOURCE / "build":
        return "the commands are about the folder build/"
    for program in ("meson", "ninja", "ffmpeg", "gst-launch-1.0", "pkg-config"):
        if not shutil.which(program):
            return f"no {program}"
    options = {option["name"]: option["value"] for option in json.loads(subprocess.run(
        ["meson", "introspect", BUILD, "--buildoptions"], capture_output=True, text=True,
        check=True).stdout)}
    if options["prefix"] != "/usr/local":
        return "this build has another prefix"
    for part in ("ffmpeg/ffmpeg-percepnet", "gst/libgstpercepnet.so", "ladspa/percepnet.so",
                 "tools/percepnet"):
        if not (BUILD / part).exists():
            return f"this build has no {part}"
    return throw_away.missing()


def run(*names, **arguments):
    """Blocks of the document, one after the other in one shell."""
    USED.update(names)
    lines = 'sudo() { "$@"; }\nffmpeg() { command ffmpeg -y "$@"; }\n'
    cache = os.environ.get("CCACHE_DIR", os.path.expanduser("~/.cache/ccache"))
    return COPY.run("rm -f clean* gst.wav\n" + lines + "".join(BLOCKS[name] for name in names),
                    where=SOURCE, CCACHE_DIR=cache, **arguments)


def made():
    return [path for path in COPY.changed("percepnet") if path.startswith("usr/")]


def test_into_usr_local():
    COPY.run("ffmpeg -v error -i docs/samples/noisy-english.flac noisy.wav", where=SOURCE)
    COPY.run("percepnet --version", fails=True)
    run("local")
    check(made(), "nothing was installed")
    run("local-use")
    run("local-avfilter")


def test_gstreamer_in_usr_local():
    COPY.run("gst-inspect-1.0 percepnet", fails=True)
    run("local-gst")


def test_a_program():
    run("program")
    COPY.run(f"{SOURCE}/enhance < {SOURCE}/noisy.wav > /dev/null")


def test_removed():
    run("remove")
    left = [path for path in made() if (COPY.top / path).is_file()]
    check(not left, f"left: {left}")
    COPY.run("percepnet --version", fails=True)


def test_in_a_folder_of_ones_own():
    run("own")
    check(not [path for path in made() if (COPY.top / path).is_file()], made())
    COPY.run("percepnet --version", fails=True)
    run("own-set", "own-use")
    run("own-set", "program")


def test_a_plugin_in_the_home_folder():
    """As docs/gstreamer.md has it for those without rights."""
    COPY.run("""mkdir -p ~/.local/share/gstreamer-1.0/plugins
        cp ~/percepnet/lib/*/gstreamer-1.0/libgstpercepnet.so ~/.local/share/gstreamer-1.0/plugins/
        LD_LIBRARY_PATH=$(echo ~/percepnet/lib/*-gnu) gst-inspect-1.0 percepnet
        rm -r ~/.local""")


def test_that_is_removed_too():
    run("remove")
    left = [path for path in (COPY.home / "percepnet").rglob("*") if not path.is_dir()]
    check(not left, f"left: {left}")


def test_into_usr():
    """As docs/gstreamer.md has it: where the distribution's plug-ins are."""
    COPY.run("meson configure build -Dprefix=/usr; ninja -C build install", where=SOURCE)
    COPY.run("gst-inspect-1.0 percepnet; percepnet --version")
    COPY.run("ninja -C build uninstall", where=SOURCE)
    left = [path for path in made() if (COPY.top / path).is_file()]
    check(not left, f"left: {left}")


def test_every_block_was_run():
    check(USED == set(BLOCKS), USED ^ set(BLOCKS))


why = reason_to_skip()
if why:
    tap.skip_all(why)
throw_away.enter_namespace()
COPY = throw_away.Copy()
try:
    if not (COPY.top / str(BUILD).lstrip("/") / "build.ninja").exists():
        tap.skip_all("this tree is on another file system than the root")
    tap.run_module(dict(globals()))
finally:
    COPY.end()

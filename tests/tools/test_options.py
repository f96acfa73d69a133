# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""docs/options.md names the same options as the programs' own help.

test_options.py OPTIONS_MD PERCEPNET [gst-inspect=PROGRAM] [ffmpeg=PROGRAM] (of this build)
"""

import re
import subprocess
import sys

import tap
from tap import check

DOCUMENT, PROGRAM = sys.argv[1:3]
HOSTS = dict(argument.split("=", 1) for argument in sys.argv[3:])
HEADINGS = {"Command line": "percepnet", "GStreamer": "gst-inspect", "FFmpeg": "ffmpeg"}
OWN_GST = re.compile(r"^  ([a-z][a-z-]*) *: ", re.MULTILINE)
BASE_GST = {"name", "parent", "qos"}


def documented():
    """{host: names} from the first cells `name` of the tables, by the heading of their columns."""
    names = {host: set() for host in HEADINGS.values()}
    columns = []
    with open(DOCUMENT, encoding="utf-8") as file:
        for line in file:
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if not line.startswith("|"):
                columns = []
            elif not columns:
                columns = [HEADINGS.get(cell) for cell in cells]
            else:
                for host, cell in zip(columns, cells):
                    found = re.match(r"`(?:--)?([a-z_-]+)", cell)
                    if host and found:
                        names[host].add(found.group(1))
    return names


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


def compare(host, real):
    check(real, f"no options in the help of {host}")
    check(documented()[host] == real,
          f"only in one of document and program: {sorted(documented()[host] ^ real)}")


def test_command_line():
    compare("percepnet", set(re.findall(r"^  --([a-z-]+)", output_of(PROGRAM, "--help"),
                                        re.MULTILINE)))


def test_gstreamer_element():
    if "gst-inspect" not in HOSTS:
        raise tap.Skip("built without the GStreamer element or gst-inspect-1.0")
    help_text = output_of(HOSTS["gst-inspect"], "percepnet")
    properties = help_text[help_text.index("Element Properties:"):]
    compare("gst-inspect", set(OWN_GST.findall(properties)) - BASE_GST)


def test_ffmpeg_filter():
    if "ffmpeg" not in HOSTS:
        raise tap.Skip("built without the FFmpeg filter")
    help_text = output_of(HOSTS["ffmpeg"], "-hide_banner", "-h", "filter=percepnet")
    own = help_text[:help_text.find("This filter has support for timeline")]
    compare("ffmpeg", set(re.findall(r"^   ([a-z_]+) +<", own, re.MULTILINE)))


tap.run_module(dict(globals()))

# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""The library's table of controls, docs/options.md and the programs' own help say the same.

test_options.py OPTIONS_MD LIST_CONTROLS PERCEPNET [gst-inspect=PROGRAM] [ffmpeg=PROGRAM]
[ladspa=PLUGIN] (of this build)
"""

import ctypes
import json
import re
import subprocess
import sys

import tap
from tap import check

DOCUMENT, LIST_CONTROLS, PROGRAM = sys.argv[1:4]
HOSTS = dict(argument.split("=", 1) for argument in sys.argv[4:])
HEADINGS = {"Command line": "percepnet", "GStreamer": "gst-inspect", "FFmpeg": "ffmpeg"}
OWN_GST = re.compile(r"^  ([a-z][a-z-]*) *: ", re.MULTILINE)
BASE_GST = {"name", "parent", "qos"}
FFMPEG_NAMES = {"attenuation-limit": "atten_lim"}  # as FFmpeg's other filters say it


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


CONTROLS = [json.loads(line) for line in output_of(LIST_CONTROLS).splitlines()]


def host(name):
    if name not in HOSTS:
        raise tap.Skip(f"built without what {name} shows")
    return HOSTS[name]


def ffmpeg_name(control):
    return FFMPEG_NAMES.get(control["name"], control["name"].replace("-", "_"))


def value_text(control, value):
    return f"`{control['choices'][int(value)][0]}`" if control["choices"] else f"{value:g}"


def document_row(control):
    """The line of docs/options.md that the table makes."""
    word = "NAME" if control["choices"] else control["unit"].upper() or "NUMBER"
    if control["choices"]:
        bounds = ", ".join(f"`{name}`" for name, _ in control["choices"])
    else:
        bounds = f"{control['minimum']:g} to {control['maximum']:g} {control['unit']}".strip()
    legend = f" ({control['legend']})" if control["legend"] else ""
    what = control["description"] + legend + "."
    what += "".join(f" `{name}`: {text[0].lower() + text[1:]}."
                    for name, text in control["choices"])
    if not control["live"]:
        what += " Not while a stream runs; the GStreamer element starts another one."
    cells = [f"`--{control['name']} {word}`", f"`{control['name']}`", f"`{ffmpeg_name(control)}`",
             bounds, value_text(control, control["default"]), what]
    return "| " + " | ".join(cells) + " |"


def documented():
    """{host: names} from the first cells `name` of the tables, by the heading of their columns."""
    names = {heading: set() for heading in HEADINGS.values()}
    columns = []
    with open(DOCUMENT, encoding="utf-8") as file:
        for line in file:
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if not line.startswith("|"):
                columns = []
            elif not columns:
                columns = [HEADINGS.get(cell) for cell in cells]
            else:
                for column, cell in zip(columns, cells):
                    found = re.match(r"`(?:--)?([a-z_-]+)", cell)
                    if column and found:
                        names[column].add(found.group(1))
    return names


def compare(name, real):
    check(real, f"no options in the help of {name}")
    check(documented()[name] == real,
          f"only in one of document and program: {sorted(documented()[name] ^ real)}")


def test_the_table_is_complete():
    check(len(CONTROLS) >= 5, CONTROLS)
    for control in CONTROLS:
        check(re.fullmatch(r"[a-z]+(-[a-z]+)*", control["name"]), control)
        check(control["minimum"] <= control["default"] <= control["maximum"], control)
        check(control["title"] and not control["description"].endswith("."), control)
        check(not control["choices"] or len(control["choices"]) == control["maximum"] + 1, control)


def test_the_document_has_the_rows_of_the_table():
    with open(DOCUMENT, encoding="utf-8") as file:
        lines = file.read().splitlines()
    missing = [row for row in map(document_row, CONTROLS) if row not in lines]
    check(not missing, "docs/options.md lacks:\n" + "\n".join(missing))


def test_command_line():
    text = output_of(PROGRAM, "--help")
    compare("percepnet", set(re.findall(r"^  --([a-z-]+)", text, re.MULTILINE)))
    flat = " ".join(text.split())
    for control in CONTROLS:
        check(f"--{control['name']} " in flat and control["description"] in flat, control)


def test_gstreamer_element():
    help_text = output_of(host("gst-inspect"), "percepnet")
    properties = help_text[help_text.index("Element Properties:"):]
    compare("gst-inspect", set(OWN_GST.findall(properties)) - BASE_GST)
    for control in CONTROLS:
        part = properties[properties.index(f"\n  {control['name']} "):]
        check(control["description"] in part.splitlines()[1], part.splitlines()[1])
        default = (f'{control["default"]:g}, "{control["choices"][0][0]}"' if control["choices"]
                   else f"{control['default']:g}")
        line = " ".join(part.splitlines()[3].split())
        check(line.endswith(f"Default: {default}"), line)
        check(control["choices"] or
              f"Range: {control['minimum']:g} - {control['maximum']:g} " in line, line)
        flags = part.splitlines()[2]
        check(("controllable" in flags) == bool(control["live"]), f"{control['name']}: {flags}")


def test_ffmpeg_filter():
    help_text = output_of(host("ffmpeg"), "-hide_banner", "-h", "filter=percepnet")
    own = help_text[:help_text.find("This filter has support for timeline")]
    compare("ffmpeg", set(re.findall(r"^   ([a-z_]+) +<", own, re.MULTILINE)))
    for control in CONTROLS:
        line = re.search(rf"^   {ffmpeg_name(control)} +<(\w+)> +(\S+) (.*)$", own, re.MULTILINE)
        kind, flags, text = line.groups()
        check(kind == ("int" if control["choices"] else "float"), line.group())
        check(flags.endswith("T.") == bool(control["live"]), line.group())
        check(f"(from {control['minimum']:g} to {control['maximum']:g})" in text, line.group())
        default = control["choices"][int(control["default"])][0] if control["choices"] else \
            f"{control['default']:g}"
        check(f"(default {default})" in text, line.group())
        for name, _ in control["choices"]:
            check(re.search(rf"^     {name} ", own, re.MULTILINE), f"no {name} in\n{own}")


class PortHint(ctypes.Structure):
    _fields_ = [("hints", ctypes.c_int), ("lower", ctypes.c_float), ("upper", ctypes.c_float)]


class Descriptor(ctypes.Structure):
    _fields_ = [("id", ctypes.c_ulong), ("label", ctypes.c_char_p), ("properties", ctypes.c_int),
                ("name", ctypes.c_char_p), ("maker", ctypes.c_char_p),
                ("copyright", ctypes.c_char_p), ("count", ctypes.c_ulong),
                ("ports", ctypes.POINTER(ctypes.c_int)), ("names", ctypes.POINTER(ctypes.c_char_p)),
                ("hints", ctypes.POINTER(PortHint))]


def test_ladspa_ports():
    library = ctypes.CDLL(host("ladspa"))
    library.ladspa_descriptor.restype = ctypes.POINTER(Descriptor)
    plugin = library.ladspa_descriptor(0).contents
    inputs = [(plugin.names[i].decode(), plugin.hints[i]) for i in range(plugin.count)
              if plugin.ports[i] == 1 | 4]  # LADSPA_PORT_INPUT | LADSPA_PORT_CONTROL
    live = [control for control in CONTROLS if control["live"]]
    check(len(inputs) == len(live), [name for name, _ in inputs])
    for (name, hint), control in zip(inputs, live):
        check(name.startswith(control["title"]) and control["legend"] in name, name)
        check((hint.lower, hint.upper) == (control["minimum"], control["maximum"]), name)
    # Hosts and saved sessions know these names.
    check([name for name, _ in inputs[:4]] == [
        "Attenuation limit (dB, 100: none)", "Mix (0: input, 1: enhanced)",
        "Post-filter (0: off, 1: full)", "Output (0: enhanced, 1: residual, 2: bypass)"], inputs)


tap.run_module(dict(globals()))

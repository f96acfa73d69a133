# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""The scripts of web/ in Node, with stand-ins for the browser and the module (standin.mjs):
test_scripts.py SOURCE_ROOT"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import tap
from tap import check

if not shutil.which("node"):
    tap.skip_all("node is not installed")

WEB = pathlib.Path(sys.argv[1]) / "web"
HERE = pathlib.Path(__file__).parent
ENGINE = """
export const SAMPLE_RATE = 48000;
export const load = async () => { %s };
export const controls = () => [];
export const version = () => "";
export const liveControl = () => {};
export const number = () => {};
export const enhance = () => {};
"""


def said(case, load=None):
    """What standin.mjs says of a case. load: of an engine in the place of percepnet.js."""
    with tempfile.TemporaryDirectory() as folder:
        for script in WEB.glob("*.js"):
            shutil.copy(script, folder)
        pathlib.Path(folder, "package.json").write_text('{"type": "module"}', encoding="utf-8")
        if load is not None:
            pathlib.Path(folder, "percepnet.js").write_text(ENGINE % load, encoding="utf-8")
        done = subprocess.run(["node", HERE / "standin.mjs", folder, case], capture_output=True,
                              text=True, timeout=100, check=False)
    check(done.returncode == 0, done.stderr)
    return json.loads(done.stdout)


def test_the_node_refuses_what_a_stream_refuses():
    node = said("node")
    check(node["sent"] == [{"type": "set", "name": "mix", "value": 0.5}], node)
    for message, words in zip(node["errors"], ("no control", "no value of mix", "is set when")):
        check(words in message, node)


def test_a_model_is_bytes():
    default, *wrong = said("models")["errors"]
    check(default == "" and all("the bytes of a model file" in text for text in wrong), wrong)


tap.run_module(dict(globals()))

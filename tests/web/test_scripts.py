# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""The scripts of web/ in Node, with stand-ins for the browser and the module (standin.mjs):
test_scripts.py SOURCE_ROOT"""

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
export class Stream {
  process(_, output) { for (const channel of output) channel.fill(1); }
  readout() { return {}; }
  destroy() {}
}
"""


def said(case, load=None):
    """What standin.mjs says of a case. load: of an engine in the place of percepnet.js."""
    with tempfile.TemporaryDirectory() as folder:
        for script in WEB.glob("*.js"):
            shutil.copy(script, folder)
        pathlib.Path(folder, "empty.wasm").write_bytes(b"\0asm\1\0\0\0")
        pathlib.Path(folder, "package.json").write_text('{"type": "module"}', encoding="utf-8")
        if load is not None:
            pathlib.Path(folder, "percepnet.js").write_text(ENGINE % load, encoding="utf-8")
        done = subprocess.run(["node", HERE / "standin.mjs", folder, case], capture_output=True,
                              text=True, timeout=100, check=False)
    check(done.returncode == 0, done.stderr)
    return json.loads(done.stdout)


def test_the_package_may_go_to_a_folder_beside():
    """build.sh with a stand-in for Meson: relative, it is another folder to the compiler."""
    with tempfile.TemporaryDirectory(suffix=" folder") as folder:
        for name, text in (("em++", ""), ("meson", 'printf "%s\\n" "$@"; exit 1')):
            program = pathlib.Path(folder, name)
            program.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
            program.chmod(0o755)
        path = f"{folder}:{os.environ['PATH']}"
        done = subprocess.run([WEB.resolve() / "build.sh", "out/percepnet"], cwd=folder, text=True,
                              env={**os.environ, "PATH": path}, capture_output=True, check=False)
        words = next(line for line in done.stdout.splitlines() if line.startswith("-Dcpp_args="))
        include = shlex.split(words.split("=", 1)[1])[-1][len("-isystem"):]
        check(include == f"{folder}/out/wasm/include", done.stdout + done.stderr)
        check(pathlib.Path(include, "nlohmann/json.hpp").exists(), include)


def test_the_page_says_that_the_engine_does_not_load():
    status = said("load", "throw new Error('percepnet.wasm: 404');").get("status", "")
    check("did not load" in status and "percepnet.wasm: 404" in status, status)


def test_two_clicks_play_one_sound():
    page = said("twice", "")
    check(page["open"] == 1 and page["status"].startswith("sample: 1.0 s"), page)


def test_a_microphone_that_cannot_be_used_is_off_again():
    page = said("microphone", "")
    check(page["status"] == "another sample rate", page)
    check(page["open"] == 0 and page["stopped"], page)


def test_a_page_that_gets_no_microphone_says_why():
    check("https or localhost" in said("http", "")["status"], said("http", ""))


def test_the_node_refuses_what_a_stream_refuses():
    node = said("node")
    check(node["sent"] == [{"type": "set", "name": "mix", "value": 0.5}], node)
    for message, words in zip(node["errors"], ("no control", "no value of mix", "is set when")):
        check(words in message, node)


def test_a_recording_always_comes():
    """Of two in a row, asked for twice, of a node or a context that is closed: all there is."""
    lengths = said("recordings", "")
    check("startRecording" in lengths.pop("none"), "no recording was started")
    check(lengths == {"first": 256, "once": 384, "twice": 384, "closed": 512, "waits": 0,
                      "gone": 0}, lengths)


def test_channels_of_unlike_length_are_refused():
    """What was left of the last block went in where one was shorter; a longer one lost its end."""
    right, *wrong = said("misuse")["errors"]
    check(right == "" and all("percepnet: " in text and "samples" in text for text in wrong), wrong)


def test_a_module_in_a_file_is_loaded_by_its_address():
    check(said("misuse")["loaded"], "the address as text")


def test_a_model_is_bytes():
    default, *wrong = said("models")["errors"]
    check(default == "" and all("the bytes of a model file" in text for text in wrong), wrong)


tap.run_module(dict(globals()))

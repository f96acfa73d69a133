# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""The module, the AudioWorklet and the page in Firefox or WebKitGTK:
test_other_browsers.py Firefox|WebKit LIBPERCEPNET SOURCE_ROOT [PACKAGE [SCREENSHOT.png]]"""

import atexit
import pathlib
import sys
import tempfile

import tap
from tap import check

if len(sys.argv) < 5:
    tap.skip_all("the module is not built: tools/setup.sh --web, then -Dweb=enabled")
try:
    import soundfile
    import browser
    import native
    import webdriver
except ImportError as missing:
    tap.skip_all(f"{missing.name} is not there: install python3-numpy and python3-soundfile")
KIND = getattr(webdriver, sys.argv[1])
if KIND.missing():
    tap.skip_all(f"{KIND.missing()} is not installed")

LIBRARY, SOURCE = native.Library(sys.argv[2]), pathlib.Path(sys.argv[3])
FRAMES = 240000
FOLDER = tempfile.TemporaryDirectory()
SITE = pathlib.Path(FOLDER.name, "site")


def make_site():
    """The package, a voice with noise, and what the native library makes of it."""
    SITE.mkdir()
    for file in pathlib.Path(sys.argv[4]).resolve().iterdir():
        (SITE / file.name).symlink_to(file)
    speech = soundfile.read(SOURCE / "docs/samples/noisy-english.flac", dtype="float32",
                            frames=FRAMES)[0]
    (SITE / "speech.f32").write_bytes(speech.tobytes())
    (SITE / "wanted.f32").write_bytes(LIBRARY.enhance(speech[None]).tobytes())


make_site()
LOUDSPEAKER = webdriver.Loudspeaker(FOLDER.name)
atexit.register(LOUDSPEAKER.close)
PAGE = KIND(FOLDER.name, LOUDSPEAKER.environment)
atexit.register(PAGE.close)
ADDRESS = browser.serve(SITE)
READ = """const read = async (name) => new Float32Array(await (await fetch(name)).arrayBuffer());
    const [speech, wanted] = [await read("speech.f32"), await read("wanted.f32")];
    const differ = (got, at) => got.reduce((count, x, i) => count + (x !== wanted[at + i]), 0);"""


def test_the_page_has_the_engines_controls():
    PAGE.open(ADDRESS)
    print(f"# {PAGE.version}")
    names = PAGE.run("[...new Set([...document.querySelectorAll('#controls input')]"
                     ".map((input) => input.name || input.id))]")
    check(names == [control.name.decode() for control in LIBRARY.controls()], names)


def test_the_module_gives_what_the_native_library_gives():
    wrong = PAGE.run(f"""await (async () => {{ {READ}
        const {{ load, enhance }} = await import("{ADDRESS}percepnet.js");
        const [got] = await enhance(await load(), [speech]);
        return got.length === wanted.length ? differ(got, 0) : -1;
    }})()""")
    check(wrong == 0, f"{wrong} samples of {FRAMES} differ")


def test_the_worklet_gives_it_later():
    answer = PAGE.run(f"""await (async () => {{ {READ}
        const {{ PercepnetNode }} = await import("{ADDRESS}audio-node.js");
        const context = new OfflineAudioContext(1, speech.length, 48000);
        const node = await PercepnetNode.create(context);
        const buffer = context.createBuffer(1, speech.length, 48000);
        buffer.copyToChannel(speech, 0);
        const source = new AudioBufferSourceNode(context, {{ buffer }});
        source.connect(node).connect(context.destination);
        source.start();
        const start = performance.now();
        const got = (await context.startRendering()).getChannelData(0);
        const share = (performance.now() - start) / (speech.length / 48);
        return {{ share, latency: node.latency, wrong: differ(got.subarray(node.latency), 0) }};
    }})()""")
    print(f"# {100 * answer['share']:.2f} % of real time in an OfflineAudioContext")
    check(answer["latency"] == 1888 and answer["wrong"] == 0, answer)


def need_loudspeaker():
    if not LOUDSPEAKER.environment:
        raise tap.Skip("there is no sound device: install pulseaudio")


def test_the_page_plays_the_sample():
    need_loudspeaker()
    PAGE.click("sample")
    PAGE.wait_for("document.getElementById('voice').value > 0.5")
    status = PAGE.execute("return document.getElementById('status').textContent;")
    check("sample" in status and "one channel" in status, status)
    share = PAGE.execute("return document.getElementById('cpu-text').textContent;")
    print(f"# processor, as the page shows it: {share}")
    if len(sys.argv) > 5:
        PAGE.run("await new Promise((resolve) => setTimeout(resolve, 9000))")
        pathlib.Path(sys.argv[5]).write_bytes(PAGE.screenshot())


def test_the_microphone():
    """Firefox has one that hums; of WebKitGTK's none is known here."""
    if KIND is not webdriver.Firefox:
        raise tap.Skip("there is no microphone")
    need_loudspeaker()
    PAGE.click("microphone")
    PAGE.wait_for("/microphone is on/.test(document.getElementById('status').textContent)")
    PAGE.click("stop")


tap.run_module(dict(globals()))

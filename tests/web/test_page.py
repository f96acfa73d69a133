# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""The page in headless Chromium, with a file as the microphone:
test_page.py LIBPERCEPNET SOURCE_ROOT [PACKAGE [SCREENSHOT.png]]"""

import base64
import math
import pathlib
import shutil
import sys
import tempfile

import tap
from tap import check

if len(sys.argv) < 4:
    tap.skip_all("the module is not built: tools/setup.sh --web, then -Dweb=enabled")
CHROMIUM = shutil.which("chromium")
if not CHROMIUM:
    tap.skip_all("chromium is not installed")
try:
    import numpy as np
    import soundfile
    import browser
    import native
except ImportError as missing:
    tap.skip_all(f"{missing.name} is not there: install python3-numpy and python3-soundfile")

LIBRARY, SOURCE = native.Library(sys.argv[1]), pathlib.Path(sys.argv[2])
ADDRESS = browser.serve(sys.argv[3])
FOLDER = tempfile.TemporaryDirectory()
RATE = 48000
SPEECH = soundfile.read(SOURCE / "docs/samples/noisy-english.flac", dtype="float32")[0]


def place(name):
    return pathlib.Path(FOLDER.name, name)


def start():
    """Noisy speech with pauses, over and over, is what the microphone hears."""
    soundfile.write(place("microphone.wav"), SPEECH, RATE, "PCM_16")
    page = browser.Browser(CHROMIUM, place("profile"), "--use-fake-ui-for-media-stream",
                           "--use-fake-device-for-media-stream",
                           f"--use-file-for-fake-audio-capture={place('microphone.wav')}")
    page.send("Page.setDownloadBehavior", behavior="allow", downloadPath=FOLDER.name)
    page.open(ADDRESS)
    return page


PAGE = start()


def click(name):
    PAGE.run(f"document.getElementById('{name}').click()")


def status():
    return PAGE.run("document.getElementById('status').textContent")


def download():
    for old in pathlib.Path(FOLDER.name).glob("*-*.wav"):
        old.unlink()
    click("download")
    for _ in range(600):
        found = list(pathlib.Path(FOLDER.name).glob("*-*.wav"))
        if found:
            return soundfile.read(found[0], dtype="float32", always_2d=True)
        PAGE.run("new Promise((resolve) => setTimeout(resolve, 100))")
    raise AssertionError(f"nothing was downloaded: {status()}")


def contrast(signal):
    """dB between loud and quiet tenths of a second."""
    frames = signal[:len(signal) // 4800 * 4800].reshape(-1, 4800)
    level = 10 * np.log10(np.mean(frames.astype(float) ** 2, axis=1) + 1e-10)
    return np.percentile(level, 90) - np.percentile(level, 10)


def test_the_form_is_the_engines_table():
    names = PAGE.run("[...new Set([...document.querySelectorAll('#controls input')]"
                     ".map((input) => input.name || input.id))]")
    check(names == [control.name.decode() for control in LIBRARY.controls()], names)
    unnamed = PAGE.run("[...document.querySelectorAll('input, button, canvas')].filter((part) => "
                       "!(part.labels?.length || part.textContent || part.ariaLabel)).length")
    check(unnamed == 0, f"{unnamed} parts without a name")


def choose(path):
    document = PAGE.send("DOM.getDocument")["root"]["nodeId"]
    node = PAGE.send("DOM.querySelector", nodeId=document, selector="#file")["nodeId"]
    PAGE.send("DOM.setFileInputFiles", nodeId=node, files=[str(path)])
    PAGE.wait_for(f"document.getElementById('status').textContent.includes('{path.name}')")


def test_the_sample_plays():
    click("sample")
    PAGE.wait_for("document.getElementById('voice').value > 0.5")
    check("sample" in status() and "one channel" in status(), status())


def test_the_result_of_a_file_is_the_engines():
    pair = np.stack([SPEECH[:120000], SPEECH[120000:240000]])
    soundfile.write(place("pair.wav"), pair.T, RATE, "FLOAT")
    choose(place("pair.wav"))
    got, rate = download()
    wanted = LIBRARY.enhance(pair)
    check(rate == RATE and got.shape == pair.T.shape, f"{rate} {got.shape}")
    check(np.array_equal(got.T, wanted), np.abs(got.T - wanted).max())
    PAGE.run("document.querySelector('[value=independent]').click()")
    apart = LIBRARY.enhance(pair, channel_mode=1)
    check(np.array_equal(download()[0].T, apart), "independent channels")
    PAGE.run("document.querySelector('[value=linked]').click()")
    check(np.array_equal(download()[0].T, wanted), "linked again")


def test_before_and_after():
    click("compare")
    check(PAGE.run("document.querySelector('[value=bypass]').checked"), "another output")
    check(PAGE.run("document.getElementById('compare').ariaPressed") == "true", "not pressed")
    before, _ = download()
    check(np.array_equal(before[:, 0], SPEECH[:120000]), "not the input")
    click("compare")
    check(PAGE.run("document.querySelector('[value=enhanced]').checked"), "another output")


def test_what_the_microphone_hears_comes_out_enhanced():
    click("microphone")
    PAGE.wait_for("document.getElementById('status').textContent.includes('microphone is on')")
    PAGE.run("new Promise((resolve) => setTimeout(resolve, 8000))")
    got, rate = download()
    check(rate == RATE and got.shape[1] == 1 and len(got) > 2 * RATE, got.shape)
    heard, before = contrast(got[9600:, 0]), contrast(SPEECH)
    share = PAGE.run("document.getElementById('cpu-text').textContent")
    print(f"# loud over quiet: {before:.1f} dB before, {heard:.1f} dB after; "
          f"{len(got) / RATE:.1f} s; processor {share}")
    check(np.abs(got).max() > 0.05, "no voice")
    check(heard > before + 6, f"{before} dB before, {heard} dB after")


def test_share_of_real_time():
    """Of one core, for ten seconds of noise in the node."""
    share = PAGE.run(f"""(async () => {{
        const {{ PercepnetNode }} = await import("{ADDRESS}audio-node.js");
        const context = new OfflineAudioContext(1, 480000, 48000);
        const node = await PercepnetNode.create(context);
        const buffer = context.createBuffer(1, 480000, 48000);
        const samples = buffer.getChannelData(0);
        for (let i = 0; i < samples.length; i++) samples[i] = Math.random() - 0.5;
        const source = new AudioBufferSourceNode(context, {{ buffer }});
        source.connect(node).connect(context.destination);
        source.start();
        const start = performance.now();
        const out = (await context.startRendering()).getChannelData(0);
        const share = (performance.now() - start) / 10000;
        return out.some((x) => x !== 0) && out.every(Number.isFinite) ? share : -1;
    }})()""")
    print(f"# {100 * share:.2f} % of real time in an OfflineAudioContext")
    check(share > 0, "nothing came out")


def test_a_context_may_render_other_numbers_of_samples_at_once():
    """Its input, which ends, comes out as of enhance()."""
    got = PAGE.run(f"""(async () => {{
        const {{ PercepnetNode }} = await import("{ADDRESS}audio-node.js");
        const {{ enhance, load }} = await import("{ADDRESS}percepnet.js");
        const buffer = new AudioBuffer({{ length: 24000, sampleRate: 48000 }});
        const samples = buffer.getChannelData(0);
        for (let i = 0; i < samples.length; i++) samples[i] = Math.random() - 0.5;
        const [wanted] = await enhance(await load(), [samples]);
        const results = {{}};
        for (const quantum of [128, 100, 256, 480]) {{
            const context = new OfflineAudioContext({{ length: 48000, sampleRate: 48000,
                renderSizeHint: quantum }});
            if ((context.renderQuantumSize ?? 128) !== quantum) continue;
            const node = await PercepnetNode.create(context);
            const source = new AudioBufferSourceNode(context, {{ buffer }});
            source.connect(node).connect(context.destination);
            source.start();
            const out = (await context.startRendering()).getChannelData(0);
            const differ = wanted.filter((x, i) => x !== out[node.latency + i]).length;
            results[quantum] = [node.latency, differ];
        }}
        return results;
    }})()""")
    print(f"# {got}")
    check(got.pop("128") == [1888, 0], got)
    for quantum, (latency, differ) in got.items():
        check(latency == 1920 - math.gcd(int(quantum), 480) and differ == 0, f"{quantum}: {got}")


def test_a_wrong_rate_and_a_wrong_file_are_said():
    words = PAGE.run(f"""import("{ADDRESS}audio-node.js").then(({{ PercepnetNode }}) =>
        PercepnetNode.create(new AudioContext({{ sampleRate: 44100 }})))
        .catch((error) => error.message)""")
    check("44100" in words and "sampleRate: 48000" in words, words)
    place("letter.txt").write_text("no sound", encoding="utf-8")
    choose(place("letter.txt"))
    PAGE.wait_for("document.getElementById('status').classList.contains('wrong')")
    check("letter.txt" in status(), status())


def test_the_page_made_no_errors():
    if len(sys.argv) > 4:
        click("sample")
        PAGE.run("new Promise((resolve) => setTimeout(resolve, 9000))")
        picture = PAGE.send("Page.captureScreenshot", captureBeyondViewport=True)["data"]
        pathlib.Path(sys.argv[4]).write_bytes(base64.b64decode(picture))
    click("stop")
    check(not PAGE.errors, PAGE.errors)


try:
    tap.run_module(dict(globals()))
finally:
    PAGE.close()

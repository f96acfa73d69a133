# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Each channel of surround sound stays on its speaker: test_surround.py PERCEPNET (the program).
libsndfile, which judges, hands over the channels of Ogg in the order of Vorbis."""

import shutil
import subprocess

import tap
from cli import place, enhance, save, np, soundfile
from tap import check

RATE = 48000
# The speakers of so many channels, in WAV and in Vorbis, by the specification of each.
ORDERS = {
    3: ("FL FR FC", "FL FC FR"),
    4: ("FL FR BL BR", "FL FR BL BR"),
    5: ("FL FR FC BL BR", "FL FC FR BL BR"),
    6: ("FL FR FC LFE BL BR", "FL FC FR BL BR LFE"),
    7: ("FL FR FC LFE BC SL SR", "FL FC FR SL SR BC LFE"),
    8: ("FL FR FC LFE BL BR SL SR", "FL FC FR SL SR BL BR LFE"),
}
MASK_BITS = "FL FR FC LFE BL BR FLC FRC BC SL SR".split()
SUBTYPES = {"ogg": "VORBIS", "opus": "OPUS"}


def tone_of(speaker):
    return 40 + 30 * MASK_BITS.index(speaker)


def save_tones(name, order, **keywords):
    """Every speaker has a tone of its own."""
    t = np.arange(RATE)[:, None] / RATE
    tones = 0.3 * np.sin(2 * np.pi * np.array([[tone_of(s) for s in order.split()]]) * t)
    return save(name, tones, **keywords)


def speakers_in(path):
    sound = soundfile.read(path, always_2d=True)[0][:RATE]
    peaks = np.abs(np.fft.rfft(sound, axis=0)).argmax(axis=0)
    return " ".join({tone_of(s): s for s in MASK_BITS}.get(p, str(p)) for p in peaks)


def mask_of_wav(path):
    with open(path, "rb") as file:
        head = file.read(100)
    mask = head.index(b"fmt ") + 28  # of a long fmt chunk
    return int.from_bytes(head[mask:mask + 4], "little")


def test_from_wav_to_ogg():
    for count, (wav, vorbis) in ORDERS.items():
        source = save_tones("in.wav", wav, subtype="PCM_16", format="WAVEX")
        for ending in SUBTYPES:
            enhance("--mix", "0", source, place("out." + ending))
            got = speakers_in(place("out." + ending))
            check(got == vorbis, f"{count} {ending}: {got}")


def test_from_ogg_to_wav():
    for count, (wav, vorbis) in ORDERS.items():
        for ending, subtype in SUBTYPES.items():
            source = save_tones("in." + ending, vorbis, subtype=subtype, format="OGG")
            enhance("--mix", "0", source, place("out.wav"))
            got = speakers_in(place("out.wav"))
            check(got == wav, f"{count} {ending}: {got}")
            mask = sum(1 << MASK_BITS.index(speaker) for speaker in wav.split())
            check(mask_of_wav(place("out.wav")) == mask,
                  f"{count} {ending}: {mask_of_wav(place('out.wav')):#x}, not {mask:#x}")


def test_speakers_come_along_through_a_pipe():
    for count, (wav, vorbis) in ORDERS.items():
        source = save_tones("in.ogg", vorbis, subtype="VORBIS", format="OGG")
        piped = enhance("--mix", "0", source, "-").stdout
        with open(place("piped.wav"), "wb") as file:
            file.write(piped)
        mask = sum(1 << MASK_BITS.index(speaker) for speaker in wav.split())
        check(mask_of_wav(place("piped.wav")) == mask, f"{count}: {piped[:72]}")
        info = soundfile.info(place("piped.wav"))
        check(info.subtype == "PCM_16" and info.frames == soundfile.info(source).frames, info)
        enhance("--mix", "0", "-", place("out.wav"), stdin=piped)
        check(mask_of_wav(place("out.wav")) == mask, f"{count}: and back")
        check(speakers_in(place("out.wav")) == wav, f"{count}: another order")


def test_from_ogg_to_ogg_when_enhanced():
    source = save_tones("in.ogg", ORDERS[6][1], subtype="VORBIS", format="OGG")
    enhance("--mix", "0.01", source, place("out.opus"))
    got = speakers_in(place("out.opus"))
    check(got == ORDERS[6][1], got)


def ffmpeg(*arguments):
    if not shutil.which("ffmpeg"):
        raise tap.Skip("ffmpeg is not there")
    result = subprocess.run(["ffmpeg", "-v", "error", "-y", *arguments], capture_output=True,
                            timeout=120, check=False)
    if b"Unknown encoder" in result.stderr:
        raise tap.Skip(result.stderr.decode().splitlines()[0])
    check(result.returncode == 0, result.stderr.decode())


def test_ffmpeg_hears_the_same():
    wav = ORDERS[6][0]
    source = save_tones("in.wav", wav, subtype="PCM_16", format="WAVEX")
    for ending, encoder in (("ogg", "libvorbis"), ("opus", "libopus")):
        enhance("--mix", "0", source, place("out." + ending))
        ffmpeg("-i", place("out." + ending), place("decoded.wav"))
        check(speakers_in(place("decoded.wav")) == wav, f"to {ending}")
        ffmpeg("-i", source, "-c:a", encoder, "-b:a", "384k", place("in." + ending))
        enhance("--mix", "0", place("in." + ending), place("out.wav"))
        check(speakers_in(place("out.wav")) == wav, f"from {ending}")


def test_channels_without_a_speaker_keep_their_order():
    wav = ORDERS[6][0]
    source = save_tones("in.wav", wav, subtype="PCM_16", format="WAVEX")
    ffmpeg("-i", source, "-c:a", "libopus", "-mapping_family", "255", "-b:a", "384k",
           place("unnamed.opus"))
    enhance("--mix", "0", place("unnamed.opus"), place("out.wav"))
    got = speakers_in(place("out.wav"))
    check(got == wav, got)


tap.run_module(dict(globals()))

# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""No recording is lost to a fault: test_files.py PERCEPNET (the program)."""

import os
import resource
import struct
import subprocess

import tap
from recordings import (CUT_SHORT, SEED, contents, cut, fails_and_keeps, noise,
                        percepnet, place, save)
from tap import check

import numpy as np
import soundfile


def damaged_flac():
    path = save("damaged.flac", 480000)
    data = bytearray(contents(path))
    for at in range(len(data) // 2, len(data) // 2 + 20000):
        data[at] ^= 0x5A
    with open(path, "wb") as file:
        file.write(data)
    return path


def test_a_device_takes_wav():
    result = percepnet(save("in.wav"), "/dev/null")
    check(result.returncode == 0, result)
    result = percepnet(save("in.wav"), "/dev/full")
    check(result.returncode == 1 and b"cannot be written" in result.stderr, result)


def test_a_failed_run_leaves_what_was_there():
    out = save("out.wav")
    words = fails_and_keeps([out], "--force", damaged_flac(), out)
    check("damaged" in words, words)


def limit_file_size():
    resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))


def test_a_full_disk_is_noticed_in_every_format():
    wav = save("in.wav", 480000)
    for extension in ("wav", "flac", "ogg", "opus", "mp3", "aiff", "w64", "caf", "au"):
        out = place("full." + extension)
        with open(out, "wb") as file:
            file.write(b"what was there")
        words = fails_and_keeps([out], "--force", "--mix", "0", wav, out,
                                preexec_fn=limit_file_size, restore_signals=False)
        check("cannot be written" in words, words)
    fails_and_keeps([wav], "--plot", "/dev/full", wav)


def test_a_truncated_file_is_said():
    for name in ("a.wav", "a.rf64", "a.w64", "a.aiff", "a.au", "a.ogg", "a.opus"):
        whole = save(name, 96000, subtype={"a.ogg": "VORBIS", "a.opus": "OPUS"}.get(name, "PCM_16"),
                     format="OGG" if name in ("a.ogg", "a.opus") else None)
        result = percepnet("--force", whole, place("out.wav"))
        check(result.returncode == 0 and not result.stderr, f"{name}: {result}")
        part = cut(whole, 0.6, "cut" + os.path.splitext(name)[1])
        result = percepnet("--force", part, place("out.wav"))
        check(result.returncode == CUT_SHORT and b"cut short" in result.stderr, f"{name}: {result}")
        check(len(result.stderr.splitlines()) == 1, result.stderr)
        check(20000 < soundfile.info(place("out.wav")).frames < 96000, "not what there is")


def test_an_ogg_that_lost_its_last_bytes_is_said():
    whole = contents(save("tail.ogg", 96000, subtype="VORBIS"))
    with open(place("no-tail.ogg"), "wb") as file:
        file.write(whole[:-10])  # in the body of its last page
    result = percepnet(place("no-tail.ogg"), place("no-tail.wav"))
    check(result.returncode == CUT_SHORT, f"{result.returncode} {result.stderr}")


def ogg_crc(page):
    value = 0
    for byte in page:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ (0x04C11DB7 if value >> 31 else 0)) & 0xFFFFFFFF
    return value


def test_an_ogg_whose_last_page_is_of_the_greatest_length_is_whole():
    data = bytearray(contents(save("page.ogg", 9600, subtype="VORBIS")))
    at = data.rfind(b"OggS")
    data[at + 5] &= ~4  # no longer the last one
    number = struct.unpack_from("<I", data, at + 18)[0]
    # Part of a packet that nothing ends: no sound.
    data += data[at:at + 18] + struct.pack("<IIB", number + 1, 0, 255) + bytes([255] * 255)
    last = at + data[at + 26] + 27 + sum(data[at + 27:at + 27 + data[at + 26]])
    data += bytes(255 * 255)
    data[last + 5] = 4
    for page in (slice(at, last), slice(last, len(data))):
        data[page.start + 22:page.start + 26] = bytes(4)
        struct.pack_into("<I", data, page.start + 22, ogg_crc(data[page]))
    check(len(data) - last == 65307, len(data) - last)
    with open(place("page.ogg"), "wb") as file:
        file.write(data)
    result = percepnet(place("page.ogg"), place("page.wav"))
    check(result.returncode == 0 and not result.stderr, result)
    check(soundfile.info(place("page.wav")).frames == 9600, "another length")


def test_a_long_file_that_lost_its_end_is_said():
    data = contents(save("a.wav", 4800))
    for length, status in ((3 * 2**30, CUT_SHORT), (0xFFFFFFFF, 0), (0x7FFFFFFF - 36, 0),
                           (2**31 + 65536, 0), (2**31 + 65537, CUT_SHORT),
                           (2**31 - 65536, 0), (2**31 - 65537, CUT_SHORT)):
        with open(place("long.wav"), "wb") as file:
            file.write(data[:40] + struct.pack("<I", length) + data[44:])
        result = percepnet("--force", place("long.wav"), place("out.wav"))
        check(result.returncode == status, f"{length:#x}: {result}")


def unfinished(name, whole, riff_size=36):
    """A WAV whose recorder wrote no lengths into its header."""
    at = whole.index(b"data") + 4
    with open(place(name), "wb") as file:
        file.write(whole[:4] + struct.pack("<I", riff_size) + whole[8:at] + bytes(4) +
                   whole[at + 4:])
    return place(name)


def test_a_wav_whose_recorder_died_is_read_to_its_end():
    for subtype in ("PCM_16", "PCM_24", "FLOAT", "ULAW"):
        whole = save("whole.wav", 96000, subtype=subtype)
        wanted = soundfile.read(whole)[0]
        for riff_size in (0, 36, 0xFFFFFFFF):
            path = unfinished("died.wav", contents(whole), riff_size)
            result = percepnet("--force", "--mix", "0", path, place("out.wav"))
            check(result.returncode == CUT_SHORT, f"{subtype}: {result}")
            check(b"says that it holds no sound" in result.stderr and
                  b"96000 samples" in result.stderr and result.stderr.count(b"\n") == 1, result)
            got = soundfile.read(place("out.wav"))[0]
            check(np.array_equal(got, wanted), f"{subtype}: {len(got)} other samples")


def test_a_wav_whose_recorder_died_on_standard_input():
    path = unfinished("died.wav", contents(save("whole.wav", 96000)))
    with open(path, "rb") as file:
        result = percepnet("--force", "-", place("out.wav"), stdin=file)
    check(result.returncode == CUT_SHORT, result)
    check(soundfile.info(place("out.wav")).frames == 96000, "not what there is")
    result = percepnet("-", place("none.wav"), input=contents(path))
    check(result.returncode == 1 and b"save it in a file" in result.stderr, result)
    check(not os.path.exists(place("none.wav")), "an output of nothing")


def test_a_flac_that_does_not_tell_its_length_is_whole():
    whole = bytearray(contents(save("streamed.flac", 9600)))
    whole[21] &= 0xF0  # the number of samples, as a program leaves it that writes to a pipe
    whole[22:26] = bytes(4)
    with open(place("streamed.flac"), "wb") as file:
        file.write(whole)
    for target in ("out.wav", "out.flac"):
        result = percepnet("--force", place("streamed.flac"), place(target))
        check(result.returncode == 0 and not result.stderr, result)
        check(soundfile.info(place(target)).frames == 9600, soundfile.info(place(target)))
    piped = percepnet("--force", place("streamed.flac"), "-").stdout
    check(piped[40:44] == b"\xff\xff\xff\xff", f"the header says {piped[40:44]}")


def test_a_recording_of_nothing_is_no_fault():
    nothing = contents(save("nothing.wav", 0))
    chunks = b"LIST" + struct.pack("<I", 18) + b"INFOINAM" + struct.pack("<I", 6) + b"a take"
    for tail in (b"", chunks, chunks + b"junk" + struct.pack("<I", 3) + b"odd",
                 chunks + b"junk" + struct.pack("<I", 3) + b"odd\0"):
        with open(place("nothing.wav"), "wb") as file:
            file.write(nothing[:4] + struct.pack("<I", len(nothing) - 8 + len(tail)) +
                       nothing[8:] + tail)
        result = percepnet("--force", place("nothing.wav"), place("out.wav"))
        check(result.returncode == 0 and b"holds no samples" in result.stderr, result)


def test_a_truncated_file_that_is_not_read_is_said_too():
    result = percepnet("--force", cut(save("a.caf", 96000), 0.6, "cut.caf"), place("out.wav"))
    check(result.returncode in (1, CUT_SHORT), result)  # libavformat reads what there is
    check(b"cut short" in result.stderr and b"promises" in result.stderr, result)


def test_a_truncated_pipe_is_said_and_an_endless_one_not():
    data = contents(save("a.wav", 96000))
    result = percepnet("--force", "-", place("out.wav"), input=data[:100000])
    check(result.returncode == CUT_SHORT, result)
    for length in (0xFFFFFFFF, 0x7FFFFFFF, 0x80000000):
        endless = data[:40] + struct.pack("<I", length) + data[44:]
        result = percepnet("--force", "-", place("out.wav"), input=endless)
        check(result.returncode == 0 and not result.stderr, f"{length:#x}: {result}")


def from_named_pipe(path, out):
    pipe = place("pipe.wav")
    if not os.path.exists(pipe):
        os.mkfifo(pipe)
    with subprocess.Popen(["sh", "-c", 'cat "$1" > "$2"', "sh", path, pipe],
                          stderr=subprocess.DEVNULL):
        return percepnet("--force", pipe, out)


def test_a_named_pipe_is_read_once():
    whole = save("a.wav", 96000)
    for path, status in ((whole, 0), (cut(whole, 0.6, "cut.wav"), CUT_SHORT)):
        check(from_named_pipe(path, place("piped.wav")).returncode == status, path)
        check(percepnet("--force", path, place("out.wav")).returncode == status, path)
        piped, wanted = (soundfile.read(place(name))[0] for name in ("piped.wav", "out.wav"))
        check(np.array_equal(piped, wanted), "another output")
    with open(place("text"), "w", encoding="utf-8") as file:
        file.write("not sound\n" * 50)
    result = from_named_pipe(place("text"), place("piped.wav"))
    check(result.returncode == 1 and b"pipe.wav is not sound that can" in result.stderr, result)


def test_odd_rates_give_sound():
    raw = np.zeros(2000, "<i2").tobytes()
    for rate in (10, 1000, 768000):
        got = percepnet("--raw", f"s16:{rate}:1", "-", "-", input=raw)
        check(got.returncode == 0 and len(got.stdout) == len(raw), f"{rate}: {got.stderr}")


def test_an_empty_file_is_called_empty():
    empty = place("empty.wav")
    with open(empty, "wb"):
        pass
    words = fails_and_keeps([empty], empty, place("new.wav"))
    check("empty" in words and "ffmpeg" not in words, words)


def test_hints_quote_names():
    text = place("it's a film; rm x.mkv")
    with open(text, "w", encoding="utf-8") as file:
        file.write("not sound\n" * 50)
    words = fails_and_keeps([text], text, place("new.wav"))
    quoted = "'" + text.replace("'", "'\\''") + "'"
    check(f"ffmpeg -i {quoted} in.wav" in words, words)


def test_option_errors_name_the_word():
    wav = save("in.wav")
    for arguments, words in ((("-qq", wav, "b"), "-qq is not"), ((wav, "-vv", "b"), "-vv is not"),
                             (("-i", wav, "-o", "b"), "percepnet IN OUT"),
                             ((wav, "--out", "b"), "percepnet IN OUT"),
                             ((wav, "--out=b"), "percepnet IN OUT"),
                             (("--mixx", "1", wav, "b"), "--mix?"),
                             (("--atenuation-limit", "9", wav, "b"), "--attenuation-limit?"),
                             ((wav, "b", "--zzz"), "--zzz is not"),
                             (("-y", wav, "b"), "--force")):
        got = fails_and_keeps([wav], *arguments, status=2)
        check(words in got, f"{words!r} not in {got!r}")


def test_mix_0_keeps_every_bit():
    integers = SEED.integers(-2**31, 2**31, (4800, 1)).astype(np.int32)
    doubles = SEED.uniform(-1, 1, (4800, 1))
    for rate in (48000, 44100):
        soundfile.write(place("i.wav"), integers, rate, subtype="PCM_32")
        soundfile.write(place("d.wav"), doubles, rate, subtype="DOUBLE")
        for option in (("--mix", "0"), ("--output", "bypass"), ("--attenuation-limit", "0")):
            for name, dtype, wanted in (("i.wav", "int32", integers),
                                        ("d.wav", "float64", doubles)):
                result = percepnet("--force", *option, place(name), place("out.wav"))
                check(result.returncode == 0, result)
                got = soundfile.read(place("out.wav"), dtype=dtype, always_2d=True)[0]
                check(np.array_equal(got, wanted), f"{option} {name} at {rate}")


def test_alac_keeps_every_bit():
    for bits, wanted in ((16, "PCM_16"), (20, "PCM_24"), (24, "PCM_24"), (32, "PCM_32")):
        tone = 0.3 * np.sin(np.arange(9600) / 20).reshape(4800, 2) + noise(4800, 2, 1e-3)
        sound = np.round(tone * 2**(bits - 1)).astype(np.int32) << (32 - bits)
        soundfile.write(place("alac.caf"), sound, 48000, subtype=f"ALAC_{bits}")
        for name, subtype in (("of-alac.wav", wanted), ("of-alac.aiff", wanted),
                              ("of-alac.caf", f"ALAC_{bits}")):
            result = percepnet("--force", "--mix", "0", place("alac.caf"), place(name))
            check(result.returncode == 0, result)
            got = soundfile.read(place(name), dtype="int32", always_2d=True)[0]
            check(np.array_equal(got, sound), f"{bits} bits in {name}")
            check(soundfile.info(place(name)).subtype == subtype, soundfile.info(place(name)))


def test_a_format_of_blocks_does_not_make_the_output_longer():
    source = save("blocks.wav", frames=1200, subtype="IMA_ADPCM")
    for name in ("blocks-out.wav", "blocks-out.aiff"):
        check(percepnet(source, place(name)).returncode == 0, f"{name} was not made")
        frames = soundfile.info(place(name)).frames
        check(frames == soundfile.info(source).frames, f"{name}: {frames} frames")


def test_tags_come_along():
    for name in ("t.flac", "t.ogg", "t.mp3", "t.wav"):
        with soundfile.SoundFile(place(name), "w", 48000, 1) as file:
            file.title, file.artist = "A talk", "A speaker"
            file.write(noise(4800))
        result = percepnet("--force", place(name), place("out-" + name))
        check(result.returncode == 0, result)
        with soundfile.SoundFile(place("out-" + name)) as file:
            check((file.title, file.artist) == ("A talk", "A speaker"), f"{name}: {file.title}")


def test_a_rate_that_a_codec_lacks_is_converted():
    subtypes = {"opus": (8000, 12000, 16000, 24000, 48000), "mp3": (8000, 44100, 48000)}
    for ending, whole in subtypes.items():
        for rate in (4000, 8000, 11000, 44100, 96000, 192000):
            tone = 0.3 * np.sin(2 * np.pi * 1000 * np.arange(2 * rate) / rate)
            soundfile.write(place("in.wav"), np.stack([tone, tone / 2], axis=1), rate)
            for option in ("--mix", "--attenuation-limit"):
                result = percepnet("--force", option, "0", place("in.wav"), place("out." + ending))
                check(result.returncode == 0, f"{rate}: {result}")
            got, got_rate = soundfile.read(place("out." + ending))
            check(got_rate >= min(rate, 48000) and (rate not in whole or got_rate == rate),
                  f"{rate} {ending}: {got_rate}")
            check(abs(len(got) - 2 * got_rate) < 3 * 1152, f"{rate} {ending}: {len(got)}")
            middle = got[got_rate // 2:got_rate // 2 + got_rate]
            check(np.abs(np.fft.rfft(middle[:, 0])).argmax() == 1000, f"{rate} {ending}: other")
            levels = np.sqrt(2 * (middle ** 2).mean(axis=0))
            check(np.allclose(levels, (0.3, 0.15), rtol=0.1), f"{rate} {ending}: {levels}")


def chunk(path, name):
    """The bytes of a chunk of a WAV."""
    data, at = contents(path), 12
    while at < len(data):
        size = struct.unpack_from("<I", data, at + 4)[0]
        if data[at:at + 4] == name:
            return data[at + 8:at + 8 + size]
        at += 8 + size + size % 2
    return b""


def test_broadcast_data_comes_along():
    kept = struct.pack("<256s32s32s10s8sQH64s", b"A talk in the hall", b"A recorder", b"REF 17",
                       b"2026-11-29", b"12:34:56", 48000 * 45296, 1, bytes(range(64)))
    for history in (b"", b"A=PCM,F=48000,W=16,M=mono,T=a recorder\r\n" * 3):
        block = kept.ljust(602, b"\0") + history
        block += bytes(len(block) % 2)
        whole = contents(save("whole.wav"))
        with open(place("bext.wav"), "wb") as file:
            file.write(whole[:4] + struct.pack("<I", len(whole) + len(block)) + whole[8:12] +
                       b"bext" + struct.pack("<I", len(block)) + block + whole[12:])
        result = percepnet("--force", place("bext.wav"), place("out.wav"))
        check(result.returncode == 0 and not result.stderr, result)
        got = chunk(place("out.wav"), b"bext")
        at = struct.calcsize("<256s32s32s10s8sQ")  # its version, which may rise
        check(got[:at] == kept[:at] and got[at + 2:len(kept)] == kept[at + 2:], got)
        loudness = struct.unpack_from("<5h", got, len(kept))
        check(got[at] < 2 or loudness == (0x7FFF,) * 5, f"{loudness} though nobody measured it")
        check(got[602:].startswith(history) and b"W=16,M=mono" in got[602 + len(history):], got)


tap.run_module(dict(globals()))

# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""The command line from outside: test_cli.py PERCEPNET (the program)."""

import json
import math
import os
import struct
import subprocess

import tap
from cli import (FOLDER, PROGRAM, enhance, load, noise, percepnet, place, save, sentence,
                 smooth)
from tap import check

import numpy as np
import soundfile

LENGTHS = (0, 1, 100, 479, 480, 481, 96137)
RATES = (8000, 11025, 16000, 22050, 32000, 44100, 48000, 88200, 96000, 176400, 192000)
SPEECH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "samples",
                      "noisy-english.flac")


def test_length_is_kept():
    for rate in (48000, 44100, 16000):
        for frames in LENGTHS:
            path = save("in.wav", noise(frames), rate)
            enhance(path, place("out.wav"))
            got, got_rate = load("out.wav")
            check(got.shape == (frames, 1) and got_rate == rate,
                  f"{frames} at {rate}: {got.shape} at {got_rate}")


def test_no_samples_is_said():
    result = enhance(save("in.wav", noise(0)), place("out.wav"))
    check(b"holds no samples" in result.stderr, result.stderr)


def test_no_lag_at_any_rate():
    for rate in RATES:
        sound = smooth(rate, rate, 2)
        enhance("--output", "bypass", save("in.wav", sound, rate), place("out.wav"))
        got, got_rate = load("out.wav")
        check(got.shape == sound.shape and got_rate == rate, f"{rate}: {got.shape}")
        middle = slice(rate // 10, -rate // 10)
        error = np.abs(got - sound)[middle].max()
        check(error < 3e-5, f"{rate}: {error}")


def test_enhanced_and_residual_add_up():
    sound = noise(48000, 2)
    path = save("in.wav", sound)
    enhance(path, place("a.wav"))
    enhance("--output", "residual", path, place("b.wav"))
    error = np.abs(load("a.wav")[0] + load("b.wav")[0] - sound).max()
    check(error < 1e-6, error)


def test_mix_0_and_bypass_are_bit_exact():
    for option in (("--mix", "0"), ("--output", "bypass")):
        for subtype in ("FLOAT", "PCM_16", "PCM_24"):
            path = save("in.wav", noise(30011, 2), subtype=subtype)
            enhance(*option, path, place("out.wav"))
            check(soundfile.info(place("out.wav")).subtype == subtype, "another sample format")
            check(np.array_equal(load("in.wav", "int32" if subtype != "FLOAT" else "float32")[0],
                                 load("out.wav", "int32" if subtype != "FLOAT" else "float32")[0]),
                  f"{option} {subtype}")


def test_formats_follow_the_extension():
    path = save("in.wav", smooth(48000, 48000))
    for name, container in (("a.flac", "FLAC"), ("a.ogg", "OGG"), ("a.opus", "OGG"),
                            ("a.mp3", "MP3"), ("a.aiff", "AIFF"), ("a.w64", "W64"),
                            ("a.caf", "CAF"), ("a.au", "AU")):
        enhance(path, place(name))
        info = soundfile.info(place(name))
        check(info.samplerate == 48000, f"{name}: {info}")
        if container != "MP3":  # pads
            check(info.format == container and info.frames == 48000, f"{name}: {info}")


def test_channels_stay_apart():
    sound = np.zeros((48000, 6), np.float32)
    for channel in range(6):
        sound[:, channel] = (channel + 1) * 0.1
    enhance("--output", "bypass", save("in.wav", sound, format="WAVEX"), place("out.wav"))
    check(np.array_equal(load("out.wav")[0], sound), "channels changed")
    enhance("--channel-mode", "independent", place("in.wav"), place("out.wav"))
    check(load("out.wav")[0].shape == sound.shape, "channel count changed")


def test_integers_are_clipped_not_wrapped():
    sound = np.full((4800, 1), 1.5, np.float32)
    path = save("in.wav", sound)
    header = "s16:48000:1"
    raw = np.full(4800, 32767, "<i2").tobytes()
    got = np.frombuffer(enhance("--raw", header, "--mix", "0", "-", "-", stdin=raw).stdout, "<i2")
    check(got.min() == 32767, got.min())
    enhance("--output", "bypass", path, place("out.flac"))
    check(load("out.flac")[0].min() > 0.99, "wrapped")


def test_pipes_carry_what_files_do():
    path = save("in.wav", noise(50000, 2), 44100, "PCM_16")
    enhance(path, place("out.wav"))
    with open(path, "rb") as file:
        piped = enhance("-", "-", stdin=file.read()).stdout
    with open(place("piped.wav"), "wb") as file:
        file.write(piped)
    check(np.array_equal(load("out.wav")[0], load("piped.wav")[0]), "piped sound differs")


def test_a_pipe_of_telephone_sound_is_sound():
    for subtype in ("ULAW", "ALAW"):
        path = save("phone.wav", noise(8000), 8000, subtype)
        enhance("--mix", "0", path, place("out.wav"))
        with open(place("piped.wav"), "wb") as file:
            file.write(enhance("--mix", "0", path, "-").stdout)
        check(np.array_equal(load("out.wav")[0], load("piped.wav")[0]), f"{subtype} differs")


def test_raw_pipes():
    sound = noise(20000, 2)
    got = enhance("--raw", "f32:48000:2", "--mix", "0", "-", "-", stdin=sound.tobytes()).stdout
    check(got == sound.tobytes(), "raw samples differ")


def test_a_pipe_streams():
    with subprocess.Popen([PROGRAM, "--raw", "f32:48000:1", "-", "-"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as process:
        process.stdin.write(noise(12000).tobytes())  # less than a pipe holds
        process.stdin.flush()
        check(len(process.stdout.read(4 * 9600)) == 4 * 9600, "no sound before the end")
        process.stdin.close()
        check(len(process.stdout.read()) == 4 * 2400, "no tail")


def test_bad_samples_come_out_clean():
    for rate in (48000, 16000):
        sound = noise(rate)
        sound[rate // 2:rate // 2 + 3, 0] = (math.nan, math.inf, -math.inf)
        enhance(save("in.wav", sound, rate), place("out.wav"))
        got = load("out.wav")[0]
        check(np.isfinite(got).all() and len(got) == rate, "not finite")


def test_errors_are_one_sentence():
    wav = save("in.wav", noise(480))
    with open(place("text.wav"), "w", encoding="utf-8") as file:
        file.write("This is not sound.\n" * 100)
    for arguments, words in (
            ((place("missing.wav"), place("out.wav")), "does not exist"),
            ((FOLDER.name, place("out.wav")), "is a folder"),
            ((place("text.wav"), place("out.wav")), "not a sound file"),
            ((wav, place("no/folder/out.wav")), "cannot be written"),
            ((wav, place("out.xyz")), "extension"),
            ((wav, wav), "another file"),
            (("--plot", place("no/folder/out.png"), wav), "cannot be written"),
            (("--model", place("missing"), wav, place("out.wav")), "missing"),
            (("--model", place("text.wav"), wav, place("out.wav")), "model"),
            ((wav,), "usage"),
            (("--mix", "2", wav, place("out.wav")), "0 to 1"),
            (("--mix", "nan", wav, place("out.wav")), "0 to 1"),
            (("--attenuation-limit", "ten", wav, place("out.wav")), "0 to 100"),
            (("--output", "noise", wav, place("out.wav")), "enhanced, residual or bypass"),
            *((("--raw", "s16" + rest, wav, place("out.wav")), "FORMAT:RATE:CHANNELS")
              for rest in ("", ":44.1k:2", ":48000/2", ":48000:", ":48000:1x", ": 48000:1",
                           ":4294967297:1", ":48000:4294967298", ":0:1", ":48000:-1")),
            (("--mix",), "needs a value"),
            (("--colour",), "not an option")):
        check(words in sentence(*arguments), f"{words!r} not in {sentence(*arguments)!r}")


def test_pipe_errors_are_one_sentence():
    check("read from a pipe" in sentence("-", place("out.wav"), stdin=b"no sound" * 1000), "text")
    check("read from a pipe" in sentence("-", place("out.wav"), stdin=b""), "nothing")
    path = save("in.wav", noise(48000))
    with open("/dev/full", "wb") as full:
        result = subprocess.run([PROGRAM, path, "-"], stdout=full, stderr=subprocess.PIPE,
                                check=False)
    check(result.returncode == 1 and b"cannot be written" in result.stderr, result)


def test_version_help_and_info():
    version = enhance("--version").stdout.decode().split()
    check(version[0] == "percepnet" and version[1].count(".") == 2, version)
    check(enhance("--help").stdout.startswith(b"usage: "), "help")
    info = enhance("--info").stdout.decode()
    for words in (version[1], "kernels", "parameters", "latency     1440 samples", "licence"):
        check(words in info, f"{words!r} not in --info")


def test_bench():
    report = enhance("--bench").stdout.decode()
    for words in ("times real time", "% of one core", "median", "99 %", "longest"):
        check(words in report, f"{words!r} not in --bench")
    for stage in ("pitch", "comb", "over time", "synthesis"):
        check(f"\n{stage} " in report, f"no stage {stage!r} in --bench")


def test_threads_change_nothing():
    soundfile.write(place("long.wav"), noise(400000, 2), 44100)
    results = []
    for jobs in ("1", "2", "5"):
        enhance("--jobs", jobs, place("long.wav"), place(f"long{jobs}.wav"))
        results.append(soundfile.read(place(f"long{jobs}.wav"))[0])
    enhance("--json", place("long.json"), place("long.wav"), place("hops.wav"))  # hop by hop
    results.append(soundfile.read(place("hops.wav"))[0])
    for other in results[1:]:
        check(np.array_equal(results[0], other), "another output on more threads or hop by hop")


def test_bench_as_json():
    report = json.loads(enhance("--bench", "--json").stdout)
    machine = report["machine"]
    check(machine["level"] in enhance("--info").stdout.decode(), machine)
    check(min(machine["gmacs_int8"], machine["gmacs_f32"]) > 0, machine)
    sizes = list(machine["weight_stream_us"].values())
    check(len(sizes) > 2 and sizes == sorted(sizes), machine)
    modes = {(result["streams"], result["mode"]) for result in report["results"]}
    wanted = {(n, "hop") for n in (1, 8, 32, 128)} | {(8, "apart"), (1, "file")}
    check(modes == wanted, modes)
    for result in report["results"]:
        check(0 < result["us_p50"] <= result["us_p99"] <= result["us_max"], result)
        check(result["us_mean"] <= result["us_max"] and result["model"], result)
    medians = {stage["stage"]: stage["us_p50"] for stage in report["stages"]}
    whole = report["results"][0]["us_p50"]
    check(whole / 3 < sum(medians.values()) < 3 * whole, (medians, whole))
    check("stream_bytes" in report["memory"], report["memory"])  # none under a sanitizer


def test_a_program_with_one_processor_takes_one_thread():
    if not hasattr(os, "sched_setaffinity"):
        raise tap.Skip("no processors to choose from here")
    allowed = os.sched_getaffinity(0)  # as taskset, a container or a batch system does
    os.sched_setaffinity(0, [min(allowed)])
    try:
        report = json.loads(enhance("--bench", "--json", "--hops", 100).stdout)
    finally:
        os.sched_setaffinity(0, allowed)
    threads = [result["threads"] for result in report["results"] if result["mode"] == "file"]
    check(threads == [1], threads)


def test_bench_as_json_wherever_the_option_stands():
    for arguments in (("--bench", "--json", "--hops", 100), ("--json", "--bench", "--hops", 100),
                      ("--json", "--hops", 100, "--bench")):
        done = subprocess.run([os.path.abspath(PROGRAM), *map(str, arguments)],
                              capture_output=True, check=False, cwd=FOLDER.name)
        check(done.returncode == 0 and "machine" in json.loads(done.stdout), done.stderr)
    check(not [name for name in os.listdir(FOLDER.name) if name.startswith("-")], "files")


def test_no_option_is_taken_for_a_value():
    wav = save("in.wav", noise(480))
    for option in ("--json", "--plot", "--model", "--mix"):
        words = sentence(option, "--quiet", wav, place("out.wav"))
        check(f"{option} needs a value" in words, words)


def test_help_lists_the_formats():
    text = " ".join(enhance("--help").stdout.decode().split())
    check(" wav flac ogg oga opus mp3 aiff aif au caf w64 rf64 " in text, text)


def test_bench_of_more_or_fewer_hops():
    check(enhance("--bench", "--hops", "100").stdout.startswith(b"1 s of"), "not 100 hops")
    for wrong in ("0", "many", "1e3"):
        result = percepnet("--bench", "--hops", wrong)
        check(result.returncode == 2 and b"--hops " + wrong.encode() in result.stderr, result)


def test_plot_is_a_picture():
    for rate, frames in ((48000, 48000), (8000, 1), (44100, 0), (100, 300)):
        path = save("in.wav", noise(frames), rate)
        result = percepnet("--force", "--plot", place("plot.png"), path)
        if b"not in this build" in result.stderr:
            raise tap.Skip("built without cairo")
        check(result.returncode == 0, result.stderr)
        with open(place("plot.png"), "rb") as file:
            head = file.read(24)
        check(head[:8] == b"\x89PNG\r\n\x1a\n", "not a PNG")
        check(struct.unpack(">II", head[16:])[0] >= 1000, "small")


def test_the_report_hears_a_voice_in_any_channel():
    voice = soundfile.read(SPEECH, frames=4 * 48000, dtype="float32")[0]
    shares = []
    for name, columns in (("mono", (voice,)), ("right", (0 * voice, voice))):
        path = save(name + ".wav", np.stack(columns, axis=1))
        report = enhance("--channel-mode", "independent", "--json", "-", path, place("out.wav"))
        shares.append(json.loads(report.stdout)["files"][0]["voice_share"])
    check(shares[0] > 0.2 and shares[0] == shares[1], shares)


def test_the_report_tells_what_was_done():
    path = save("in.wav", soundfile.read(SPEECH, frames=4 * 48000, always_2d=True)[0])
    enhance("--json", place("r.json"), path, place("out.wav"))
    with open(place("r.json"), encoding="utf-8") as file:
        report = json.load(file)["files"][0]
    check(report["samples"] == 192000 and report["rate_hz"] == 48000, report)
    level = 10 * math.log10(float((load("in.wav")[0] ** 2).mean()))
    check(abs(report["level_before_dbfs"] - level) < 0.2, report)
    check(0.2 < report["voice_share"] < 0.8, report)
    check(-5 < report["snr_before_db"] < report["snr_after_db"] - 3, report)
    save("in.wav", np.ones((4800, 1), np.float32), subtype="PCM_16")
    enhance("--json", "-", "--mix", "0", place("in.wav"), place("out.wav"))
    report = json.loads(enhance("--json", "-", "--mix", "0", place("in.wav"),
                                place("out.wav")).stdout)["files"][0]
    check(report["clipped_before"] == 4800, report)
    save("in.wav", np.full((4800, 1), 1.5, np.float32))
    for name in ("out.wav", "out.flac"):  # in float nothing is clipped, but it is beyond full scale
        report = json.loads(enhance("--json", "-", "--mix", "0", place("in.wav"),
                                    place(name)).stdout)["files"][0]
        check(report["clipped_before"] == report["clipped_after"] == 4800, (name, report))


tap.run_module(dict(globals()))

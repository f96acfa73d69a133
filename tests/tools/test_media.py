# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Sound, video, tags and cover pictures through libavformat: test_media.py PERCEPNET FFMPEG
FFPROBE (programs)."""

import os

import tap
from media import (AAC_FRAME, RATE, place, percepnet, enhance, ffmpeg, probe, streams, texts,
                   packets, sweep, save, sound_of, same_sound, save_clap, clap_offset, tagged,
                   covers)
from tap import check

import numpy as np
import soundfile


def test_sound_of_each_kind_is_read_at_its_place():
    wanted = {RATE: sweep()[:, None], 44100: sweep(44100)[:, None]}
    for name, rate, options in (
            ("a.m4a", RATE, ("-c:a", "aac", "-b:a", "128k")),
            ("b.m4a", 44100, ("-c:a", "aac", "-b:a", "128k")), ("c.m4a", RATE, ("-c:a", "alac")),
            ("d.webm", RATE, ("-c:a", "libopus")), ("e.mp4", RATE, ("-c:a", "libopus")),
            ("f.mka", RATE, ("-c:a", "flac"))):
        ffmpeg("-i", save("in.wav", wanted[rate], rate), *options, place(name))
        enhance("--output", "bypass", place(name), place("out.wav"))
        got, got_rate = soundfile.read(place("out.wav"), always_2d=True)
        grain = rate // 1000  # ffmpeg writes lengths in ms
        check(got_rate == rate and abs(len(got) - len(wanted[rate])) <= grain,
              f"{name}: {len(got)} frames at {got_rate}")
        same_sound(got, wanted[rate], 75 if name[0] in "cf" else 20)


def test_sound_of_each_kind_is_written_at_its_place():
    for frames in (1, 1024, 96137):
        sound = sweep(frames=frames)[:, None]
        wav = save("in.wav", sound)
        for name, frame in (("a.m4a", AAC_FRAME), ("a.mp4", AAC_FRAME), ("a.mov", AAC_FRAME),
                            ("a.webm", 0), ("a.mka", 0), ("a.mkv", 0)):
            enhance("--output", "bypass", wav, place(name))
            got = sound_of(place(name))
            if name.endswith("webm") and frames < 960:
                continue  # ffmpeg's own are 312 samples longer: its priming, in a lone packet
            check(0 <= len(got) - frames <= frame, f"{name}: {len(got)} of {frames}")
            if frames > AAC_FRAME:
                same_sound(got, sound, 25)
            enhance("--output", "bypass", place(name), place("back.wav"))
            back = soundfile.info(place("back.wav")).frames
            check(back == frames, f"{name}: {back} of {frames} read back")


def test_m4a_to_m4a_keeps_length_and_rate():
    for rate in (16000, 44100):
        ffmpeg("-i", save("in.wav", sweep(rate), rate), "-c:a", "aac", place("in.m4a"))
        before = probe(place("in.m4a"))["streams"][0]
        enhance(place("in.m4a"), place("out.m4a"))
        after = probe(place("out.m4a"))["streams"][0]
        check(after["codec_name"] == "aac" and after["sample_rate"] == str(rate), after)
        check(abs(float(after["duration"]) - float(before["duration"])) < 0.001,
              f"{before['duration']} became {after['duration']}")


def test_video_is_copied_and_stays_in_step():
    for name, out in (("a.mp4", "b.mp4"), ("a.mkv", "b.mkv"), ("a.mov", "b.mov"),
                      ("a.mp4", "b.mkv"), ("a.mkv", "b.mp4"), ("a.ts", "b.ts"), ("a.ts", "b.mp4")):
        path = save_clap(name)
        before = clap_offset(path)
        enhance("--mix", "0.01", path, place(out))
        # A transport stream has the same packets with other marks between them.
        codec = "rawvideo" if name[2:] == "ts" != out[2:] else "copy"
        check(packets(place(out), "0:v", codec) == packets(path, "0:v", codec),
              f"{name} {out}: other pictures")
        after = clap_offset(place(out))
        check(abs(after - before) < AAC_FRAME / RATE / 4,
              f"{name} {out}: from {1000 * before:.1f} to {1000 * after:.1f} ms")
        check(packets(place(out), "0:a") != packets(path, "0:a"), "the sound is the old one")


def test_sound_that_begins_late_and_has_gaps_stays_in_step():
    path = save_clap("a.mkv")
    ffmpeg("-i", path, "-itsoffset", "0.5", "-i", path, "-map", "0:v", "-map", "1:a", "-c", "copy",
           place("late.mkv"))
    ffmpeg("-i", path, "-c", "copy", "-bsf:a",
           "noise=drop='between(pts*tb,0.3,0.7)'", place("gap.mkv"))
    for name in ("late.mkv", "gap.mkv"):
        before = clap_offset(place(name))
        for out in ("out.mkv", "out.mp4"):
            enhance("--mix", "0.01", place(name), place(out))
            after = clap_offset(place(out))
            check(abs(after - before) < AAC_FRAME / RATE / 4,
                  f"{name} {out}: from {1000 * before:.1f} to {1000 * after:.1f} ms")


def test_video_that_a_container_does_not_hold_is_not_lost_in_silence():
    path = save_clap("a.mp4")
    with open(place("out.webm"), "wb") as file:
        file.write(b"what was there")
    result = percepnet(path, place("out.webm"))
    check(result.returncode == 1 and b"cannot hold video in h264" in result.stderr, result.stderr)
    check(os.path.getsize(place("out.webm")) == 14, "replaced nevertheless")


def test_the_default_track_is_enhanced_and_others_are_copied():
    save_clap("a.mp4")
    subtitles = place("words.srt")
    with open(subtitles, "w", encoding="utf-8") as file:
        file.write("1\n00:00:00,500 --> 00:00:02,000\nA clap.\n")
    ffmpeg("-i", place("a.mp4"), "-i", save("in.wav", sweep()), "-i", subtitles, "-map", "0:v",
           "-map", "1:a", "-map", "0:a", "-map", "2:s", "-c:v", "copy", "-c:a", "aac",
           "-c:s", "srt", "-metadata:s:a:1", "language=fin", "-disposition:a:0", "0",
           "-disposition:a:1", "default", place("tracks.mkv"))
    words = enhance(place("tracks.mkv"), place("out.mkv"))
    check("of 2 tracks of sound number 2 is enhanced" in words and words.count("\n") == 1, words)
    for selector in ("0:v", "0:a:0", "0:s"):
        check(packets(place("out.mkv"), selector) == packets(place("tracks.mkv"), selector),
              f"{selector} changed")
    check(packets(place("out.mkv"), "0:a:1") != packets(place("tracks.mkv"), "0:a:1"), "the same")
    check(streams(place("out.mkv"), "audio")[1]["tags"]["language"] == "fin", "language lost")
    words = enhance(place("tracks.mkv"), place("out.mp4"))
    check("left out" in words and "subrip" in words, words)
    check(enhance("--quiet", place("tracks.mkv"), place("out.mp4")) == "", "not quiet")
    enhance(place("tracks.mkv"), place("out.m4a"))
    check(len(probe(place("out.m4a"))["streams"]) == 1, "more than the sound in an m4a")


def test_tags_covers_and_chapters_go_along():
    for name, codec in (("t.m4a", ("-c:a", "aac")), ("t.mp3", ("-c:a", "libmp3lame")),
                        ("t.flac", ("-c:a", "flac"))):
        path = tagged(name, *codec)
        chapters = [c["tags"]["title"] for c in probe(path)["chapters"]]
        check(len(covers(path)) == 1, f"{name} has no cover to start with")
        outs = ("o.m4a", "o.mp3", "o.flac", "o.ogg", "o.opus", "o.mka", "o.mp4")
        for out in outs if name == "t.m4a" else (name.replace("t.", "o."), "o.m4a"):
            enhance(path, place(out))
            what = f"{name} {out}"
            tags = texts(place(out))
            check(tags.get("title") == "Über uns" and tags.get("artist") == "Ann & Ole" and
                  tags.get("album") == "Talks", f"{what}: {tags}")
            check(packets(place(out), "0:v") == packets(path, "0:v"), f"{what}: another cover")
            check(len(covers(place(out))) == 1, f"{what}: no cover")
            kept = [c["tags"]["title"] for c in probe(place(out))["chapters"]]
            check(kept == chapters, f"{what}: {chapters} became {kept}")


def test_speakers_come_along():
    for layout, tracks in (("3.0", ("a.wav", "a.ogg", "a.mka", "a.m4a")),
                           ("quad", ("a.wav", "a.ogg", "a.opus", "a.mka")),
                           ("5.1", ("a.wav", "a.ogg", "a.opus", "a.mka", "a.m4a")),
                           ("7.1", ("a.wav", "a.ogg", "a.opus", "a.mka"))):
        ffmpeg("-f", "lavfi", "-i", f"anoisesrc=d=0.2:r={RATE},aformat=channel_layouts={layout}",
               place("a.wav"))
        for name in tracks[1:]:
            codec = {"a.ogg": ("-c:a", "libvorbis"), "a.mka": ("-c:a", "flac")}.get(name, ())
            ffmpeg("-i", place("a.wav"), *codec, place(name))
        for name in tracks:
            for out in ("out.wav", "out.mka"):
                enhance("--mix", "0", place(name), place(out))
                got = streams(place(out), "audio")[0].get("channel_layout")
                check(got == layout, f"{layout} from {name} to {out}: {got}")


def test_without_loss_is_bit_for_bit():
    sound = np.random.default_rng(1).integers(-2**23, 2**23, (30011, 2)) / 2**23
    for subtype, codec in (("PCM_16", "flac"), ("PCM_24", "flac"), ("PCM_16", "alac")):
        wav = save("in.wav", sound, subtype=subtype)
        wanted = soundfile.read(wav, dtype="int32")[0]
        ending = "mka" if codec == "flac" else "m4a"
        ffmpeg("-i", wav, "-c:a", codec, place("in." + ending))
        enhance("--mix", "0", place("in." + ending), place("out." + ending))
        check(streams(place("out." + ending), "audio")[0]["codec_name"] == codec, "other codec")
        enhance("--mix", "0", place("out." + ending), place("out.wav"))
        check(np.array_equal(soundfile.read(place("out.wav"), dtype="int32")[0], wanted),
              f"{subtype} {codec}")


tap.run_module(dict(globals()))

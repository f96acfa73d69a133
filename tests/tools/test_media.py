# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""m4a, AAC, video, tags and cover pictures: test_media.py PERCEPNET FFMPEG FFPROBE (programs)."""

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time

import tap
from tap import check

try:
    import numpy as np
    import soundfile
except ImportError as missing:
    tap.skip_all(f"{missing.name} is not there: install python3-numpy and python3-soundfile")

PROGRAM, FFMPEG, FFPROBE = sys.argv[1:4]
FOLDER = tempfile.TemporaryDirectory()
CUT_SHORT = 3
RATE = 48000
AAC_FRAME = 1024
# Where the clap is, in seconds: sound and a white picture of 40 ms at the same time.
CLAP = 1.0
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_DFL)  # not ignored, as under nohup


def place(name):
    return os.path.join(FOLDER.name, name)


def run(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, timeout=120,
                          check=False)


def percepnet(*arguments):
    return run(PROGRAM, "--force", *arguments)


def enhance(*arguments):
    result = percepnet(*arguments)
    check(result.returncode == 0, result.stderr.decode())
    return result.stderr.decode()


def ffmpeg(*arguments):
    result = run(FFMPEG, "-v", "error", "-y", *arguments)
    if b"Unknown encoder" in result.stderr:
        raise tap.Skip(result.stderr.decode().splitlines()[0])
    check(result.returncode == 0, result.stderr.decode())


def probe(path):
    result = run(FFPROBE, "-v", "error", "-show_streams", "-show_format", "-show_chapters",
                 "-of", "json", path)
    check(result.returncode == 0, result.stderr.decode())
    return json.loads(result.stdout)


def streams(path, kind):
    return [stream for stream in probe(path)["streams"] if stream["codec_type"] == kind]


def texts(path):
    """Of the file, or of its sound, as Ogg has them."""
    found = probe(path)
    tags = dict(found["format"].get("tags", {}))
    for stream in found["streams"]:
        if stream["codec_type"] == "audio":
            tags.update(stream.get("tags", {}))
    return {name.lower(): text for name, text in tags.items()}


def packets(path, selector, codec="copy"):
    """The bytes of a stream's packets, whatever the container puts around them."""
    out = run(FFMPEG, "-v", "error", "-i", path, "-map", selector, "-c", codec, "-f", "streamhash",
              "-hash", "md5", "-").stdout
    check(b"MD5" in out, out)
    return out.split(b"MD5=")[1:]


def sweep(rate=RATE, frames=96137):
    t = np.arange(frames) / rate
    return 0.3 * np.sin(2 * np.pi * (200 * t + 300 * t * t)) * (1 + 0.5 * np.sin(6 * np.pi * t))


def save(name, sound, rate=RATE, **keywords):
    soundfile.write(place(name), sound, rate, **keywords)
    return place(name)


def sound_of(path, rate=RATE):
    """As FFmpeg decodes it: a judge that is not ours."""
    ffmpeg("-i", path, "-map", "0:a:0", "-ar", rate, place("decoded.wav"))
    return soundfile.read(place("decoded.wav"), always_2d=True)[0]


def same_sound(got, wanted, least_snr):
    count = min(len(got), len(wanted))
    error = ((got[:count] - wanted[:count]) ** 2).sum()
    snr = 10 * np.log10((wanted[:count] ** 2).sum() / max(error, 1e-12))
    check(snr > least_snr, f"{snr:.1f} dB: not the same sound, or not at the same time")


def save_clap(name, *options, video=("-c:v", "libx264"), audio=("-c:a", "aac")):
    """4 s of a talk with a clap that is heard and seen at CLAP, with a title."""
    sound = 0.001 * np.random.default_rng(7).standard_normal(4 * RATE)
    begin = int(CLAP * RATE)
    sound[begin:begin + 480] = 0.8 * np.sin(2 * np.pi * 2000 * np.arange(480) / RATE)
    picture = f"color=black:s=64x64:r=25:d=4,drawbox=c=white:t=fill:enable='between(n,25,25)'"
    ffmpeg("-i", save("clap.wav", sound), "-f", "lavfi", "-i", picture, *options, "-map", "1:v",
           "-map", "0:a", *video, "-bf", "2", *audio, "-metadata", "title=The clap", place(name))
    return place(name)


def clap_offset(path):
    """Seconds from the clap that is seen to the one that is heard, by their time stamps."""
    seen = run(FFPROBE, "-v", "error", "-f", "lavfi", "-show_entries",
               "frame=pts_time:frame_tags=lavfi.signalstats.YAVG", "-of", "csv=p=0",
               f"movie={path},signalstats").stdout.decode().splitlines()
    bright = [float(line.split(",")[0]) for line in seen if float(line.split(",")[-1]) > 150]
    heard = run(FFPROBE, "-v", "error", "-f", "lavfi", "-show_entries",
                "frame=pts_time:frame_tags=lavfi.astats.Overall.Peak_level", "-of", "csv=p=0",
                f"amovie={path},aresample=48000,asetnsamples=48,astats=metadata=1:reset=1"
                ).stdout.decode().splitlines()
    loud = [float(line.split(",")[0]) for line in heard
            if line.split(",")[-1] not in ("", "-inf") and float(line.split(",")[-1]) > -8]
    check(bright and loud, f"no clap: {seen[20:30]} {heard[990:1010]}")
    return loud[0] - bright[0]


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
           "-c:s", "srt", "-metadata:s:a:1", "language=fin", "-disposition:a:0", "0", "-disposition:a:1",
           "default", place("tracks.mkv"))
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


def tagged(name, *codec):
    """Sound with a title, a cover picture and chapters, as far as ffmpeg can."""
    with open(place("chapters.txt"), "w", encoding="utf-8") as file:
        file.write(";FFMETADATA1\ntitle=Über uns\nartist=Ann & Ole\nalbum=Talks\n"
                   "[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1000\ntitle=First\n"
                   "[CHAPTER]\nTIMEBASE=1/1000\nSTART=1000\nEND=2000\ntitle=Second\n")
    ffmpeg("-f", "lavfi", "-i", "testsrc=s=32x32", "-frames:v", "1", place("cover.png"))
    ffmpeg("-i", save("in.wav", sweep()), "-i", place("cover.png"), "-i", place("chapters.txt"),
           "-map", "0:a", "-map", "1:v", "-map_metadata", "2", "-map_chapters", "2", *codec,
           "-c:v", "copy", "-disposition:v", "attached_pic", place(name))
    return place(name)


def covers(path):
    return [stream for stream in streams(path, "video") if stream["disposition"]["attached_pic"]]


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


def cut(path, share):
    """Beside path, without its end."""
    with open(path, "rb") as file:
        data = file.read()
    with open(path + ".cut" + os.path.splitext(path)[1], "wb") as file:
        file.write(data[:int(len(data) * share)])
    return file.name


def test_a_cut_file_is_said():
    wav = save("in.wav", sweep())
    for name, options in (("a.mp3", ("-b:a", "128k")), ("b.mp3", ("-b:a", "128k", "-write_xing", "0")),
                          ("c.mp3", ("-q:a", "4")), ("a.m4a", ("-movflags", "faststart")),
                          ("a.mka", ("-c:a", "libopus"))):
        ffmpeg("-i", wav, *options, place(name))
        check(enhance(place(name), place("out.wav")) == "", f"{name} is whole")
        result = percepnet(cut(place(name), 0.6), place("out.wav"))
        check(result.returncode == CUT_SHORT and b"is cut short" in result.stderr, f"{name}: {result}")
        check(soundfile.info(place("out.wav")).frames > 20000, f"{name}: what there is, is lost")
    ffmpeg("-i", wav, place("end.m4a"))  # its index is at the end
    result = percepnet(cut(place("end.m4a"), 0.6), place("new.wav"))
    check(result.returncode == 1 and b"is cut short" in result.stderr, result)
    check(not os.path.exists(place("new.wav")), "an output of nothing")


def test_mp3_of_our_own_is_whole():
    enhance(save("in.wav", sweep()), place("own.mp3"))
    check(enhance(place("own.mp3"), place("out.wav")) == "", "called cut short")


def test_a_full_disk_is_noticed_and_what_was_there_stays():
    path = save_clap("a.mp4")
    for name in ("full.mp4", "full.mkv", "full.m4a"):
        with open(place(name), "wb") as file:
            file.write(b"what was there")
        result = subprocess.run([PROGRAM, "--force", path, place(name)], capture_output=True,
                                timeout=120, check=False, preexec_fn=lambda: resource.setrlimit(
                                    resource.RLIMIT_FSIZE, (8000, 8000)))
        check(result.returncode == 1 and b"cannot be written" in result.stderr, result)
        with open(place(name), "rb") as file:
            check(file.read() == b"what was there", f"{name} is lost")
    check(not [n for n in os.listdir(FOLDER.name) if n.startswith(".percepnet")], "left behind")


def test_no_path_that_is_read_is_written():
    path = save_clap("a.mp4")
    os.symlink(path, place("link.mp4"))
    with open(path, "rb") as file:
        before = file.read()
    for out in (path, place("link.mp4"), place("./a.mp4")):
        result = percepnet(path, out)
        check(result.returncode == 1 and b"the same file" in result.stderr, result)
    result = run(PROGRAM, path, save("there.wav", sweep()))
    check(result.returncode == 1 and b"--force" in result.stderr, result)
    with open(path, "rb") as file:
        check(file.read() == before, "changed")


def test_an_interrupt_finishes_the_file():
    ffmpeg("-f", "lavfi", "-i", "testsrc=s=32x32:r=5:d=1200", "-f", "lavfi", "-i",
           "anoisesrc=a=0.1:d=1200:r=48000", "-c:v", "libx264", "-preset", "ultrafast", "-c:a",
           "flac", place("long.mkv"))
    for out in ("part.mp4", "part.mkv"):
        with subprocess.Popen([PROGRAM, place("long.mkv"), place(out)],
                              stderr=subprocess.PIPE) as process:
            time.sleep(2)
            process.send_signal(signal.SIGINT)
            words = process.communicate(timeout=60)[1]
        check(process.returncode == 130 and b"stopped by SIGINT" in words, words)
        seconds = float(words.split(b"the first ")[1].split(b" s")[0])
        got = len(sound_of(place(out))) / RATE
        check(0 < got < 1199 and abs(got - seconds) < 0.2, f"{out}: {got} s of {seconds}")
        check(streams(place(out), "video"), "no pictures")


def test_a_folder_of_all_kinds():
    folder = place("folder")
    os.mkdir(folder)
    save("folder/a.wav", sweep())
    ffmpeg("-i", place("folder/a.wav"), place("folder/b with 'quote'.m4a"))
    os.rename(save_clap("a.mp4"), os.path.join(folder, "it: is.mp4"))
    with open(os.path.join(folder, "notes.txt"), "w", encoding="utf-8") as file:
        file.write("not sound")
    with open(os.path.join(folder, "broken.mp4"), "wb") as file:
        file.write(b"\0" * 1000)
    words = percepnet("--jobs", "2", "--json", place("r.json"), "--into", place("into"), folder)
    check(words.returncode == 1 and b"3 of 4 files done" in words.stderr, words)
    names = sorted(os.listdir(place("into")))
    check(names == ["a.wav", "b with 'quote'.m4a", "it: is.mp4"], names)
    with open(place("r.json"), encoding="utf-8") as file:
        check(len(json.load(file)["files"]) == 4, "not all are in the report")


def test_a_file_opens_no_other():
    secret = save("secret.wav", sweep())
    playlists = {"list.m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{secret}\n",
                 "list.ffconcat": f"ffconcat version 1.0\nfile '{secret}'\n"}
    for name, text in playlists.items():
        with open(place(name), "w", encoding="utf-8") as file:
            file.write(text)
        os.path.exists(place("new.wav")) and os.remove(place("new.wav"))
        result = percepnet(place(name), place("new.wav"))
        check(result.returncode == 1 and not os.path.exists(place("new.wav")), f"{name}: {result}")


tap.run_module(dict(globals()))

# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""What the tests of sound and video through libavformat share. Arguments: PERCEPNET FFMPEG FFPROBE
(programs)."""

import json
import os
import signal
import subprocess
import sys
import tempfile

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


def cut(path, share):
    """Beside path, without its end."""
    with open(path, "rb") as file:
        data = file.read()
    with open(path + ".cut" + os.path.splitext(path)[1], "wb") as file:
        file.write(data[:int(len(data) * share)])
    return file.name

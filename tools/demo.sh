#!/bin/sh
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
# Takes the noise out of a recording through the GStreamer element and through the FFmpeg filter.
#   tools/demo.sh [FILE]    FILE: anything ffmpeg reads; left out: a sample of docs/samples
# Installs what is missing, builds in build/, leaves the results in build/demo/.
set -eu
unset CDPATH
here=$(cd "$(dirname "$0")/.." && pwd)
input=${1-$here/docs/samples/noisy-english.flac}
if [ ! -r "$input" ]; then
  echo "$input does not exist or may not be read; give a sound or video file" >&2
  exit 1
fi
input=$(realpath "$input")
out=$here/build/demo
if [ "$(dirname "$input")" = "$(realpath -m "$out")" ]; then
  echo "$input is where the results go, which are replaced; give a file from elsewhere" >&2
  exit 1
fi

"$here/tools/setup.sh"
cd "$here"
tools/build.sh

in_build() { meson devenv -C build -w . "$@"; }
mkdir -p "$out"
rm -f "$out"/*.wav "$out"/*.png
ffmpeg -v error -i "$input" -vn -ar 48000 -c:a pcm_f32le "$out/before.wav"

in_build ffmpeg -v error -i "$out/before.wav" -af percepnet -c:a pcm_f32le "$out/after-ffmpeg.wav"
in_build gst-launch-1.0 -q filesrc location="$out/before.wav" ! wavparse ! audioconvert \
  ! percepnet ! audioconvert ! audio/x-raw,format=F32LE ! wavenc \
  ! filesink location="$out/after-gstreamer.wav"
in_build percepnet --quiet --plot "$out/spectrogram.png" "$out/before.wav"

echo
python3 tools/compare.py "$out/after-gstreamer.wav" "$out/after-ffmpeg.wav"
echo "Before:                 $out/before.wav"
echo "After, by the element:  $out/after-gstreamer.wav"
echo "After, by the filter:   $out/after-ffmpeg.wav"
echo "Spectrograms:           $out/spectrogram.png"

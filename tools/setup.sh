#!/bin/sh
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
# Installs the Debian packages that percepnet is built and run with; nothing when all are there.
#   tools/setup.sh            what tools/demo.sh needs
#   tools/setup.sh --test     what tools/test.sh needs in addition
#   tools/setup.sh --package  what tools/package.sh needs in addition
#   tools/setup.sh --web      what web/build.sh and its tests need in addition (about 1 GB)
set -eu

# The compiler and what every part is built with.
build='g++ make meson ninja-build pkg-config python3 libeigen3-dev nlohmann-json3-dev'
# The command line: files, sampling rates, spectrograms; m4a, AAC and video.
cli='libsndfile1-dev libsoxr-dev libcairo2-dev libavformat-dev libavcodec-dev libswresample-dev'
# The GStreamer element, and the elements around it in the demo.
gstreamer='libgstreamer1.0-dev libgstreamer-plugins-base1.0-dev gstreamer1.0-tools
  gstreamer1.0-plugins-base gstreamer1.0-plugins-good'
# The FFmpeg filter: its source package is fetched by the build.
ffmpeg='ffmpeg libavfilter-dev nasm xz-utils'
ladspa='ladspa-sdk'
# Test frameworks, and numpy with friends for the references that tests compare with.
tests='check gstreamer1.0-plugins-bad gstreamer1.0-nice sox valgrind python3-numpy python3-scipy
  python3-soundfile python3-torch'
# Other processors: a cross compiler for 64-bit ARM, and what runs its programs and older levels.
emulated='g++-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user'
# Codecs that training scenes go through, and what runs the teacher's graphs.
training='libopus-dev libopencore-amrnb-dev libopencore-amrwb-dev libvo-amrwbenc-dev nodejs'
# Debian packages: tools/package.sh, which runs the tests of the core, and their own test.
packaging='build-essential check debhelper dpkg-dev git help2man pkgconf python3-numpy'
packages_test='lintian man-db'
# The compiler for browsers, and a browser to test with. Firefox and WebKitGTK are tested where they
# are: firefox-esr, webkit2gtk-driver xvfb, pulseaudio.
web='emscripten chromium nodejs python3-numpy python3-soundfile'

wanted="$build $cli $gstreamer $ffmpeg $ladspa"
case "${1-}" in
'') ;;
--test) wanted="$wanted $tests $emulated $training $packaging $packages_test" ;;
--package) wanted="$wanted $packaging" ;;
--web) wanted="$build $web" ;;
*)
  echo "usage: $0 [--test | --package | --web]" >&2
  exit 2
  ;;
esac

missing=
for package in $wanted; do
  # A line for each architecture that it is installed for.
  dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
    missing="$missing $package"
done
[ -n "$missing" ] || exit 0

sudo=
if [ "$(id -u)" -ne 0 ]; then
  sudo=sudo
  if ! command -v sudo >/dev/null; then
    echo "Not root and no sudo: as root, run: apt-get install --no-install-recommends$missing" >&2
    exit 1
  fi
fi
echo "Installing:$missing"
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq
# shellcheck disable=SC2086 # a list
$sudo apt-get install -y -qq --no-install-recommends $missing

#!/bin/sh
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
# Debian packages of this tree, as it is here (files that Git does not know are left out).
#   tools/package.sh [FOLDER]     FOLDER: where they go, build/packages if left out
# What debian/control names for the build must be installed: tools/setup.sh --package does that.
# FFMPEG_TARBALL, DEB_BUILD_PROFILES and DEB_BUILD_OPTIONS: see debian/rules. Without FFMPEG_TARBALL
# the source that build/ has got already is taken, if it is that of the installed FFmpeg.
set -eu
unset CDPATH
here=$(cd "$(dirname "$0")/.." && pwd)
out=${1-$here/build/packages}
mkdir -p "$out"
out=$(cd "$out" && pwd)

if ! command -v dpkg-buildpackage > /dev/null || ! command -v dh > /dev/null; then
  echo "package.sh: dpkg-buildpackage or debhelper is missing; run tools/setup.sh --package" >&2
  exit 1
fi
version=$(sed -n 's/^percepnet (\([^)]*\)).*/\1/p' "$here/debian/changelog" | head -n 1)
tree=$out/percepnet-$version
# It may be anything, even the tree that this is called in: it is not for us to remove.
if [ -e "$tree" ]; then
  echo "package.sh: $tree is there already; give another folder, or remove it" >&2
  exit 1
fi
trap 'rm -rf "$tree"' EXIT
trap 'exit 1' HUP INT TERM
rm -f "$out"/*percepnet*_"$version"*
mkdir "$tree"
(cd "$here" && git ls-files -z --cached --deduplicate | tar -c --null -T - --ignore-failed-read) |
  tar -x -C "$tree"

if [ -z "${FFMPEG_TARBALL-}" ]; then
  fetched=$here/build/ffmpeg/src-$(pkg-config --modversion libavfilter 2> /dev/null || true)
  if [ -e "$fetched/configure" ]; then
    export FFMPEG_TARBALL="$fetched"
  fi
fi
cd "$tree"
# By the distribution's own programs, whatever else comes first elsewhere.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
unset PYTHONPATH
dpkg-buildpackage -us -uc
echo "Packages: $out"

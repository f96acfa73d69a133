#!/bin/sh
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
# Builds the committed tree twice, in folders of different names and with nothing cached, and says
# whether what is installed is the same bit for bit. Takes the time of two builds.
#   tools/reproducible.sh [options of meson setup]
set -eu
unset CDPATH
cd "$(dirname "$0")/.."
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
export CCACHE_DISABLE=1

for name in one another/further/away; do
  mkdir -p "$place/$name"
  git archive HEAD | tar x -C "$place/$name"
  meson setup "$place/$name/build" "$place/$name" --prefix=/usr -Dtests=disabled \
    -Dffmpeg=disabled "$@" >"$place/log" || { cat "$place/log" && exit 1; }
  ninja -C "$place/$name/build" all >"$place/log" || { cat "$place/log" && exit 1; }
  DESTDIR=$place/$name/root meson install -C "$place/$name/build" --no-rebuild >"$place/log"
done

sums() {
  (cd "$place/$1/root" && find . -type f -exec sha256sum {} + | sort -k 2)
}
sums one >"$place/first"
sums another/further/away >"$place/second"
if ! diff "$place/first" "$place/second"; then
  echo "two builds differ" >&2
  exit 1
fi
echo "$(wc -l <"$place/first") files, the same in both builds"

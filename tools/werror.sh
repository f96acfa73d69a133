#!/bin/sh
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
# Builds everything, tests too, with gcc and with clang where a warning is an error, in
# build-werror-COMPILER/. A compiler that is not there is named and left out.
#   tools/werror.sh [options of meson setup]
set -eu
unset CDPATH
cd "$(dirname "$0")/.."
for pair in gcc:g++ clang:clang++; do
  c=${pair%:*}
  if ! command -v "${pair#*:}" >/dev/null; then
    echo "$c is left out: as root, run: apt-get install $c" >&2
    continue
  fi
  folder=build-werror-$c
  [ -f "$folder/meson-private/coredata.dat" ] || CC=$c CXX=${pair#*:} meson setup "$folder" \
    -Dwerror=true -Dffmpeg=disabled "$@"
  ninja -k 0 -C "$folder"
done

#!/bin/sh
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
# Builds everything in build/, with the parts named (all but the tests, if none is) switched on,
# whatever options a build folder that is already there has.
set -eu
unset CDPATH
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- gstreamer ffmpeg ladspa tools

switched_on() {
  meson introspect build --buildoptions | python3 -c '
import json, sys
value = {option["name"]: option["value"] for option in json.load(sys.stdin)}
sys.exit(any(value.get(part) != "enabled" for part in sys.argv[1:]))' "$@"
}

options() {
  for part; do
    echo "-D$part=enabled"
  done
}

if [ ! -f build/meson-private/coredata.dat ]; then
  # shellcheck disable=SC2046 # one option a line
  meson setup build $(options "$@")
elif ! switched_on "$@"; then
  # shellcheck disable=SC2046 # one option a line
  meson setup --reconfigure build $(options "$@")
fi
ninja -C build

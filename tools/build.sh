#!/bin/sh
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
# Builds everything in build/, with the element and the filter switched on, whatever options a
# build folder that is already there has.
set -eu
cd "$(dirname "$0")/.."
needed=${*:-'gstreamer ffmpeg ladspa tools'}

enable=
for option in $needed; do
  enable="$enable -D$option=enabled"
done

if [ ! -f build/meson-private/coredata.dat ]; then
  # shellcheck disable=SC2086 # a list
  meson setup build $enable
elif ! meson introspect build --buildoptions | python3 -c '
import json, sys
value = {option["name"]: option["value"] for option in json.load(sys.stdin)}
sys.exit(any(value.get(name) != "enabled" for name in sys.argv[1:]))' $needed; then
  # shellcheck disable=SC2086 # a list
  meson setup --reconfigure build $enable
fi
ninja -C build

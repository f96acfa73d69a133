#!/bin/sh
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
# Builds everything in build/ and runs all tests; the last line is "N passed, M failed, K skipped".
#   tools/test.sh [arguments of meson test, for example --suite gst]
# Installs what is missing; web/ is part of it where tools/setup.sh --web has been run.
# Exits with 0 only if something ran and nothing failed.
set -eu
unset CDPATH
cd "$(dirname "$0")/.."
tools/setup.sh --test
web=
if command -v em++ >/dev/null; then
  web=web
fi
# shellcheck disable=SC2086 # nothing, or a word
tools/build.sh gstreamer ffmpeg ladspa tools training tests $web

log=build/meson-logs/testlog.json
rm -f "$log"
meson test -C build --no-rebuild "$@" || true
python3 tools/test_summary.py "$log"

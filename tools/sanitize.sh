#!/bin/sh
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
# The tests of the engine, of model files and of the fuzz targets under a sanitizer, in build-NAME/;
# with --suite gst those of the GStreamer element, in build-NAME-gst/.
#   tools/sanitize.sh thread|address,undefined [arguments of meson test]
set -eu
cd "$(dirname "$0")/.."
if [ $# -eq 0 ]; then
  echo "usage: $0 thread|address,undefined [arguments of meson test]" >&2
  exit 2
fi
sanitizer=$1
shift
folder=build-$(echo "$sanitizer" | tr , -)
gstreamer=disabled
case " $* " in
  *" --suite gst "*)
    folder=$folder-gst
    gstreamer=enabled
    ;;
esac
if [ ! -f "$folder/meson-private/coredata.dat" ]; then
  meson setup "$folder" -Db_sanitize="$sanitizer" -Dbuildtype=debugoptimized -Dffmpeg=disabled \
    -Dladspa=disabled -Dgstreamer="$gstreamer"
fi
[ $# -gt 0 ] || set -- --suite core --suite nn --suite fuzz
meson test -C "$folder" --timeout-multiplier 10 "$@"

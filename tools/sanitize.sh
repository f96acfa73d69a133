#!/bin/sh
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
# The tests of the engine, of model files and of the fuzz targets under a sanitizer, in build-NAME/;
# with --suite gst those of the GStreamer element, in build-NAME-gst/; with --suite ffmpeg those of
# the FFmpeg filter, in build-NAME-ffmpeg/ (address,undefined, with gcc): the filter and the rest of
# a libavfilter of few filters are compiled with the sanitizers, the system's other libraries not.
#   tools/sanitize.sh thread|address,undefined [arguments of meson test]
set -eu
unset CDPATH
cd "$(dirname "$0")/.."
if [ $# -eq 0 ]; then
  echo "usage: $0 thread|address,undefined [arguments of meson test]" >&2
  exit 2
fi
sanitizer=$1
shift
folder=build-$(echo "$sanitizer" | tr , -)
gstreamer=disabled
ffmpeg=disabled
case " $* " in
  *" --suite gst "*)
    folder=$folder-gst
    gstreamer=enabled
    ;;
  *" --suite ffmpeg "*)
    if [ "$sanitizer" != address,undefined ]; then
      echo "$0: the ffmpeg suite is for address,undefined" >&2
      exit 2
    fi
    folder=$folder-ffmpeg
    ffmpeg=enabled
    ;;
esac
if [ ! -f "$folder/meson-private/coredata.dat" ]; then
  meson setup "$folder" -Db_sanitize="$sanitizer" -Dbuildtype=debugoptimized -Dffmpeg="$ffmpeg" \
    -Dladspa=disabled -Dgstreamer="$gstreamer"
fi
[ $# -gt 0 ] || set -- --suite core --suite nn --suite fuzz
# The first fault ends a program: it cannot pass a test, as what UBSan only prints does.
export UBSAN_OPTIONS="halt_on_error=1:print_stacktrace=1${UBSAN_OPTIONS:+:$UBSAN_OPTIONS}"
meson test -C "$folder" --timeout-multiplier 10 "$@"

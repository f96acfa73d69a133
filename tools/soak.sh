#!/bin/sh
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
# Fuzzing at length, with libFuzzer, ASan and UBSan, in build-soak/.
#   tools/soak.sh [TARGET [EXECUTIONS]]
#   TARGET: model, stream, options, files, gst or ffmpeg; left out: each in turn
# ffmpeg needs the drop-in of an ordinary build (tools/build.sh ffmpeg).
# 100 million executions if not said otherwise. What is found grows in build-soak/corpus/TARGET and
# is gone on with; what fails is kept as build-soak/crash-*: put it into tests/fuzz/seeds/TARGET.
set -eu
cd "$(dirname "$0")/.."
seeds=$PWD/tests/fuzz/seeds
executions=${2-100000000}

if ! command -v clang++ >/dev/null; then
  echo "no clang++: as root, run: apt-get install clang libclang-rt-14-dev" >&2
  exit 1
fi
if [ ! -f build-soak/meson-private/coredata.dat ]; then
  CC=clang CXX=clang++ meson setup build-soak -Dfuzzing=true -Dbuildtype=debugoptimized \
    -Db_sanitize=address,undefined -Db_lundef=false -Dtests=disabled \
    -Dffmpeg=disabled -Dladspa=disabled
fi
ninja -C build-soak
cd build-soak
export LD_LIBRARY_PATH="$PWD/core:$PWD/../build/ffmpeg"

soak() {
  if [ "$1" = ffmpeg ] && ! ls ../build/ffmpeg/libavfilter.so.* >/dev/null 2>&1; then
    echo "ffmpeg is left out: no drop-in in build/, run tools/build.sh ffmpeg" >&2
    return
  fi
  leaks=1
  [ "$1" != gst ] || leaks=0 # GLib keeps tables of its own
  mkdir -p "corpus/$1"
  set -- "$1" "corpus/$1" "$seeds/$1"
  [ ! -f "$seeds/../$1.dict" ] || set -- "$@" -dict="$seeds/../$1.dict"
  target=tests/fuzz/fuzz_$1
  shift
  ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=$leaks "$target" \
    -runs="$executions" -max_len=4000 -print_final_stats=1 "$@"
}

if [ $# -gt 0 ]; then
  soak "$1"
else
  for folder in "$seeds"/*; do
    soak "$(basename "$folder")"
  done
fi

#!/bin/sh
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
# Fuzzing at length, with libFuzzer, ASan and UBSan, in build-soak/.
#   tools/soak.sh [--fast] [--minutes N] [TARGET [EXECUTIONS]]
#   --fast: assertions in place of the sanitizers, for many times the executions, in
#           build-soak-fast/; the sanitizers get what it found the next time
#   --minutes N: stop after N minutes, however many executions that were
#   TARGET: model, stream, options, files, media, gst or ffmpeg; left out: each in turn
# For ffmpeg a libavfilter of few filters is built with the same compiler and sanitizers: it needs
# what tools/build.sh ffmpeg needs.
# 100 million executions if not said otherwise. What is found grows in build-soak/corpus/TARGET and
# is gone on with; what fails is kept as crash-* in the build folder: put it into
# tests/fuzz/seeds/TARGET.
set -eu
unset CDPATH
cd "$(dirname "$0")/.."
seeds=$PWD/tests/fuzz/seeds
corpus=$PWD/build-soak/corpus
build="build-soak"
seconds=0
while [ $# -gt 0 ]; do
  case $1 in
  --fast) build="build-soak-fast" ;;
  --minutes)
    seconds=$((${2:?--minutes needs a number} * 60))
    shift
    ;;
  -*)
    sed -n '5,9p' "$0" >&2
    exit 2
    ;;
  *) break ;;
  esac
  shift
done
executions=${2-100000000}

if ! command -v clang++ >/dev/null; then
  echo "no clang++: as root, run: apt-get install clang libclang-rt-14-dev" >&2
  exit 1
fi

configure() {
  CC=clang CXX=clang++ meson setup "$build" -Dfuzzing=true -Db_lundef=false -Dtests=disabled \
    -Dffmpeg=disabled -Dladspa=disabled "$@"
}

if [ -f "$build/meson-private/coredata.dat" ]; then
  :
elif [ "$build" = build-soak ]; then
  configure -Dbuildtype=debugoptimized -Db_sanitize=address,undefined
else # comparisons are not traced: that takes a quarter of the time, and the dictionaries know more
  configure -Dbuildtype=release -Db_ndebug=false \
    -Dcpp_args='-D_GLIBCXX_ASSERTIONS -fno-sanitize-coverage=trace-cmp'
fi

# Without sanitizers most of the time goes into libFuzzer's statistics: off there.
soak() {
  if [ "$1" = ffmpeg ] && ! pkg-config --exists libavfilter; then
    echo "ffmpeg is left out: as root, run: apt-get install libavfilter-dev" >&2
    return
  fi
  [ "$1" != ffmpeg ] || meson configure "$build" -Dffmpeg=enabled
  ninja -C "$build" "tests/fuzz/fuzz_$1"
  leaks=1
  [ "$1" != gst ] || leaks=0 # GLib keeps tables of its own
  mkdir -p "$corpus/$1"
  dictionary=$seeds/../$1.dict
  set -- "./tests/fuzz/fuzz_$1" "$corpus/$1" "$seeds/$1"
  [ ! -f "$dictionary" ] || set -- "$@" -dict="$dictionary"
  [ "$build" = build-soak ] || set -- "$@" -entropic=0 -reduce_inputs=0
  (
    cd "$build"
    LD_LIBRARY_PATH=$PWD/core:$PWD/ffmpeg \
      ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=$leaks:malloc_context_size=4 \
      "$@" -runs="$executions" -max_total_time="$seconds" -max_len=4000 -print_final_stats=1
  )
}

if [ $# -gt 0 ]; then
  soak "$1"
else
  for folder in "$seeds"/*; do
    soak "$(basename "$folder")"
  done
fi

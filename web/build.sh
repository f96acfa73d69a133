#!/bin/sh
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
# Makes the npm package and the page in FOLDER (build-web/percepnet): web/build.sh [FOLDER [STAMP]]
# Needs Debian's emscripten (tools/setup.sh --web), Meson, Eigen and nlohmann_json.
set -eu
unset CDPATH
source=$(cd "$(dirname "$0")/.." && pwd)
package=${1:-$source/build-web/percepnet}

if ! command -v em++ >/dev/null; then
  echo "em++ is not there: run tools/setup.sh --web (Debian: apt-get install emscripten)" >&2
  exit 1
fi
mkdir -p "$package"
package=$(cd "$package" && pwd) # as the compiler finds it, too, which works in another folder
build=$(dirname "$package")/wasm
mkdir -p "$build/include"
# A header alone in a folder: beside it in /usr/include are those of another system.
ln -sfn "$(printf "#include <nlohmann/json.hpp>\n" | ${CXX:-c++} -x c++ -M - |
  tr " " "\n" | sed -n "s,/json.hpp$,,p")" "$build/include/nlohmann"
if [ ! -f "$build/meson-private/coredata.dat" ]; then
  # Vectors and exceptions of WebAssembly itself.
  env -u CFLAGS -u CXXFLAGS -u LDFLAGS meson setup "$build" "$source" \
    --cross-file "$source/web/emscripten.ini" --wrap-mode=nodownload \
    -Dauto_features=disabled -Ddefault_library=static -Db_pie=false \
    -Dcpp_args="-msimd128 -fwasm-exceptions '-isystem$build/include'" \
    -Dcpp_link_args=-fwasm-exceptions
fi
ninja -C "$build" web/percepnet.wasm
cp "$build/web/percepnet.wasm" "$package/"
version=$(meson introspect "$build" --projectinfo |
  python3 -c 'import json, sys; print(json.load(sys.stdin)["version"])')
sed "s/@VERSION@/$version/" "$source/web/package.json" > "$package/package.json"
for file in README.md percepnet.js percepnet.d.ts audio-node.js worklet.js wav.js \
  index.html page.js controls.js spectrogram.js style.css; do
  cp "$source/web/$file" "$package/"
done
cp "$source/LICENSE" "$package/"
cp "$source/docs/samples/noisy-english.flac" "$package/sample.flac"
[ $# -lt 2 ] || touch "$2"
echo "$package"

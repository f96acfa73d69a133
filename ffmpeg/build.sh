#!/bin/bash
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
#
# A libavfilter with the percepnet filter that takes the place of the distribution's own: built from
# the distribution's FFmpeg source, linked with its libavcodec, libavformat ... so that the
# distribution's ffmpeg program, with all its codecs, has the filter.
#
#   build.sh fetch WORK          get the source tree, WORK/src-VERSION
#   build.sh build WORK OUTPUT   build OUTPUT, a libavfilter.so.N
#
# FFMPEG_TARBALL=FILE   take the source from there (an archive, or an unpacked folder) instead of the
#                       distribution's archive
# FFMPEG_FULL=1         the distribution's own configure flags (needs: apt-get build-dep ffmpeg)
# FFMPEG_RPATH=DIRS     where the library finds libpercepnet
# FFMPEG_SANITIZE=FLAGS of the compiler, to find faults with: these and few of the other filters are built
# PKG_CONFIG_PATH       must lead to percepnet.pc
# JOBS=N                jobs of make
set -euo pipefail
unset CDPATH

here=$(cd "$(dirname "$0")" && pwd)
header=$here/../core/include/percepnet/percepnet.h

fail() {
    echo "ffmpeg/build.sh: $*" >&2
    exit 1
}

need() { # PROGRAM PACKAGE
    command -v "$1" > /dev/null || fail "$1 is missing: install it (Debian: apt-get install $2)"
}

# ---- source -----------------------------------------------------------------------------------

installed_version() { # of libavfilter, e.g. 8.44.100
    pkg-config --modversion libavfilter 2> /dev/null ||
        fail "libavfilter's development files are missing (Debian: apt-get install libavfilter-dev)"
}

debian_version() { # FORMAT
    dpkg-query -W -f "\${source:$1}" libavfilter-dev 2> /dev/null || true
}

# apt's own configuration and sources, with deb turned into deb-src, in a private folder.
write_apt_sources() { # FOLDER
    local list=/etc/apt/sources.list parts=/etc/apt/sources.list.d file
    eval "$(apt-config shell list Dir::Etc::sourcelist/f parts Dir::Etc::sourceparts/d)"
    mkdir -p "$1/parts" "$1/lists/partial"
    for file in "$list" "$parts"/*.list; do
        [ -r "$file" ] || continue
        sed -nE 's/^[[:space:]]*deb([[:space:]])/deb-src\1/p' "$file" > "$1/parts/$(basename "$file" .list).list"
    done
    for file in "$parts"/*.sources; do
        [ -r "$file" ] || continue
        sed -E 's/^Types:.*/Types: deb-src/' "$file" > "$1/parts/$(basename "$file")"
    done
}

download() { # FOLDER: the source package of the installed version goes there
    local version log=$1/apt.log apt
    version=$(debian_version Version)
    [ "$version" ] && command -v apt-get > /dev/null ||
        fail "no apt source to take FFmpeg from: set FFMPEG_TARBALL to the source of the installed version"
    rm -rf "$1" # an earlier try may have left another version
    mkdir -p "$1"
    write_apt_sources "$1/apt"
    apt=(apt-get -q -o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$1/apt/parts"
         -o "Dir::State::lists=$1/apt/lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=
         -o APT::Sandbox::User= -o Acquire::Retries=2)
    echo "ffmpeg/build.sh: getting the source of FFmpeg $version (10 MB)"
    if ! "${apt[@]}" update > "$log" 2>&1; then
        fail "apt could not read the source lists (see $log): check the network, or set FFMPEG_TARBALL"
    fi
    if ! (cd "$1" && "${apt[@]}" --download-only source "ffmpeg=$version" >> "$log" 2>&1); then
        fail "the archive has no source of FFmpeg $version (see $log): bring the system up to date" \
             "(apt-get update && apt-get upgrade), or set FFMPEG_TARBALL"
    fi
    rm -rf "$1/apt"
}

# Those of the distribution's patches that concern libavfilter.
apply_distribution_patches() { # ARCHIVE TREE
    local patch folder=$2.debian
    mkdir -p "$folder"
    tar xf "$1" -C "$folder"
    while read -r patch _; do
        case $patch in '' | '#'*) continue ;; esac
        grep -q '^+++ [^/]*/libavfilter/' "$folder/debian/patches/$patch" || continue
        need patch patch
        patch -s -p1 -d "$2" < "$folder/debian/patches/$patch"
    done < <(cat "$folder/debian/patches/series" 2> /dev/null)
    rm -rf "$folder"
}

version_in_tree() { # TREE: libavfilter's
    cat "$1"/libavfilter/version*.h |
        sed -nE 's/^#define LIBAVFILTER_VERSION_(MAJOR|MINOR|MICRO) +([0-9]+).*/\1 \2/p' |
        awk '{ v[$1] = $2 } END { print v["MAJOR"] "." v["MINOR"] "." v["MICRO"] }'
}

source_tree() {
    echo "$work/src-$(installed_version)"
}

fetch() {
    local tree tarball=${FFMPEG_TARBALL:-} archive='' found
    tree=$(source_tree)
    [ -e "$tree/configure" ] && return
    need tar tar
    if [ "$tarball" ]; then
        [ -r "$tarball" ] || fail "FFMPEG_TARBALL=$tarball cannot be read"
    else
        download "$work/download"
        tarball=$(find "$work/download" -name 'ffmpeg_*.orig.tar.*' ! -name '*.asc' | head -n 1)
        [ "$tarball" ] || fail "apt left no ffmpeg_*.orig.tar.* in $work/download"
        archive=$(find "$work/download" -name 'ffmpeg_*.debian.tar.*' | head -n 1)
    fi
    case $tarball in *.xz) need xz xz-utils ;; esac
    rm -rf "$tree.new"
    mkdir -p "$tree.new"
    if [ -d "$tarball" ]; then
        cp -a "$tarball/." "$tree.new"
    else
        tar xf "$tarball" -C "$tree.new" --strip-components=1 || fail "$tarball is not a source archive"
    fi
    found=$(version_in_tree "$tree.new")
    [ "${found%.*}" = "$(installed_version | sed 's/\.[^.]*$//')" ] ||
        fail "$tarball has libavfilter $found, installed is $(installed_version): they must be the same"
    [ -z "$archive" ] || apply_distribution_patches "$archive" "$tree.new"
    mv "$tree.new" "$tree"
    rm -rf "$work/download"
}

# ---- build ------------------------------------------------------------------------------------

# Those that the ffmpeg program and the tests need; they are compiled with the sanitizers, too.
tested_filters=aformat,anull,atrim,format,hflip,null,rotate,transpose,trim,vflip,$(
    )acrossfade,adelay,aevalsrc,afade,ametadata,amerge,amix,anoisesrc,anullsink,apad,aresample,$(
    )aselect,asendcmd,asetnsamples,asetpts,asettb,ashowinfo,asplit,atempo,color,concat,geq,pan,$(
    )percepnet,scale,silenceremove,sine

# The distribution's flags; or the filters that need nothing, and those whose libraries are here.
# Chosen once: a library that is installed later shall not make everything compile again.
choose_flags() {
    local pair
    if [ "$objects/flags" -nt "$here/build.sh" ]; then
        mapfile -t flags < "$objects/flags"
        return
    fi
    flags=()
    if [ "${FFMPEG_FULL:-}" ]; then
        need ffmpeg ffmpeg
        mapfile -t flags < <(ffmpeg -v error -buildconf | sed -nE 's/^ +(--.*)/\1/p')
        [ ${#flags[@]} -gt 0 ] || fail "ffmpeg -buildconf shows no configure flags"
    elif [ "${FFMPEG_SANITIZE:-}" ]; then
        flags=(--prefix=/usr --enable-gpl --disable-autodetect --disable-filters
               "--enable-filter=$tested_filters" --disable-x86asm "--extra-cflags=$FFMPEG_SANITIZE -g"
               "--extra-ldflags=$FFMPEG_SANITIZE -Wl,--allow-shlib-undefined")
    else
        flags=(--prefix=/usr --enable-gpl --disable-autodetect)
        for pair in libass:libass libfreetype:freetype2 libfontconfig:fontconfig libfribidi:fribidi \
                    librubberband:rubberband lv2:lilv-0 libzimg:zimg libbs2b:libbs2b \
                    libmysofa:libmysofa; do
            pkg-config --exists "${pair#*:}" && flags+=("--enable-${pair%%:*}")
        done
        echo '#include <ladspa.h>' | ${CC:-cc} -E -x c - > /dev/null 2>&1 && flags+=(--enable-ladspa)
    fi
    command -v nasm > /dev/null || command -v yasm > /dev/null || flags+=(--disable-x86asm)
    flags+=(--disable-programs --disable-doc --disable-debug --disable-avdevice
            --enable-shared --disable-static --enable-libpercepnet)
    [ -z "${CC:-}" ] || flags+=("--cc=$CC")
}

configure() {
    mkdir -p "$objects"
    [ "$(cat "$objects/flags" 2> /dev/null)" = "$(printf '%s\n' "${flags[@]}")" ] &&
        [ ! "$tree/configure" -nt "$objects/flags" ] && return
    echo "ffmpeg/build.sh: configuring libavfilter $(installed_version), log: $objects/configure.log"
    if ! (cd "$objects" && "$tree/configure" "${flags[@]}") > "$objects/configure.log" 2>&1; then
        tail -n 5 "$objects/configure.log" >&2
        fail "FFmpeg's configure failed (see $objects/configure.log and $objects/ffbuild/config.log)" \
             "${FFMPEG_FULL:+; for the full build: apt-get build-dep ffmpeg}"
    fi
    printf '%s\n' "${flags[@]}" > "$objects/flags"
}

run_make() { # ARGUMENTS
    make -C "$objects" -s -j"${JOBS:-$(nproc)}" "$@" >> "$objects/make.log" 2>&1 && return
    grep -E 'error|Error' "$objects/make.log" | head -n 5 >&2
    fail "FFmpeg did not compile, see $objects/make.log"
}

compile() {
    local exception=()
    echo "ffmpeg/build.sh: compiling libavfilter (the first time: some minutes), log: $objects/make.log"
    : > "$objects/make.log"
    if [ "${FFMPEG_SANITIZE:-}" ]; then # libavfilter adds to times that are beyond reason; we do not
        run_make libavfilter/af_percepnet.o
        exception=(ECFLAGS=-fno-sanitize=signed-integer-overflow)
    fi
    run_make "${exception[@]}" libavfilter/libavfilter.a libavfilter/libavfilter.ver
}

link() { # OUTPUT
    local name libraries=() extra complete=-Wl,--no-undefined
    case "${FFMPEG_SANITIZE:+${CC:-cc}}" in *clang*) complete= ;; esac # its sanitizers are in programs
    for name in avformat avcodec swscale postproc swresample avutil; do
        pkg-config --exists "lib$name" && libraries+=("-l$name")
    done
    extra=$(sed -n 's/^EXTRALIBS-avfilter=//p' "$objects/ffbuild/config.mak")
    grep -q '^CONFIG_ZLIB=yes' "$objects/ffbuild/config.mak" && extra+=" -lz" # FFmpeg has it from libavformat
    # shellcheck disable=SC2086
    ${CC:-cc} -shared -o "$1.new" -Wl,-soname,"$(basename "$1")" -Wl,-Bsymbolic $complete ${FFMPEG_SANITIZE:-} \
        -Wl,--as-needed -Wl,-z,relro,-z,now -Wl,-z,noexecstack \
        -Wl,--version-script="$objects/libavfilter/libavfilter.ver" \
        -Wl,--whole-archive "$objects/libavfilter/libavfilter.a" -Wl,--no-whole-archive \
        "${libraries[@]}" $extra ${FFMPEG_RPATH:+-Wl,-rpath,"$FFMPEG_RPATH"} ||
        fail "libavfilter did not link with the installed libraries: if they changed, remove $work and try again"
    mv "$1.new" "$1"
}

build() { # OUTPUT
    local tree objects flags key
    tree=$(source_tree)
    objects=$work/objects-$(installed_version)${FFMPEG_FULL:+-full}
    need pkg-config pkg-config
    need make make
    choose_flags
    key=$({ cat "$here/af_percepnet.c" "$here/apply.sh" "$here/build.sh" "$header"
            echo "${flags[*]} ${FFMPEG_RPATH:-} $(debian_version Version)"; } | cksum)
    if [ -e "$1" ] && [ "$(cat "$objects/key" 2> /dev/null)" = "$key" ]; then
        touch "$1" # only libpercepnet changed, and that is a shared library
        return
    fi
    fetch
    "$here/apply.sh" "$tree"
    configure
    compile
    link "$1"
    echo "$key" > "$objects/key"
}

[ $# -ge 2 ] || fail "usage: build.sh fetch WORK | build.sh build WORK OUTPUT"
mkdir -p "$2"
work=$(cd "$2" && pwd)
for folder in "$here" "$work"; do # FFmpeg's configure splits paths at them
    case $folder in
        *[[:blank:]]*) fail "FFmpeg does not build in a path with a space: $folder;" \
                            "move it, or leave the filter out (-Dffmpeg=disabled)" ;;
    esac
done
case $1 in
    fetch) fetch ;;
    build) build "${3:?OUTPUT is missing}" ;;
    *) fail "unknown command $1" ;;
esac

#!/bin/sh
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
#
# apply.sh [--all] TREE: add the percepnet filter to an FFmpeg source tree, 5.1 or later.
#   --all: also documentation, Changelog, MAINTAINERS and the FATE test, as for a patch to upstream.
# Can be run again at any time; stops with a message if the tree does not look as expected.
set -eu
unset CDPATH

here=$(cd "$(dirname "$0")" && pwd)
all=
[ "${1:-}" = --all ] && all=1 && shift
tree=${1:?usage: apply.sh [--all] FFMPEG-SOURCE-TREE}

fail() {
    echo "apply.sh: $*" >&2
    exit 1
}

# insert before|after FILE REGEX TEXT: add TEXT next to the only line that matches
insert() {
    file=$tree/$2
    [ -e "$file" ] || fail "$2 is missing in $tree: is it an FFmpeg source tree?"
    count=$(grep -cE "$3" "$file" || true)
    [ "$count" = 1 ] || fail "$2: $count lines match '$3' instead of one: this FFmpeg is not known yet"
    where=$1 pattern=$3 text=$4 awk '
        ENVIRON["where"] == "before" && $0 ~ ENVIRON["pattern"] { print ENVIRON["text"] }
        { print }
        ENVIRON["where"] == "after" && $0 ~ ENVIRON["pattern"] { print ENVIRON["text"] }
    ' "$file" > "$file.new"
    cat "$file.new" > "$file"
    rm "$file.new"
}

# present FILE: percepnet is in it already
present() {
    grep -q percepnet "$tree/$1" 2> /dev/null
}

# copy FROM TO: only if they differ, to keep the time stamp
copy() {
    cmp -s "$1" "$tree/$2" || cp "$1" "$tree/$2"
}

copy "$here/af_percepnet.c" libavfilter/af_percepnet.c

if ! present libavfilter/allfilters.c; then
    type=$(sed -nE 's/^extern const ([A-Za-z]+) ff_af_pan;/\1/p' "$tree/libavfilter/allfilters.c")
    insert after libavfilter/allfilters.c '^extern const [A-Za-z]+ ff_af_pan;' \
        "extern const $type ff_af_percepnet;"
fi
present libavfilter/Makefile || insert after libavfilter/Makefile '^OBJS-.\(CONFIG_PAN_FILTER\)' \
    'OBJS-$(CONFIG_PERCEPNET_FILTER)              += af_percepnet.o'
if ! present configure; then
    insert after configure '^  --enable-libopus  ' \
        '  --enable-libpercepnet    enable percepnet filter via libpercepnet [no]'
    insert after configure '^    libopus$' '    libpercepnet'
    insert before configure '^rubberband_filter_deps=' 'percepnet_filter_deps="libpercepnet"'
    insert before configure '^enabled libplacebo ' \
        'enabled libpercepnet      && require_pkg_config libpercepnet percepnet percepnet.h percepnet_create'
fi

[ "$all" ] || exit 0

present doc/filters.texi ||
    insert before doc/filters.texi '^@section replaygain$' "$(cat "$here/upstream/filters.texi")
"
present MAINTAINERS || insert after MAINTAINERS '^  af_pan\.c ' \
    '  af_percepnet.c                        The percepnet authors'
if ! present Changelog; then
    if grep -q '^version <next>:$' "$tree/Changelog"; then
        insert after Changelog '^version <next>:$' '- percepnet audio filter'
    else
        release=$(grep -m 1 '^version ' "$tree/Changelog" | sed 's/\./\\./g')
        insert before Changelog "^$release\$" "version <next>:
- percepnet audio filter

"
    fi
fi
present tests/fate/filter-audio.mak ||
    insert before tests/fate/filter-audio.mak '^FATE_AFILTER-.*SILENCEREMOVE_FILTER' \
        "$(cat "$here/upstream/fate.mak")
"
copy "$here/upstream/fate-ref" tests/ref/fate/filter-percepnet

#!/bin/sh
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
# level_symbols.sh LIBRARY...: the level libraries hold no code that the linker could keep in place
# of other files' copies (inline functions, templates): it may not run on older processors.
for library in "$@"; do
    shared=$(nm -C "$library" | grep -E ' [WVu] ')
    if [ -n "$shared" ]; then
        echo "$library shares code with other files; move it into the anonymous namespace:"
        echo "$shared"
        exit 1
    fi
done

#!/bin/sh
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
# Make a checkpoint of the trainer the library's default model, with gains a little higher and
# strengths as sure as was measured to be best (training/LOG.md).
#   training/release.sh CHECKPOINT.pt VERSION
set -eu
here=$(dirname "$0")
[ $# = 2 ] || { sed -n '4,6s/^# //p' "$0" >&2; exit 2; }
card='core/model/README.md'
recordings="training recordings under their own licences, listed in $card"
licences='CC0, Public Domain, CC-BY, CC-BY-SA, GPL-2+, GPL-3+, GFDL-1.3, Apache-2.0, MIT, BSD'
exec /usr/bin/python3 "$here/export.py" "$1" "$here/../core/model/default.safetensors" \
    --gain 1 0.15 --strength 2.2 1.5 --set name=percepnet-band48 --set "version=$2" \
    --set 'description=Fullband speech enhancement: noise and reverberation out, 30 ms' \
    --set "licence=BSD-2-Clause (weights); $recordings" \
    --set "data_licences=$licences; see $card" \
    --set 'training=training/train.py --size band48, see training/LOG.md'

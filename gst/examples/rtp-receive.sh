#!/bin/sh
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
# One direction of a call over RTP on the loopback: a sender process with loss
# and jitter, a receiver process that enhances the voice and writes a file.
# usage: rtp-receive.sh [codec=opus20] [loss=0.05] [seconds=10] [out=received.wav] [in-file]
. "$(dirname "$0")/common.sh"

codec "${1:-opus20}"
LOSS=${2:-0.05} SECONDS_=${3:-10} OUT=${4:-received.wav} IN=${5:-}
PORT=${PORT:-5004}

gst-launch-1.0 -e udpsrc address=$ADDRESS port="$PORT" caps="$RTPCAPS" timeout=3000000000 \
    ! rtpjitterbuffer latency="$JITTER_LATENCY" do-lost=true ! $DECODE \
    ! percepnet name=voice ! audioconvert ! wavenc ! filesink location="$OUT" &
receiver=$!
sleep 0.5
# A longer file is cut; a shorter one, and made-up audio, end by themselves.
timeout -s INT "$SECONDS_" gst-launch-1.0 -q $(live_source "$((SECONDS_ + 1))" "$IN") \
    ! "$CAPS" ! $ENCODE ! $(network "$LOSS") ! udpsink host=$ADDRESS port="$PORT" \
    <"${IN:-/dev/null}" &
finished $! "the sender"
sleep 1
kill -INT $receiver 2>/dev/null || true # -e: it finishes its file, if it is there still
finished $receiver "the receiver"
[ $FAILED -eq 0 ] || exit 1
echo "received: $OUT"

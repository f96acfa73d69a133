#!/bin/sh
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
# A server: one process that receives N streams, enhances each by an element of
# its own (they share one model) and sends it on.
# usage: rtp-server.sh [streams=8] [codec=opus20] [seconds=10]
. "$(dirname "$0")/common.sh"

STREAMS=${1:-8}
codec "${2:-opus20}"
SECONDS_=${3:-10}

server="" senders=""
for i in $(seq "$STREAMS"); do
    server="$server udpsrc address=$ADDRESS port=$((6000 + 2 * i)) caps=$RTPCAPS
        ! rtpjitterbuffer latency=$JITTER_LATENCY do-lost=true ! $DECODE ! queue
        ! percepnet ! audioconvert ! $CAPS ! $ENCODE
        ! udpsink host=$ADDRESS port=$((7000 + 2 * i)) async=false"
    senders="$senders $(live_source "$SECONDS_") ! $CAPS ! $ENCODE
        ! udpsink host=$ADDRESS port=$((6000 + 2 * i)) async=false"
done

timeout -s INT $((SECONDS_ + 2)) gst-launch-1.0 -q $server &
server_pid=$!
sleep 1
gst-launch-1.0 -q $senders &
finished $! "the senders"
finished $server_pid "the server"
times
exit $FAILED

#!/bin/sh
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
# A call with two ends over RTP on the loopback: each end enhances its own
# microphone before the encoder, and what it hears after the decoder.
# usage: rtp-call.sh [codec=opus20] [loss=0.01] [seconds=10]
# Writes what each end hears: call-a.wav, call-b.wav.
. "$(dirname "$0")/common.sh"

codec "${1:-opus20}"
LOSS=${2:-0.01} SECONDS_=${3:-10}

# party OWN-PORT PEER-PORT FILE: one signal, at which it finishes its file (-e), to it alone: the
# second one that timeout sends to a group would end it before that.
party() {
    timeout --foreground --preserve-status -s INT $((SECONDS_ + 3)) gst-launch-1.0 -q -e \
        $(live_source "$SECONDS_") ! "$CAPS" ! percepnet ! audioconvert ! "$CAPS" ! $ENCODE \
        ! $(network "$LOSS") ! udpsink host=$ADDRESS port="$2" async=false \
        udpsrc address=$ADDRESS port="$1" caps="$RTPCAPS" \
        ! rtpjitterbuffer latency="$JITTER_LATENCY" do-lost=true ! $DECODE \
        ! percepnet ! audioconvert ! wavenc ! filesink location="$3" async=false
}

party 5006 5008 call-a.wav &
a=$!
party 5008 5006 call-b.wav &
b=$!
finished $a "the end of call-a.wav"
finished $b "the end of call-b.wav"
[ $FAILED -eq 0 ] || exit 1
echo "heard: call-a.wav call-b.wav"

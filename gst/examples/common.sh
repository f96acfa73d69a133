# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
# Shared by the RTP examples: codecs, and a sender. Sourced, not run.
# Everything stays on the loopback address and ends by itself.
set -eu

ADDRESS=127.0.0.1
JITTER_LATENCY=${JITTER_LATENCY:-60} # ms, of the receiver's jitter buffer
FAILED=0

# finished PID NAME: waits for a program in the background, and tells when it failed; 124 is what
# timeout gives for one that it has ended, as planned.
finished() {
    status=0
    wait "$1" || status=$?
    if [ $status -ne 0 ] && [ $status -ne 124 ]; then
        echo "$2 failed (exit status $status)" >&2
        FAILED=1
    fi
}

# codec NAME: sets CAPS, ENCODE, RTPCAPS and DECODE.
codec() {
    rtp="application/x-rtp,media=audio"
    case $1 in
    opus10 | opus20 | opus60)
        CAPS="audio/x-raw,rate=48000,channels=1"
        fec="inband-fec=true packet-loss-percentage=10"
        ENCODE="opusenc frame-size=${1#opus} $fec ! rtpopuspay pt=96"
        RTPCAPS="$rtp,clock-rate=48000,encoding-name=OPUS,payload=96"
        DECODE="rtpopusdepay ! opusdec plc=true"
        ;;
    pcmu)
        CAPS="audio/x-raw,rate=8000,channels=1"
        ENCODE="mulawenc ! rtppcmupay min-ptime=20000000 max-ptime=20000000"
        RTPCAPS="$rtp,clock-rate=8000,encoding-name=PCMU,payload=0"
        DECODE="rtppcmudepay ! mulawdec"
        ;;
    l16)
        CAPS="audio/x-raw,rate=48000,channels=2"
        ENCODE="audioconvert ! rtpL16pay pt=97 mtu=1400 min-ptime=5000000 max-ptime=5000000"
        RTPCAPS="$rtp,clock-rate=48000,encoding-name=L16,channels=2,payload=97"
        DECODE="rtpL16depay"
        ;;
    *)
        echo "unknown codec '$1': use opus10, opus20, opus60, pcmu or l16" >&2
        exit 2
        ;;
    esac
}

# live_source SECONDS [FILE]: live audio of any format, made up, or of a file, which is then the
# standard input of the program that this is for, so that its name may have spaces.
live_source() {
    if [ -n "${2:-}" ]; then
        printf '%s' "fdsrc ! decodebin ! identity sync=true"
    else
        printf '%s' "audiotestsrc is-live=true wave=pink-noise samplesperbuffer=480 \
            num-buffers=$(($1 * 100)) ! audio/x-raw,rate=48000"
    fi
    echo " ! audioconvert ! audioresample"
}

# Packets are lost and delayed at the sender, as a network would.
network() {
    echo "netsim drop-probability=$1 delay-probability=0.2 min-delay=1 max-delay=20"
}

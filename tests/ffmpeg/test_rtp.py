# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""RTP on this machine: filtered before it is sent and after it is received."""
import os
import socket
import subprocess
import time

from harness import FFMPEG, RATE, cases, check, check_equal, ffmpeg, folder, main

SECONDS = 2


def free_port():
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(('127.0.0.1', 0))
            port = probe.getsockname()[1]
        if port % 2 == 0:
            return port


@cases([('libopus', 2), ('pcm_s16be', 1), ('pcm_mulaw', 1)], 'RTP out and in through SDP: {}')
def rtp(codec, channels):
    rate = 8000 if codec == 'pcm_mulaw' else RATE
    encode = ['-c:a', codec, '-ar', str(rate), '-ac', str(channels)]
    with folder() as where:
        sdp, result = os.path.join(where, 'a.sdp'), os.path.join(where, 'out.wav')
        url = f'rtp://127.0.0.1:{free_port()}'
        source = ['-f', 'lavfi', '-i', f'sine=r={RATE}:d={SECONDS + 1}']
        ffmpeg(['-v', 'error', *source, '-t', '0.01', *encode, '-f', 'rtp', '-sdp_file', sdp, url])
        receiver = subprocess.Popen(
            [
                FFMPEG,
                '-nostdin',
                '-v',
                'error',
                '-y',
                '-protocol_whitelist',
                'file,udp,rtp',
                '-i',
                sdp,
                '-af',
                'percepnet',
                '-t',
                str(SECONDS),
                '-c:a',
                'pcm_s16le',
                result,
            ]
        )
        time.sleep(0.5)
        sender = subprocess.Popen(
            [
                FFMPEG,
                '-nostdin',
                '-v',
                'error',
                '-re',
                *source,
                '-af',
                'percepnet',
                *encode,
                '-f',
                'rtp',
                url,
            ],
            stdout=subprocess.DEVNULL,
        )
        try:
            check_equal(receiver.wait(20), 0, 'exit status of the receiver')
        finally:
            for process in (sender, receiver):
                process.terminate()
                process.wait()
        got = ffmpeg(['-v', 'error', '-i', result, '-ac', '1', '-f', 'f32le', 'pipe:1']).samples
        check(abs(len(got) - SECONDS * RATE) <= RATE // 5, f'{len(got)} samples')


main()

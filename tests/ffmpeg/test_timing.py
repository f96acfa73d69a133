# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Timestamps: every sample stays where its timestamp puts it: starts, gaps, jumps, time bases."""
import numpy as np

from harness import (
    BYPASS,
    HOP,
    RATE,
    SOURCE,
    case,
    cases,
    check,
    check_equal,
    check_same,
    generated,
    main,
    timeline,
)

def check_timeline(graph, filters=BYPASS, around=()):
    """The filter moves, adds and loses nothing; samples near the seams in around are left out."""
    wanted_at, wanted = timeline(generated(graph))
    got_at, got = timeline(generated(f'{graph},{filters}'))
    keep = np.ones(len(wanted_at), bool)
    check_equal(len(got), len(wanted), 'samples')
    check_same(got[:, None], wanted[:, None], 'content')
    for seam in around:
        keep &= np.abs(wanted_at - seam) > HOP
    moved = np.flatnonzero((got_at != wanted_at) & keep)
    check(
        len(moved) == 0,
        f'{len(moved)} samples moved, the first from {wanted_at[moved[:1]]} '
        f'to {got_at[moved[:1]]}',
    )


@cases(['0.000', '0.001', '1.337', '3600'], 'a start at {} s')
def start(seconds):
    check_timeline(f'{SOURCE},asetpts=PTS+{seconds}/TB')


@case('a start before 0')
def negative_start():
    check_timeline(f'{SOURCE},asetpts=PTS-12345')


@cases([0.005, 0.0101, 0.02, 0.3, 0.99, 1.0, 7.5], 'a gap of {} s')
def gap(seconds):
    jump = round(seconds * RATE)
    check_timeline(f'{SOURCE},asetnsamples=1000:p=0,asetpts=PTS+gte(T\\,0.8)*{jump + 1}')


@cases([-0.02, -0.3, -1.5], 'a jump back by {} s')
def overlap(seconds):
    jump = round(seconds * RATE)
    check_timeline(f'{SOURCE},asetnsamples=1000:p=0,asetpts=PTS+10*{RATE}+gte(T\\,0.8)*{jump}')


@case('many gaps, frames of 333 samples')
def many_gaps():
    check_timeline(f"{SOURCE},asetnsamples=333:p=0,aselect='not(mod(floor(n/5),3))'")


@case('frames shorter than a hop between gaps')
def islands():
    check_timeline(f"{SOURCE},asetnsamples=100:p=0,aselect='not(mod(n,9))'")


@cases(['enhanced', 'residual'], 'gaps with output={}: length and timestamps')
def gap_enhanced(output):
    graph = f'{SOURCE},asetnsamples=700:p=0,asetpts=PTS+gte(T\\,0.5)*9600+gte(T\\,1.2)*{3 * RATE}'
    wanted_at, _ = timeline(generated(graph))
    got_at, _ = timeline(generated(f'{graph},percepnet=output={output}'))
    check(np.array_equal(got_at, wanted_at), 'timestamps differ')


@case('jitter below 5 ms is not taken for a gap')
def jitter():
    graph = f"{SOURCE},asetnsamples=1024:p=0,asetpts='floor(PTS/48)*48'"  # milliseconds
    wanted, got = generated(graph), generated(f'{graph},{BYPASS}')
    check_same(got.samples, wanted.samples)
    check_equal(
        [count for _, count in got.frames[:-1]], [HOP] * (2 * RATE // HOP - 1), 'whole hops'
    )
    late = max(abs(pts - i * HOP) for i, (pts, _) in enumerate(got.frames))
    check(late <= 48, f'a hop is {late} samples off')


@cases([300, 1500, 9600], 'timestamps that jump by {} samples: the sound is that without jumps')
def jumps_are_not_heard(jump):
    """A live source that is stamped by the clock: frames follow each other, their times do not."""
    frames = f'{SOURCE},asetnsamples=1024:p=0'
    graph = f"{frames},asetpts='PTS+mod(floor(N/1024)\\,2)*{jump}'"
    wanted, got = generated(f'{frames},percepnet'), generated(f'{graph},percepnet')
    check_same(got.samples, wanted.samples)
    check(np.array_equal(timeline(got)[0], timeline(generated(graph))[0]), 'timestamps differ')


@case('a jump within a hop: readings for both of its parts')
def parts_have_readings():
    graph = f'{SOURCE},asetnsamples=700:p=0,asetpts=PTS+gte(T\\,0.5)*9600'
    log = generated(f'{graph},percepnet,ametadata=mode=print:key=lavfi.percepnet.snr').log
    got = generated(f'{graph},percepnet')
    check_equal(log.count('lavfi.percepnet.snr='), len(got.frames), 'readings')
    check(any(count < HOP for _, count in got.frames[:-1]), 'no hop was in parts')


@case('a time base of milliseconds')
def coarse_time_base():
    result = generated(f'{SOURCE},asettb=1/1000,{BYPASS}')
    check_equal(len(result.samples), 2 * RATE, 'samples')
    check(all(abs(pts - i * 10) <= 1 for i, (pts, _) in enumerate(result.frames)), 'hops are off')


main()

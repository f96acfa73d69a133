#!/usr/bin/python3
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Enhance a folder of noisy files with the engine and print scores against the clean ones.

    training/evaluate.py --noisy DIR --clean DIR [--model FILE] [--out DIR]

The two folders hold WAV or FLAC files of the same names. Behind the scores: what the noise changes
by in pauses (frames of 10 ms in which the clean file is 50 dB or more below its loudest), and what
loud voice (those within 15 dB of it) differs by from the clean one; medians over all frames.

With --against DIR, what another program made of the same files, the mean differences to it follow,
pair by pair; what DIR lacks is left out. With --snr TABLE, tab-separated with the columns `file`
(a name without its ending) and `snr_db`, SI-SDR follows by SNR. With --scorer COMMAND, that program
is run as `COMMAND OUT` in the end, for other scores; paired.py compares what it writes. The
intervals are of 95 % (Student's t). Of files of other lengths the part that both have is compared;
one whose clean file is silent has no scores, and is a pause.
"""
import argparse
import csv
import os
import shlex
import subprocess
import sys
import tempfile

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import metrics  # noqa: E402

CUT = metrics.RATE // 10  # samples that may be missing without a word


def read(path):
    command = ['ffmpeg', '-v', 'error', '-nostdin', '-i', path,
               '-ac', '1', '-ar', str(metrics.RATE), '-f', 'f32le', '-']
    raw = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    return np.frombuffer(raw, np.float32).astype(np.float64)


def together(name, *signals):
    """The signals as far as all of them go."""
    lengths = [len(x) for x in signals]
    if min(lengths) < max(lengths) - CUT:
        print('evaluate.py: %s: of %.1f s only %.1f are compared, as the files differ in length' % (
            name, max(lengths) / metrics.RATE, min(lengths) / metrics.RATE), file=sys.stderr)
    return [x[:min(lengths)] for x in signals]


def stem(name):
    return os.path.splitext(name)[0]


def pairs(noisy, clean):
    """Names in the two folders that differ at most in their ending."""
    found = {stem(name): name for name in os.listdir(clean)}
    for name in sorted(os.listdir(noisy)):
        if stem(name) in found:
            yield name, found[stem(name)]


def enhance(args, name, out):
    options = ['--model', args.model] if args.model else []
    if args.post_filter is not None:
        options += ['--post-filter', str(args.post_filter)]
    subprocess.run([args.program, '--force', *options, os.path.join(args.noisy, name), out],
                   check=True, stdout=subprocess.DEVNULL)


def show(label, rows):
    columns = [(name, *metrics.interval([row[name] for row in rows])) for name in rows[0]]
    print(label.ljust(10) + '  '.join('%s %.3f +-%.3f' % column for column in columns))


def show_levels(label, parts):
    changes = np.concatenate(parts)
    if len(changes):
        print('%-10smedian %+.2f dB (%d frames)' % (label, np.median(changes), len(changes)))


def show_by_snr(snr_of, measured):
    """One line: each SNR with the mean SI-SDR of its files, before and after."""
    groups = {}
    for name, steps in measured:
        values = [step['si_sdr'] for step in steps]
        if not np.isnan(values).any():
            groups.setdefault(snr_of[name], []).append(values)
    means = ('%g dB %s' % (snr, ' -> '.join('%.1f' % mean for mean in np.mean(groups[snr], 0)))
             for snr in sorted(groups))
    print('SI-SDR by SNR: ' + '; '.join(means))


def read_snr(path, names):
    with open(path, encoding='utf-8') as table:
        rows = csv.DictReader(table, delimiter='\t')
        if not {'file', 'snr_db'} <= set(rows.fieldnames or ()):
            sys.exit('evaluate.py: %s has no columns file and snr_db' % path)
        try:
            found = {row['file']: float(row['snr_db']) for row in rows}
        except (TypeError, ValueError) as error:
            sys.exit('evaluate.py: %s: %s' % (path, error))
    for name in names:
        if name not in found:
            sys.exit('evaluate.py: %s has no row of %s' % (path, name))
    return found


def evaluate(args, out):
    before, after, differences, in_pauses, in_voice = [], [], [], [], []
    files = list(pairs(args.noisy, args.clean))[:args.limit]
    others = dict(pairs(args.clean, args.against)) if args.against else {}
    names = [stem(name) for name, _ in files]
    snr_of = read_snr(args.snr, names) if args.snr else None
    for name, reference in files:
        clean, noisy = together(name, read(os.path.join(args.clean, reference)),
                                read(os.path.join(args.noisy, name)))
        before.append(metrics.scores(clean, noisy))
        if not args.as_is:
            target = os.path.join(out, stem(name) + '.wav')
            enhance(args, name, target)
            enhanced = read(target)[:len(clean)]
            after.append(metrics.scores(clean, enhanced))
            level = metrics.levels(enhanced)
            in_pauses.append((level - metrics.levels(noisy))[metrics.pauses(clean)])
            in_voice.append((level - metrics.levels(clean))[metrics.loud(clean)])
        if reference in others:
            cut, ours, theirs = together(name, clean, noisy if args.as_is else enhanced,
                                         read(os.path.join(args.against, others[reference])))
            scores = (after or before)[-1]
            if len(cut) < len(clean):
                scores = metrics.scores(cut, ours)
            differences.append({key: scores[key] - value
                                for key, value in metrics.scores(cut, theirs).items()})
    if not before:
        sys.exit('evaluate.py: %s and %s have no file in common' % (args.noisy, args.clean))
    if args.against and not differences:
        sys.exit('evaluate.py: %s has no file of the names in %s' % (args.against, args.clean))
    show('as is' if args.as_is else 'noisy', before)
    if after:
        show('enhanced', after)
        show_levels('pauses', in_pauses)
        show_levels('voice', in_voice)
    if differences:
        show('against', differences)
    if snr_of:
        show_by_snr(snr_of, zip(names, zip(before, after) if after else zip(before)))
    print('%d files' % len(before))


def run(args):
    with tempfile.TemporaryDirectory() as scratch:
        out = args.noisy if args.as_is else args.out or scratch
        os.makedirs(out, exist_ok=True)
        evaluate(args, out)
        if args.scorer:
            subprocess.run(shlex.split(args.scorer) + [out], check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--noisy', required=True)
    parser.add_argument('--clean', required=True)
    parser.add_argument('--model', help='a model file (default: the one inside the library)')
    parser.add_argument('--post-filter', type=float, help='0 to 1 (default: that of the program)')
    parser.add_argument('--program', default='build/tools/percepnet')
    parser.add_argument('--as-is', action='store_true',
                        help='only score the files of --noisy: rungs of the oracle ladder')
    parser.add_argument('--out', help='where to leave the enhanced files')
    parser.add_argument('--against', help="folder of another program's output")
    parser.add_argument('--snr', help='a table of the SNR of the noisy files')
    parser.add_argument('--limit', type=int, help='only so many files')
    parser.add_argument('--scorer', help='a command for other scores')
    args = parser.parse_args()
    for folder in filter(None, (args.noisy, args.clean, args.against)):
        if not os.path.isdir(folder):
            sys.exit('evaluate.py: %s is no folder' % folder)
        if args.out and not args.as_is and os.path.realpath(args.out) == os.path.realpath(folder):
            sys.exit('evaluate.py: --out is a folder of its own, not %s' % folder)
    try:
        run(args)
    except subprocess.CalledProcessError as error:
        sys.exit('evaluate.py: this failed: ' + shlex.join(error.cmd))
    except OSError as error:
        sys.exit('evaluate.py: %s' % error)


if __name__ == '__main__':
    main()

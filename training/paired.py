#!/usr/bin/python3
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Means of scores and paired differences to one system, as the tables of docs/quality.md.

    training/paired.py --system NAME TABLE...

A table has a line for each file and system, as a scorer of evaluate.py may write it: tab-separated,
with a header that names the columns `system`, `file` and any of stoi, estoi, sisdr, segsnr, lsd,
sig, bak, ovrl and p808; other columns are ignored. Several tables are read as one. The means are
over all files of a system, the differences (NAME minus the other) over those that both have, with
intervals of 95 % (Student's t); a cell that is empty counts nowhere.
"""
import argparse
import csv
import math
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import metrics  # noqa: E402

# Column: heading, digits after the point.
MEASURES = {'stoi': ('STOI', 3), 'estoi': ('ESTOI', 3), 'sisdr': ('SI-SDR', 2),
            'segsnr': ('segSNR', 2), 'lsd': ('LSD', 2), 'sig': ('SIG', 2), 'bak': ('BAK', 2),
            'ovrl': ('OVRL', 2), 'p808': ('P.808', 2)}


def fail(message):
    sys.exit('paired.py: %s' % message)


def numbers(path, row):
    """Of a row, by measure; NaN where there is none."""
    try:
        return {name: float(row.get(name) or 'nan') for name in MEASURES}
    except ValueError as error:
        fail('%s, %s of %s: %s' % (path, row['file'], row['system'], error))


def read(paths):
    """{system: {file: {measure: number}}} and the measures that there are."""
    systems, found = {}, set()
    for path in paths:
        with open(path, encoding='utf-8') as table:
            rows = csv.DictReader(table, delimiter='\t')
            if not {'system', 'file'} <= set(rows.fieldnames or ()):
                fail('%s has no columns system and file' % path)
            found |= set(rows.fieldnames)
            for row in rows:
                files = systems.setdefault(row['system'], {})
                if row['file'] in files:
                    fail('%s of %s is there twice' % (row['file'], row['system']))
                files[row['file']] = numbers(path, row)
    return systems, [name for name in MEASURES if name in found]


def line(*cells):
    print('| ' + ' | '.join(cells) + ' |')


def heading(label, measures):
    line(label, *(MEASURES[name][0] for name in measures))
    print('|---' * (1 + len(measures)) + '|')


def mean_cell(name, values):
    mean, _ = metrics.interval(values)
    return '-' if math.isnan(mean) else '%.*f' % (MEASURES[name][1], mean)


def difference_cell(name, values):
    mean, half = metrics.interval(values)
    digits = MEASURES[name][1]
    return '-' if math.isnan(mean) else '%+.*f ± %.*f' % (digits, mean, digits, half)


def show_means(systems, measures):
    heading('', measures)
    for system, files in systems.items():
        line(system, *(mean_cell(name, [row[name] for row in files.values()])
                       for name in measures))


def show_differences(systems, one, measures):
    heading(one + ' minus', measures)
    ours = systems[one]
    for system, theirs in systems.items():
        if system == one:
            continue
        both = ours.keys() & theirs.keys()
        if not both:
            fail('%s and %s have no file in common' % (one, system))
        few = '' if len(both) == len(ours) else ' (%d of %d files)' % (len(both), len(ours))
        line(system + few, *(difference_cell(name, [ours[file][name] - theirs[file][name]
                                                    for file in both]) for name in measures))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('tables', nargs='+', metavar='TABLE')
    parser.add_argument('--system', required=True, help='the one that the others are taken from')
    args = parser.parse_args()
    try:
        systems, measures = read(args.tables)
    except OSError as error:
        fail(error)
    if args.system not in systems:
        fail('no system %s; there are %s' % (args.system, ', '.join(systems)))
    show_means(systems, measures)
    print()
    show_differences(systems, args.system, measures)


if __name__ == '__main__':
    main()

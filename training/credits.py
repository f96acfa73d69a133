#!/usr/bin/python3
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Prints the sources of the training data with their licences: the tables of the model card.

    credits.py DATA     DATA: folder with speech.tsv, noise.tsv and rirs.tsv"""
import collections
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from prepare import read_manifest  # noqa: E402


def read(folder, name):
    rows = read_manifest(os.path.join(folder, name))
    return [row for row in rows if row.get('split', 'train') == 'train']


def table(rows, title, columns):
    """A line for each source: licences with their number of files, minutes, what columns count."""
    groups = collections.defaultdict(list)
    for row in rows:
        groups[row['source']].append(row)
    names = ''.join(' %s |' % c for c in columns)
    print('\n## %s\n\n| source | licences (files) | minutes |%s' % (title, names))
    print('|---|---|---|' + '---|' * len(columns))
    for source in sorted(groups):
        licences = collections.Counter(row['licence'].strip() for row in groups[source])
        text = '; '.join('%s (%d)' % item for item in licences.most_common())
        minutes = sum(float(row['seconds']) for row in groups[source]) / 60
        counts = ''.join(' %d |' % len({row[c] for row in groups[source]}) for c in columns)
        print('| %s | %s | %.1f |%s' % (source, text, minutes, counts))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = sys.argv[1]
    table(read(folder, 'speech.tsv'), 'Speech', ['speaker', 'language'])
    table(read(folder, 'noise.tsv'), 'Noise', ['category'])
    table(read(folder, 'rirs.tsv'), 'Room responses', [])


if __name__ == '__main__':
    main()

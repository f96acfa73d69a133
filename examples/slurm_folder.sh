#!/bin/sh
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
# A folder of recordings on several machines: a job array of Slurm, whose tasks share the files out.
# All machines see both folders and have percepnet installed.
#
#     sbatch --array=0-7 slurm_folder.sh NOISY CLEAN [options of percepnet]
#
# Task k of N takes every N-th file that has the extension of a format which percepnet writes, in
# the order of their names; the first one tells what is left out. Each output has the name and the
# place of its input. What is there already is left alone: submit the same line again after a task
# was lost, and only the missing files are made. A task fails if one of its files does.
#SBATCH --job-name=percepnet
#SBATCH --cpus-per-task=1
set -eu

if [ $# -lt 2 ] || [ -z "${SLURM_ARRAY_TASK_ID:-}" ]; then
    echo "usage: sbatch --array=0-7 slurm_folder.sh NOISY CLEAN [options of percepnet]" >&2
    exit 2
fi
noisy=${1%/} clean=${2%/}
task=$((SLURM_ARRAY_TASK_ID - SLURM_ARRAY_TASK_MIN))
if [ $((SLURM_ARRAY_TASK_MAX - SLURM_ARRAY_TASK_MIN + 1)) -ne "$SLURM_ARRAY_TASK_COUNT" ]; then
    echo "slurm_folder.sh: take an array without holes: files of the others would be left out" >&2
    exit 2
fi
shift 2

sound='\.(wav|flac|og[ga]|opus|mp3|aiff?|au|caf|w64|rf64|m4[abv]|aac|mk[av]|mp4|mov|webm|ts)$'
list=$(mktemp)
trap 'rm -f "$list"' EXIT
# LC_ALL: elsewhere grep leaves out names that are no text in the user's language.
find "$noisy/" -xtype f | LC_ALL=C grep -Ei "$sound" | LC_ALL=C sort |
    LC_ALL=C awk -v n="$SLURM_ARRAY_TASK_COUNT" -v k="$task" '(NR - 1) % n == k' > "$list"
if [ "$task" -eq 0 ]; then
    { find "$noisy/" -xtype f | LC_ALL=C grep -Eiv "$sound" || true
      find "$noisy/" ! -type d ! -xtype f; } | sed 's/^/left out: /'
fi

failed=0
while IFS= read -r file; do
    out=$clean/${file#"$noisy"/}
    [ ! -e "$out" ] || continue
    mkdir -p "$(dirname "$out")"
    echo "$file"
    percepnet --quiet "$@" "$file" "$out" < /dev/null || failed=$((failed + 1))
done < "$list"
echo "$(wc -l < "$list") files of this task, $failed failed"
[ "$failed" -eq 0 ]

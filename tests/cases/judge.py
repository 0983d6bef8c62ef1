#!/usr/bin/env python3
"""Run the images of make.py by `sandbox run`, each in a store of its own, and write whether each gave the right answer.

    judge.py DIR RESULTS

DIR is what make.py made; RESULTS becomes a table for judge_rows of lib.sh.  Nothing may be left in the staging of a store, nor an image of one that was refused.
Touches a new directory below $TMPDIR.  Python's standard library only.
"""
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile

SECONDS = 120


def listing(*path):
    try:
        return os.listdir(os.path.join(*path))
    except FileNotFoundError:
        return []


def right(row, got):
    """Is this one of the answers that the row allows?"""
    status, out, err = got
    refused = 125 <= status <= 127 and out == '' and len(re.findall('^sandbox: ', err, re.M)) == 1
    if 'refused' in row:
        return refused and re.search(row['refused'], err) is not None
    if row.get('or') == 'refused' and refused:
        return True
    texts = row['stdout'] if isinstance(row['stdout'], list) else [row['stdout']]
    return status == row.get('status', 0) and out in texts


def judge(row, folder, top):
    """One image: name, verdict, status, output, standard error, remark."""
    store = tempfile.mkdtemp(prefix='store-', dir=top)
    command = ['sandbox', '--store', store, 'run', os.path.join(folder, row['image'])]
    done = subprocess.run([*command, *(row['args'] or [])], stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False,
                          umask=row.get('umask', 0o022))
    got = done.returncode, done.stdout.decode(errors='backslashreplace'), done.stderr.decode(errors='backslashreplace')
    wrong = [] if right(row, got) else [f'want: {row}']
    if left := listing(store, 'staging'):
        wrong.append(f'left in staging: {left}')
    if got[0] == 125 and 'refused' in row and len(listing(store, 'images')) > 1:
        wrong.append('more than one image')
    return [row['image'], 'FAIL' if wrong else 'pass', *map(repr, got), '; '.join(wrong)]


def main():
    folder = os.path.abspath(sys.argv[1])
    with open(os.path.join(folder, 'list.json'), encoding='ascii') as f:
        rows = json.load(f)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as top, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda row: judge(row, folder, top), rows))
        subprocess.run(['chmod', '-R', 'u+rwX', top], check=False)
    with open(sys.argv[2], 'w', encoding='utf-8') as f:
        for line in (['name', 'verdict', 'status', 'output', 'error', 'remark'], *results):
            f.write('\t'.join(line) + '\n')


if __name__ == '__main__':
    main()

#!/usr/bin/env python3
"""Kill `sandbox` at random moments while it unpacks an image, and say in TAP what came of it.

    kill.py IMAGE N [SEED]

Of N processes a third each gets KILL, TERM and INT.  After KILL the store holds the image whole or not at all; after TERM and
INT nothing is left at once, and the process has ended by the signal (or was done by then).  The next run succeeds, with
the right tree and a clean store.  Then 20 runs start at once, of which one is killed: the image is unpacked once or, where the
one that was killed was the one that unpacked, twice; the 19 others succeed.
Touches a new directory below $TMPDIR.  Python's standard library only.
"""
import concurrent.futures
import os
import random
import signal
import subprocess
import sys
import time

sys.argv[1] = os.path.abspath(sys.argv[1])
from inject import Place, reference, remove, tree  # noqa: E402 # reads the image's name from the command line

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)


def start(place, *options):
    command = place.command()
    return subprocess.Popen([command[0], *options, *command[1:]], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def one(verb, number, after, want):
    """One process that is sent a signal some seconds after its start; returns what is wrong."""
    place, wrong = Place(verb), []
    p = start(place)
    time.sleep(after)
    p.send_signal(number)
    said = p.communicate(timeout=180)[1].decode()
    # The payload is process 1 of its namespace, and what its parent forwards may end it: 128 + number.
    if p.returncode not in (0, -number, 128 + number):
        wrong.append(f'status {p.returncode}, said {said!r}')
    if number != signal.SIGKILL and place.leftovers():
        wrong.append(f'left at once: {place.leftovers()}')
    wrong += ['a tree that is not whole' for t in place.trees() if tree(t) != want]
    if verb == 'unpack':
        remove(place.target)
    place.age()
    status, said = place.run()
    if status != 0 or said:
        wrong.append(f'the next run: status {status}, said {said!r}')
    elif [tree(t) for t in place.trees()] != [want]:
        wrong.append('the next run: not the right tree')
    subprocess.run(['sandbox', '--store', place.store, 'ps'], capture_output=True, check=False)
    if place.leftovers():
        wrong.append(f'left by the next run: {place.leftovers()}')
    remove(place.top)
    return p.returncode, wrong


def together(after, want):
    place, wrong = Place('run'), []
    ps = [start(place, '--verbose') for _ in range(20)]
    time.sleep(after)
    ps[0].kill()
    said = [p.communicate(timeout=300)[1].decode() for p in ps]
    unpacked = sum('unpacked' in s for s in said)
    if not 1 <= unpacked <= 2 or (unpacked == 2 and ps[0].returncode == 0):
        wrong.append(f'unpacked {unpacked} times')
    wrong += [f'status {p.returncode}, said {s!r}' for p, s in zip(ps[1:], said[1:]) if p.returncode != 0]
    if [tree(t) for t in place.trees()] != [want]:
        wrong.append('not the right tree')
    if place.leftovers():
        place.age()
        place.run()
        if place.leftovers():
            wrong.append(f'left behind: {place.leftovers()}')
    remove(place.top)
    return wrong


def main():
    n, seed = int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else int(time.time())
    dice = random.Random(seed)
    print(f'# seed {seed}')
    rows = []
    pool = concurrent.futures.ThreadPoolExecutor(os.cpu_count())
    for verb in ('run', 'unpack'):
        want = reference(verb)
        place, began = Place(verb), time.monotonic()
        place.run()
        whole = time.monotonic() - began
        remove(place.top)
        for number in SIGNALS:
            wrong, ended = [], 0
            # Most of the time goes by in unpacking; a few come when it is over.
            moments = [dice.uniform(0, whole * 1.05) for _ in range((n + 5) // 6)]
            for after, (status, found) in zip(moments, pool.map(lambda t, v=verb, s=number, w=want: one(v, s, t, w), moments)):
                ended += status != 0
                wrong += [f'after {after:.4f} of {whole:.4f} seconds: {w}' for w in found]
            rows.append((f'{verb}: {(n + 5) // 6} times {signal.Signals(number).name}, {ended} of them before it was done', wrong))
    want = reference('run')
    for _ in range(max(1, n // 25)):
        after = dice.uniform(0, 0.5)
        rows.append((f'20 runs at once, one of them killed after {after:.3f} seconds', together(after, want)))
    for i, (name, wrong) in enumerate(rows, 1):
        print(f'{"not ok" if wrong else "ok"} {i} - {name}')
        for w in wrong:
            print('# ' + w)
    print(f'1..{len(rows)}')


if __name__ == '__main__':
    main()

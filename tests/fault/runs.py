#!/usr/bin/env python3
"""Kill running sandboxes at random moments, start many at once, and say in TAP what is left.

    runs.py IMAGE N [SEED]

N runs of an image that is in the store, four at a time: in the foreground or detached, with --scratch, --writable or --no-init.
A random signal reaches the runner, process 1 or the command, at a random moment between the first instruction and a while after the
start.  A moment later no process of the run is alive and nobody lists it; in the end the mounts are those of before, and
the store holds the image, what --writable keeps, and nothing else.  Then 64 start at once, are all listed, and are stopped.
Touches a new directory below $TMPDIR.  Python's standard library only.
"""
import concurrent.futures
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

IMAGE = os.path.abspath(sys.argv[1])
TOP = tempfile.mkdtemp(prefix='runs-')
STORE = os.path.join(TOP, 'store')
SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)
WAYS = ('foreground', 'detached', 'scratch', 'writable', 'no-init')
VICTIMS = ('runner', 'process 1', 'command')
TOGETHER = 64
SECONDS = 30


def sandbox(*words, **more):
    return subprocess.run(['sandbox', '--store', STORE, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, **more)


def processes(mark):
    """Those whose command line has the mark: the runner, process 1 before and after the start, the command and its children."""
    found = {}
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{pid}/cmdline', 'rb') as f:
                words = f.read().split(b'\0')
            with open(f'/proc/{pid}/stat', encoding='ascii', errors='replace') as f:
                state, parent = f.read().rsplit(')', 1)[1].split()[:2]
        except OSError:
            continue
        if mark.encode() in b' '.join(words) and state not in 'ZX' and int(pid) != os.getpid():
            found[int(pid)] = (int(parent), words[0])
    return found


def victim_of(which, mark):
    """The process to kill, or None where it is not there (yet, or any more)."""
    found = processes(mark)
    mine = [p for p, (_, name) in found.items() if name.endswith(b'sandbox')]
    runner = next((p for p in mine if found[p][0] not in found), None)
    inner = next((p for p in mine if found[p][0] == runner), None)
    if which == 'command':
        return next((p for p, (_, name) in found.items() if not name.endswith(b'sandbox')), None)
    return runner if which == 'runner' else inner


def gone(mark):
    until = time.monotonic() + SECONDS
    while processes(mark):
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def listed(name):
    return [r for r in json.loads(sandbox('ps', '--json').stdout or '[]') if r.get('name') == name]


def one(number, way, which, kill, after):
    """One run that is sent a signal some seconds after its start; returns what is wrong."""
    mark, name = f'77{number:07d}', f'run{number}'
    scratch = os.path.join(TOP, f'scratch{number}')
    os.mkdir(scratch)
    options = {'detached': ['-d'], 'scratch': ['--scratch', scratch], 'writable': ['--writable', f'kept{number}'], 'no-init': ['--no-init']}
    # The mark is a number of seconds as well, so that the command's child has it, too.
    p = subprocess.Popen(['sandbox', '--store', STORE, 'run', '--name', name, *options.get(way, []), IMAGE, 'sh', '-c',
                          f'sleep {mark} & echo x >/file; wait'], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(after)
    victim = victim_of(which, mark)
    if victim:
        try:
            os.kill(victim, kill)
        except ProcessLookupError:
            pass
    wrong = []
    # A command whose turn had not come, or that a shell as process 1 kept from the signal, is still there.
    try:
        p.wait(0.2)
    except subprocess.TimeoutExpired:
        pass
    # One in the background whose starter was killed early may only now be on its way to being listed.
    until = time.monotonic() + SECONDS
    while processes(mark) and time.monotonic() < until:
        if sandbox('stop', '-t', '1', name).returncode != 0:
            time.sleep(0.05)
    p.wait(SECONDS)
    if not gone(mark):
        wrong.append(f'still alive: {processes(mark)}')
    if listed(name):
        wrong.append('ps still lists it')
    if way == 'scratch' and os.listdir(scratch):
        # What a runner that was killed could not remove, the next one does.
        if kill != signal.SIGKILL:
            wrong.append(f'left in --scratch by {kill.name}: {os.listdir(scratch)}')
        sandbox('run', '--scratch', scratch, IMAGE, 'true')
        if os.listdir(scratch):
            wrong.append(f'left in --scratch: {os.listdir(scratch)}')
    if way == 'writable':
        # Where it was killed before it began there is nothing to remove.
        p = sandbox('rm', '--writable', f'kept{number}')
        if p.returncode != 0 and 'no such' not in p.stderr:
            wrong.append(f'rm --writable: {p.stderr!r}')
    if way == 'detached':
        # The status of one that got as far as its command is kept for who asks.
        sandbox('wait', name, timeout=SECONDS)
    shutil.rmtree(scratch, ignore_errors=True)
    return bool(victim), wrong


def together():
    wrong = []
    names = [f'many{i}' for i in range(TOGETHER)]
    began = time.monotonic()
    ps = [subprocess.Popen(['sandbox', '--store', STORE, 'run', '-d', '--name', n, IMAGE, 'sleep', '7799999'], stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE) for n in names]
    for p, n in zip(ps, names):
        said = p.communicate(timeout=300)[1]
        if p.returncode != 0:
            wrong.append(f'{n}: status {p.returncode}, said {said!r}')
    print(f'# {TOGETHER} were started at once in {time.monotonic() - began:.2f} seconds')
    rows = [r.get('name') for r in json.loads(sandbox('ps', '--json').stdout)]
    if sorted(rows) != sorted(names):
        wrong.append(f'{len(rows)} are listed')
    stopped = sandbox('kill', *names)
    if stopped.returncode != 0:
        wrong.append(f'kill: {stopped.stderr!r}')
    if not gone('7799999'):
        wrong.append(f'still alive: {processes("7799999")}')
    if json.loads(sandbox('ps', '--json').stdout):
        wrong.append('some are still listed')
    if sandbox('wait', *names).stdout.split() != ['137'] * TOGETHER:
        wrong.append('wait does not give 137 for each')
    return wrong


def mounts():
    with open('/proc/self/mountinfo', encoding='utf-8') as f:
        return sorted(f)


def held():
    """What is in the store, by name."""
    return sorted(os.path.relpath(os.path.join(folder, f), STORE) for folder, folders, files in os.walk(STORE) for f in folders + files
                  if f'{os.sep}rootfs{os.sep}' not in os.path.join(folder, f))


def main():
    n, seed = int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else int(time.time())
    dice = random.Random(seed)
    print(f'# seed {seed}')
    sandbox('run', '--writable', 'first', IMAGE, 'true')
    sandbox('rm', '--writable', 'first')
    began = time.monotonic()
    sandbox('run', IMAGE, 'true')
    whole = time.monotonic() - began
    before, has = mounts(), held()
    plans = [(i, dice.choice(WAYS), dice.choice(VICTIMS), dice.choice(SIGNALS), dice.uniform(0, whole * 6)) for i in range(n)]
    rows = {}
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for (_, way, which, kill, after), (hit, found) in zip(plans, pool.map(lambda plan: one(*plan), plans)):
            row = rows.setdefault((way, which), [0, 0, []])
            row[0] += 1
            row[1] += hit
            row[2] += [f'{kill.name} after {after:.4f} seconds: {w}' for w in found]
    told = [(f'{way}: {row[0]} runs, {row[1]} of them hit at the {which}', row[2]) for (way, which), row in sorted(rows.items())]
    sandbox('run', IMAGE, 'true')
    told.append(('the mounts are those of before', [] if mounts() == before else ['they differ']))
    now = held()
    told.append(('the store holds what it held', [f'left: {sorted(set(now) - set(has))[:20]}, lost: {sorted(set(has) - set(now))[:20]}'] if now != has else []))
    told.append((f'{TOGETHER} at once start, are listed, and stop', together()))
    now = held()
    told.append(('and leave nothing', [f'left: {sorted(set(now) - set(has))[:20]}'] if now != has else []))
    for i, (name, wrong) in enumerate(told, 1):
        print(f'{"not ok" if wrong else "ok"} {i} - {name}')
        for w in wrong[:20]:
            print('# ' + w)
    print(f'1..{len(told)}')
    subprocess.run(['chmod', '-R', 'u+rwX', TOP], check=False)
    shutil.rmtree(TOP)


if __name__ == '__main__':
    main()

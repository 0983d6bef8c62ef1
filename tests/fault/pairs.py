#!/usr/bin/env python3
"""Stop one process at each of its system calls in a store, let others go on meanwhile, and say in TAP what came of it.

    pairs.py IMAGE [--step N] [FIRST/SECOND[/THIRD...]]...

FIRST is stopped by strace(1) after one of its system calls, for every N-th, and all around flock(2), from its first look at the store
to the start of its command, or to its end; SECOND and then the others run in the same store to their ends, before FIRST goes on.  SECOND~ is stopped half-way
through the files that it removes, until FIRST has ended.  One that waits for another goes on when that does.
In the end, whatever the order:
    who used an image has seen all of it, or was told that it is gone;
    what was in use, or was named with success, is there; the store holds whole images, and nothing half-made.
Touches a new directory below $TMPDIR.  Python's standard library only.
"""
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

IMAGE = os.path.abspath(sys.argv[1])
SECONDS = 90
PATIENCE = 0.5  # for one that may be waiting
LIST = ['sh', '-c', 'find / -xdev | sort | md5sum; cat /etc/marker']
VERBS = {
    'run': ['run', 'test:1', *LIST],
    'run file': ['run', IMAGE, *LIST],
    'writable': ['run', '--writable', 'k', 'test:1', 'sh', '-c', 'echo x >/f && cat /f /etc/marker'],
    'live': ['run', '-d', '--name', 'live', IMAGE, 'sleep', '1000'],
    'live writable': ['run', '-d', '--name', 'live', '--writable', 'k', IMAGE, 'sleep', '1000'],
    'verify': ['verify', 'test:1'],
    'save': ['save', 'test:1'],
    'hold': ['save', 'test:1'],  # in use without an entry in runs/: nobody reads what it writes, until the others have ended
    'tag': ['tag', 'test:1', 'more:1'],
    'tag id': ['tag', '', 'more:1'],  # of an image without a name
    'load': ['load', IMAGE],
    'rm': ['rm', 'test:1'],
    'rm more': ['rm', 'more:1'],
    'rm writable': ['rm', '--writable', 'k'],
    'gc': ['gc', '--max-size', '0'],
    'gc names': ['gc'],
}
USERS = ('run', 'run file', 'writable', 'verify', 'save')
ALWAYS = ('run file', 'load', 'hold', 'gc', 'gc names')  # must succeed, whatever the other does
# What may be said by one that comes too late or too early
GONE = re.compile(r'No such file|not in the store|neither a file nor|in use|is removing it|is using it|may just be starting')
PAIRS = [f'{a}/{b}' for a in (*USERS, 'tag', 'load') for b in ('rm', 'rm~', 'gc', 'gc~')] + [
    f'{a}/{b}' for a in ('rm', 'gc') for b in (*USERS, 'tag', 'load')] + [
    'run/rm/load', 'verify/rm/load', 'rm/rm/load/hold', 'gc/rm/load/hold', 'rm/rm/live', 'rm/rm', 'gc/gc', 'rm/gc', 'load/load', 'tag id/gc names',
    'gc names/tag id',
    'writable/rm writable', 'rm writable/writable', 'rm writable/rm writable/live writable', 'writable/gc', 'rm/tag/rm more', 'rm more/rm']


def sandbox(store, *words):
    p = subprocess.run(['sandbox', '--store', store, *words], stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=SECONDS)
    p.stdout, p.stderr = (s.decode('utf-8', 'replace') for s in (p.stdout, p.stderr))
    return p


class Process:
    """A verb at work in a store, perhaps stopped after a system call, which is its name and count."""

    def __init__(self, top, name, call=None):
        self.name, self.log = name, os.path.join(top, f'log{call}')
        trace = ['strace', '-qq', '-o', self.log, '-e', f'inject={call[0]}:signal=STOP:when={call[1]}'] if call else []
        self.out, self.err = (open(os.path.join(top, f'{name}{call}.{s}'), 'w+b') for s in ('out', 'err'))  # pylint: disable=consider-using-with
        words = [w or os.listdir(os.path.join(template('plain'), 'store', 'images'))[0] for w in VERBS[name]]
        self.p = subprocess.Popen([*trace, 'sandbox', '--store', os.path.join(top, 'store'), *words],  # pylint: disable=consider-using-with
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE if name == 'hold' else self.out, stderr=self.err)
        if name == 'hold':
            self.out.write(self.p.stdout.read(1))

    def stops(self, seconds=SECONDS):
        """Wait until it is stopped; false if it came to its end before, or after that time."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            over = self.p.poll() is not None
            if os.path.exists(self.log):
                with open(self.log, encoding='utf-8', errors='replace') as f:
                    if 'stopped by SIGSTOP' in f.read():
                        return True
            if over:
                return False
            time.sleep(0.002)
        return False

    def go_on(self):
        with open(f'/proc/{self.p.pid}/task/{self.p.pid}/children', encoding='ascii') as f:
            for pid in f.read().split():
                os.kill(int(pid), 18)

    def ends(self, seconds):
        """Wait for its end; false if it is not there after that time."""
        try:
            self.p.wait(seconds)
            return True
        except subprocess.TimeoutExpired:
            return False

    def result(self):
        texts = []
        for f in (self.out, self.err):
            f.seek(0)
            texts.append(f.read().decode('utf-8', 'replace'))
            f.close()
        return (self.p.returncode, *texts)


def window(name, more):
    """The system calls after which it can be stopped, as name and count of each."""
    top = tempfile.mkdtemp(prefix='pairs-')
    make(top, name, *more)
    log = os.path.join(top, f"log{('exit_group', 9)}")
    Process(top, name, ('exit_group', 9)).ends(SECONDS)
    with open(log, encoding='utf-8', errors='replace') as f:
        lines = [line for line in f if not line.startswith(('---', '+++'))]
    tidy(top)
    first = next(i for i, line in enumerate(lines) if top in line and not line.startswith('execve'))
    last = next((i for i, line in enumerate(lines) if i > first and re.match(r'v?fork|clone|unshare', line) and name != 'load'), len(lines))
    calls, counts = [], {}
    for line in lines[:last]:
        call = line.split('(')[0]
        counts[call] = counts.get(call, 0) + 1
        calls.append((call, counts[call]))
    # Of those that remove the files of a tree one by one, a few will do.
    return [(call, n) for call, n in calls[first:] if call not in ('mmap', 'munmap', 'brk', 'exit_group') and
            (call != 'unlinkat' or n % 40 == 0 or n > counts[call] - 4)]


HALF = ('unlinkat', 150)
KEPT = ('writable', 'rm writable', 'live writable')
templates = {}


def template(key):
    """A directory with a store as some begin with: one image with a name, in kept also a folder of --writable, in more two names, in bare none."""
    if key not in templates:
        top = tempfile.mkdtemp(prefix='template-')
        store = os.path.join(top, 'store')
        if key == 'plain':
            sandbox(store, 'load', IMAGE)
        else:
            subprocess.run(['cp', '-a', os.path.join(template('plain'), 'store'), top], check=True)
        if key == 'kept':
            sandbox(store, 'run', '--writable', 'k', 'test:1', 'true')
            os.chmod(os.path.join(store, 'writable', 'k', 'work', 'work'), 0o700)  # for cp
        if key == 'more':
            sandbox(store, 'tag', 'test:1', 'more:1')
        if key == 'bare':
            os.unlink(os.path.join(store, 'refs', 'test:1'))
        templates[key] = top
    return templates[key]


def make(top, *names):
    """The store that the verbs begin with, as a copy."""
    key = 'kept' if any(n in KEPT for n in names) else 'more' if 'rm more' in names and 'tag' not in names else (
        'bare' if 'tag id' in names else 'plain')
    subprocess.run(['cp', '-a', os.path.join(template(key), 'store'), top], check=True)


def tidy(top):
    subprocess.run(['chmod', '-R', 'u+rwX', top], check=False)
    shutil.rmtree(top, ignore_errors=True)


def judge(store, results, want):
    """What is wrong with the results and with the store."""
    wrong = []
    names = [name for name, _ in results]
    for name, (status, out, err) in results:
        if status == 0 and name in want and out != want[name]:
            wrong.append(f'{name}: status 0, but {out[:60]!r}')
        # It is of an image that was unpacked again: some times in it are others.
        if name == 'hold' and len(out) != len(want['save']):
            wrong.append(f'hold: status {status}, {len(out)} of {len(want["save"])} characters')
        if status not in (0, 125) or (status and (name in ALWAYS or not GONE.search(err))):
            wrong.append(f'{name}: status {status}, said {err!r}')
    ok = {name for name, (status, _, _) in results if status == 0}
    images = os.listdir(os.path.join(store, 'images'))
    if 'live' in ok or 'live writable' in ok:
        inside = sandbox(store, 'exec', 'live', 'cat', '/etc/marker')
        if inside.returncode or not images:
            wrong.append(f'what is in use is gone: {inside.stderr!r}')
        if 'live writable' in ok and not os.path.isdir(os.path.join(store, 'writable', 'k', 'upper')):
            wrong.append('what --writable keeps is gone')
        sandbox(store, 'kill', 'live')
        sandbox(store, 'wait', 'live')
    # One name of two is removed, and the other one was given with success.
    if {'tag', 'tag id'} & ok and not {'gc', 'rm more'} & set(names) and sandbox(store, 'run', 'more:1', *LIST).stdout != want['run']:
        wrong.append('tag: status 0, but the name stands for nothing')
    # Both names were removed, one by each.
    if {'rm', 'rm more'} <= ok and images and 'tag' not in names:
        wrong.append('an image without a name is left')
    if 'writable' in ok and 'gc' in names and 'rm writable' not in names and not images:
        wrong.append('the image of a --writable is gone')
    for i in images:
        check = sandbox(store, 'verify', i)
        if check.returncode:
            wrong.append(f'not whole: {check.stdout!r} {check.stderr!r}')
    for name in os.listdir(os.path.join(store, 'refs')):
        with open(os.path.join(store, 'refs', name), encoding='ascii') as f:
            if f.read().strip() not in images:
                wrong.append(f'a name without an image: {name}')
    left = [f for folder in ('staging', 'runs') for f in os.listdir(os.path.join(store, folder)) if not f.endswith('.lock')]
    kept = os.path.join(store, 'writable')
    left += [f for f in (os.listdir(kept) if os.path.isdir(kept) else []) if not os.path.exists(os.path.join(kept, f, 'about.json'))]
    return wrong + ([f'left: {left}'] if left else [])


def one(verbs, call, want):
    """FIRST is stopped after that call; returns what is wrong."""
    top = tempfile.mkdtemp(prefix='pairs-')
    store = os.path.join(top, 'store')
    make(top, *(v.rstrip('~') for v in verbs))
    first = Process(top, verbs[0], call)
    stopped = [first] if first.stops() else []
    others = []
    for name in verbs[1:]:
        others.append(Process(top, name.rstrip('~'), HALF if name.endswith('~') else None))
        if name == 'hold':
            continue
        if name.endswith('~') and others[-1].stops(PATIENCE):
            stopped.append(others[-1])
        elif not others[-1].ends(PATIENCE if stopped else SECONDS):
            if stopped:
                stopped.pop(0).go_on()
            if name.endswith('~') and others[-1].stops():
                others[-1].go_on()
            others[-1].ends(SECONDS)
    for p in stopped:
        p.go_on()
        p.ends(PATIENCE)
    for p in others:
        if p.name == 'hold':
            p.out.write(p.p.stdout.read())
    wrong = []
    for p in (first, *others):
        if not p.ends(SECONDS):
            wrong.append(f'{p.name}: not over in time')
            p.p.kill()
    wrong += judge(store, [(p.name, p.result()) for p in (first, *others)], want)
    tidy(top)
    return [f'after {call[0]} {call[1]}: {w}' for w in wrong]


def main():
    step = int(sys.argv[sys.argv.index('--step') + 1]) if '--step' in sys.argv else 1
    chosen = [a for a in sys.argv[2:] if '/' in a] or PAIRS
    top = tempfile.mkdtemp(prefix='pairs-')
    make(top, 'writable')
    want = {name: sandbox(os.path.join(top, 'store'), *VERBS[name]).stdout for name in USERS}
    tidy(top)
    for i, choice in enumerate(chosen, 1):
        verbs = choice.split('/')
        calls = window(verbs[0], [v.rstrip('~') for v in verbs[1:]])
        # All around the locks, in any case
        tried = [c for n, c in enumerate(calls) if n % step == i % step or 'flock' in (name for name, _ in calls[max(0, n - 2):n + 2])]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count() + 1) as pool:
            wrong = [w for found in pool.map(lambda call, v=verbs: one(v, call, want), tried) for w in found]
        print(f'{"not ok" if wrong else "ok"} {i} - {choice}: stopped after {len(tried)} of {len(calls)} calls', flush=True)
        for w in wrong[:20]:
            print('# ' + w, flush=True)
    print(f'1..{len(chosen)}')
    for where in templates.values():
        tidy(where)


if __name__ == '__main__':
    main()

#!/usr/bin/env python3
"""Let one system call after the other fail while `sandbox` unpacks and runs a small image, and say in TAP what came of it.

    inject.py IMAGE [--all | --step N] [VERB:CALL:ERROR | VERB:kill]...

strace(1) makes the n-th call of one kind fail in each process, for every n that the image reaches (with --step, every N-th;
--all has more kinds and errors).  VERB:kill has the process killed at its n-th system call instead.  Each time:
    the status is 125 to 127 with one line on standard error, or 0 and all is as it should be: no crash, no hang;
    what is left is nothing that passes for an image, and the next run succeeds, with the right tree and a clean store.
Touches a new directory below $TMPDIR.  Python's standard library only.
"""
import concurrent.futures
import hashlib
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile

IMAGE = os.path.abspath(sys.argv[1])
SECONDS = 180
FAULTS = ['openat:EMFILE', 'openat2:EMFILE', 'write:ENOSPC', 'mkdirat:ENOSPC', 'renameat:ENOSPC', 'linkat:ENOSPC', 'symlinkat:ENOSPC',
          'mknodat:ENOSPC', 'utimensat:EIO', 'fchmod:EIO', 'fsetxattr:EIO', 'read:EIO', 'pread64:EIO', 'getdents64:EIO', 'mmap:ENOMEM',
          'brk:ENOMEM', 'unlinkat:EIO', 'newfstatat:EIO']
MORE = ['openat:EIO', 'openat2:ENOMEM', 'openat2:EIO', 'write:EDQUOT', 'write:EIO', 'mkdirat:EDQUOT', 'fstat:EIO', 'flock:ENOLCK', 'open:EMFILE',
        'fstatfs:EIO', 'statfs:EIO', 'lseek:EIO', 'ftruncate:EIO', 'fchmodat:EIO', 'flistxattr:EIO', 'fgetxattr:EIO', 'getrandom:ENOSYS',
        'clone:EAGAIN', 'fork:EAGAIN', 'mprotect:ENOMEM', 'faccessat:EIO', 'readlinkat:EIO', 'fsync:EIO',
        'syncfs:EIO', 'uname:EFAULT', 'rt_sigaction:EINVAL', 'umask:EINVAL']


def tree(top):
    """All that the tree holds: a dictionary from path to what can be seen of it."""
    found, inodes = {}, {}
    for folder, folders, files in os.walk(top):
        for path in [folder] + [os.path.join(folder, f) for f in files + folders]:
            st, name = os.lstat(path), os.path.relpath(path, top)
            content = None
            if stat.S_ISREG(st.st_mode):
                with open(path, 'rb') as f:
                    content = hashlib.sha256(f.read()).hexdigest(), sorted(os.listxattr(path))
                inodes.setdefault(st.st_ino, []).append(name)
            elif stat.S_ISLNK(st.st_mode):
                content = os.readlink(path)
            # What no entry gives a time has the time of unpacking.
            found[name] = (st.st_mode, st.st_size if stat.S_ISREG(st.st_mode) else 0, min(st.st_mtime_ns, 10 ** 15), content)
    return found, sorted(sorted(set(v)) for v in inodes.values())


def remove(path):
    if os.path.lexists(path):
        subprocess.run(['chmod', '-R', 'u+rwX', path], check=False)
        shutil.rmtree(path)


class Place:
    """A directory with a store and a place to unpack to."""

    def __init__(self, verb):
        self.verb = verb
        self.top = tempfile.mkdtemp(prefix='inject-')
        self.store, self.beside = os.path.join(self.top, 'store'), os.path.join(self.top, 'beside')
        self.target = os.path.join(self.beside, 'out')
        self.fresh()

    def fresh(self):
        remove(self.store)
        remove(self.beside)
        os.mkdir(self.beside)

    def command(self):
        return ['sandbox', '--store', self.store, self.verb, IMAGE] + ([self.target] if self.verb == 'unpack' else [])

    def run(self, *before):
        try:
            p = subprocess.run([*before, *self.command()], stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return 'not over in time', ''
        return p.returncode, p.stderr.decode('utf-8', 'backslashreplace')

    def trees(self):
        """Where there is something that a user would take for the result."""
        if self.verb == 'unpack':
            return [self.target] if os.path.lexists(self.target) else []
        images = os.path.join(self.store, 'images')
        return [os.path.join(images, i, 'rootfs') for i in (os.listdir(images) if os.path.isdir(images) else [])]

    def age(self):
        """Two minutes go by: what was killed before it could sign its lock is removed once it is surely nobody's."""
        for folder in (self.beside, *(os.path.join(self.store, f) for f in ('staging', 'refs', 'sources'))):
            for name in os.listdir(folder) if os.path.isdir(folder) else []:
                if os.path.join(folder, name) != self.target:
                    st = os.lstat(os.path.join(folder, name))
                    os.utime(os.path.join(folder, name), (st.st_atime - 120, st.st_mtime - 120), follow_symlinks=False)

    def leftovers(self):
        found = [f for f in os.listdir(self.beside) if f != 'out']
        for folder in ('staging', 'runs'):
            path = os.path.join(self.store, folder)
            found += os.listdir(path) if os.path.isdir(path) else []
        for folder in ('refs', 'sources'):
            path = os.path.join(self.store, folder)
            found += [f for f in (os.listdir(path) if os.path.isdir(path) else []) if f.startswith('.')]
        return found


def reached(verb, call):
    """How many calls of this kind the process that does most of them makes."""
    place = Place(verb)
    log = os.path.join(place.top, 'log')
    place.run('strace', '-f', '-qq', '-o', log, '-e', 'trace=' + call)
    counts = {}
    with open(log, encoding='utf-8', errors='replace') as f:
        for line in f:
            if not re.match(r'\d+ +(<\.\.\.|\+\+\+|---)', line):
                counts[line.split()[0]] = counts.get(line.split()[0], 0) + 1
    remove(place.top)
    return max(counts.values(), default=0)


def one(verb, what, n, want):
    """The n-th fails; returns what is wrong."""
    place, wrong = Place(verb), []
    kill = what == 'kill'
    call, _, error = what.partition(':')
    trace = ['strace', '-f', '-qq', '-o', '/dev/null'] + (
        ['-e', f'inject=all:signal=KILL:when={n}'] if kill else ['-e', 'trace=' + call, '-e', f'inject={call}:error={error}:when={n}'])
    status, said = place.run(*trace)
    if kill:
        ok = status in (0, -9, 137, 125, 126)       # a process of the payload's side may be the one that is killed
    else:
        ok = status == 0 or status in (125, 126, 127) and said.count('\n') >= 1 and sum(
            line.startswith('sandbox: ') for line in said.splitlines()) == len(said.splitlines()) <= 2
    if not ok:
        wrong.append(f'status {status}, said {said!r}')
    # What is there by now must be whole.
    wrong += ['a tree that is not whole' for t in place.trees() if tree(t) != want]
    if status == 0 and not place.trees():
        wrong.append('status 0 without a tree')
    if verb == 'unpack':
        remove(place.target)
    if kill:
        place.age()
    status, again = place.run()
    if status != 0 or again:
        wrong.append(f'the run after it: status {status}, said {again!r}')
    elif [tree(t) for t in place.trees()] != [want]:
        wrong.append('the run after it: not the right tree')
    # Records of runs are removed by whoever looks at them.
    subprocess.run(['sandbox', '--store', place.store, 'ps'], capture_output=True, check=False)
    # A record that could not be removed at the end says how the run ended, and stays for `sandbox wait`.
    if left := [f for f in place.leftovers() if call != 'unlinkat' or '@' not in f]:
        wrong.append(f'left by the run after it: {left}')
    remove(place.top)
    return [f'{n}: {w}; first said {said!r}' for w in wrong]


def reference(verb):
    place = Place(verb)
    status, said = place.run()
    if status != 0 or said or len(place.trees()) != 1:
        sys.exit(f'without a fault: status {status}, said {said!r}')
    want = tree(place.trees()[0])
    remove(place.top)
    return want


def main():
    step = int(sys.argv[sys.argv.index('--step') + 1]) if '--step' in sys.argv else 1
    chosen = [a for a in sys.argv[2:] if ':' in a]
    if not chosen:
        chosen = [f'{v}:{f}' for v in ('unpack', 'run') for f in FAULTS + (MORE if '--all' in sys.argv else []) + ['kill']]
    number = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        wants = {verb: reference(verb) for verb in ('unpack', 'run')}
        for choice in chosen:
            verb, what = choice.split(':', 1)
            last = reached(verb, 'all' if what == 'kill' else what.split(':')[0])
            # Of the many calls at which it can be killed, fewer will do where fewer are asked for.
            tried = range(1, last + 2, step * (5 if what == 'kill' and '--all' not in sys.argv else 1))
            wrong = [w for found in pool.map(lambda n: one(verb, what, n, wants[verb]), tried) for w in found]
            number += 1
            print(f'{"not ok" if wrong else "ok"} {number} - {verb}, {what}: {len(tried)} of the {last} calls', flush=True)
            for w in wrong:
                print('# ' + w, flush=True)
    print(f'1..{number}')


if __name__ == '__main__':
    main()

#!/usr/bin/env python3
"""Run `sandbox unpack` and `sandbox run` on what make.py made, and say in TAP whether each was right.

    judge.py CANARY WAY... IMAGES...

A WAY is `unpack` or `run`, with the directory and the store reached as they are, or `unpack@` or `run@`, where they are
reached through symlinks.  After each run: the status, one line on standard error, nothing left in the store's staging or beside the directory,
and CANARY and the directories around the store just as before: content, types, modes, times, links.
Touches a new directory beside CANARY.  Python's standard library only.
"""
import concurrent.futures
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile

CANARY = os.path.realpath(sys.argv[1])
ALL_WAYS = ('unpack', 'run', 'unpack@', 'run@')
WAYS = [a for a in sys.argv[2:] if a in ALL_WAYS]
FOLDERS = [os.path.abspath(a) for a in sys.argv[2:] if a not in ALL_WAYS]
SECONDS = 180        # that an image may take


def look(top, without=()):
    """What is below top: a dictionary from path to all that can be seen of it."""
    found = {}
    for folder, folders, files in os.walk(top, onerror=None):
        folders[:] = [d for d in folders if os.path.join(folder, d) not in without]
        for path in [folder] + [os.path.join(folder, f) for f in files + folders]:
            st = os.lstat(path)
            content = os.readlink(path) if stat.S_ISLNK(st.st_mode) else None
            if stat.S_ISREG(st.st_mode) and st.st_mode & 0o400:
                with open(path, 'rb') as f:
                    content = f.read()
            found[path] = (st.st_mode, st.st_uid, st.st_gid, st.st_nlink, st.st_size, st.st_mtime_ns, st.st_ctime_ns, content)
    return found


def remove(path):
    """Whatever modes and depths an image has left."""
    try:
        shutil.rmtree(path)
    except (OSError, RecursionError):
        subprocess.run(['chmod', '-R', 'u+rwX', path], stderr=subprocess.DEVNULL, check=False)
        subprocess.run(['rm', '-rf', path], check=True)


def listing(path):
    try:
        return sorted(os.listdir(path))
    except FileNotFoundError:
        return []


class Judge:
    def __init__(self, top):
        self.top = top
        self.store, self.place = os.path.join(top, 'real', 'store'), os.path.join(top, 'place')
        self.target = os.path.join(self.place, 'out')
        for d in ('real', 'place', 'links'):
            os.mkdir(os.path.join(top, d))
        with open(os.path.join(top, 'real', 'neighbour'), 'w', encoding='ascii') as f:
            f.write('untouched\n')
        os.symlink('../real/store', os.path.join(top, 'links', 'store'))
        os.symlink('../place', os.path.join(top, 'links', 'place'))

    def run(self, *command):
        try:
            p = subprocess.run(['sandbox', '--store', *command], stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False,
                               cwd=self.top)
        except subprocess.TimeoutExpired:
            return 'none: not over in time', ''
        return p.returncode, p.stderr.decode('utf-8', 'backslashreplace')

    def judge_status(self, want, status, text, verb):
        kind, _, rest = want.partition(' ')
        clean = text.count('\n') == 1 and text.startswith('sandbox: ') and not re.search(r'[\0-\x09\x0b-\x1f\x7f-\x9f]', text)
        if status not in (0, 125) and not (verb == 'run' and status in (126, 127) and kind != 'refused'):
            yield f'status {status}'
        if status == 125 and not clean:
            yield 'not one clean line on standard error'
        if kind == 'refused' and status != 125:
            yield f'status {status}, want 125'
        if kind == 'refused' and not re.search(rest, text, re.S | re.I):
            yield f'the line does not match /{rest}/'
        if kind == 'held' and status == 125:
            yield 'refused'

    def once(self, verb, image, want, around):
        """One run; yields what is wrong."""
        store, target = ((self.store, self.target) if not around else
                         (os.path.join(self.top, 'links', 'store'), os.path.join(self.top, 'links', 'place', 'out')))
        os.makedirs(self.store)
        before = {**look(CANARY), **look(self.top, (self.store, self.place))}
        status, text = self.run(store, verb, image, *([target] if verb == 'unpack' else []))
        yield from self.judge_status(want, status, text, verb)
        after = {**look(CANARY), **look(self.top, (self.store, self.place))}
        yield from (f'changed outside: {p}' for p in sorted(before.keys() | after.keys()) if before.get(p) != after.get(p))
        if left := listing(os.path.join(self.store, 'staging')):
            yield f'left in staging: {left}'
        made = ['out'] if verb == 'unpack' and status == 0 else []
        if listing(self.place) != made:
            yield f'beside the directory: {listing(self.place)}'
        images = listing(os.path.join(self.store, 'images'))
        if len(images) != (verb == 'run' and status != 125):
            yield f'images in the store: {images}'
        root = self.target if made else os.path.join(self.store, 'images', images[0], 'rootfs') if images else None
        if root and want.startswith('held '):
            os.chmod(root, 0o755)
            yield from (f'not in the tree: {p}' for p in want.split()[1:] if not os.path.lexists(os.path.join(root, p)))
        self.said = text
        remove(self.store)
        remove(self.place)
        os.mkdir(self.place)

    def case(self, line):
        """One image.  Returns a list of (name, what is wrong, what was said)."""
        image, want = line.rstrip('\n').split('\t')
        name, rows = os.path.basename(image), []
        for way in WAYS:
            verb, around = way.rstrip('@'), way.endswith('@')
            wrong = list(self.once(verb, image, want, around))
            rows.append((f'{verb} {name}' + (' through symlinks' if around else ''), wrong, self.said))
        return rows


def work(lines):
    top = tempfile.mkdtemp(prefix='judge-', dir=os.path.dirname(CANARY))
    judge = Judge(top)
    rows = [row for line in lines for row in judge.case(line)]
    shutil.rmtree(top)
    return rows


def main():
    lines = []
    for folder in FOLDERS:
        with open(os.path.join(folder, 'list'), encoding='utf-8') as f:
            lines += [os.path.join(folder, line) for line in f]
    jobs = os.cpu_count() or 1
    number = 0
    with concurrent.futures.ProcessPoolExecutor(jobs) as pool:
        for rows in pool.map(work, [lines[i::jobs * 4] for i in range(jobs * 4)]):
            for name, wrong, said in rows:
                number += 1
                print(f'{"not ok" if wrong else "ok"} {number} - {name}')
                for w in wrong:
                    print('# ' + repr(w))
                if wrong:
                    print('# said: ' + repr(said[:600]))
    print(f'1..{number}')


if __name__ == '__main__':
    main()

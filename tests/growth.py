#!/usr/bin/env python3
"""Count the system calls of `sandbox` with few, ten times and a hundred times as many images, live runs, kept folders and hard
links, and say in TAP whether they grow with what is listed or removed, and not with its square.

    growth.py IMAGE

IMAGE is one that can be run.  Listing and removing may take eleven times as many calls from 50 to 500 as from 5 to 50, and a few
more; a start with 500 as many as one with 5.  Calls for memory are left out: they are the C library's affair.
Touches the working directory.  Needs strace.
"""
import fcntl
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tarfile

IMAGE = os.path.abspath(sys.argv[1])
SIZES = (5, 50, 500)
MEMORY = {'mmap', 'munmap', 'brk', 'madvise', 'mprotect', 'futex'}
FEW = 100  # calls more that something may take, whatever the number
SAME = 10  # the same of a start
rows = []


def tell(good, name, text):
    rows.append(good)
    print(f'{"ok" if good else "not ok"} {len(rows)} - {name}: {text}', flush=True)


def sandbox(store, *words):
    return subprocess.run(['sandbox', '--store', store, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


def calls(store, *words, before=(), status=0):
    """The number of calls that the command takes; it has to end with that status."""
    p = subprocess.run([*before, 'strace', '-f', '-qq', '-c', '-U', 'name,calls', '-o', 'trace', 'sandbox', '--store', store, *words],
                       stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if p.returncode != status:
        raise RuntimeError(f'{words[:3]}: status {p.returncode}: {p.stderr.strip()}')
    with open('trace', encoding='ascii') as f:
        return sum(int(n) for name, n in re.findall(r'^(\w+) +(\d+)$', f.read(), re.M) if name not in MEMORY | {'total'})


def grows(name, command, sizes=SIZES, **more):
    """command(n) gives the store and the words for n."""
    try:
        found = [calls(*command(n), **more) for n in sizes]
    except RuntimeError as e:
        tell(False, name, e)
        return
    linear = found[2] - found[1] <= 11 * (found[1] - found[0]) + FEW
    tell(linear, name, ', '.join(f'{n}: {c} calls' for n, c in zip(sizes, found)))


def stays(name, command, sizes=(SIZES[0], SIZES[2])):
    """The least of a few times: one that takes long, as under a tracer, does more."""
    try:
        found = [min(calls(*command(n)) for _ in range(3)) for n in sizes]
    except RuntimeError as e:
        tell(False, name, e)
        return
    tell(found[1] - found[0] <= SAME, name, ', '.join(f'{n}: {c} calls' for n, c in zip(sizes, found)))


def add(tar, name, data):
    m = tarfile.TarInfo(name)
    m.size = len(data)
    tar.addfile(m, io.BytesIO(data))


def archive(path, configs, links=0):
    """Images of one small layer, with names of a registry; the file in it has so many names more."""
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode='w') as t:
        add(t, 'file', b'x')
        for i in range(links):
            m = tarfile.TarInfo(f'link{i}')
            m.type, m.linkname = tarfile.LNKTYPE, 'file'
            t.addfile(m)
    layer = layer.getvalue()
    manifest = []
    with tarfile.open(path, 'w') as t:
        add(t, 'layer.tar', layer)
        for i in range(configs):
            config = {'os': 'linux', 'author': str(i), 'rootfs': {'type': 'layers', 'diff_ids': ['sha256:' + hashlib.sha256(layer).hexdigest()]}}
            add(t, f'{i}.json', json.dumps(config).encode())
            manifest.append({'Config': f'{i}.json', 'RepoTags': [name(i)], 'Layers': ['layer.tar']})
        add(t, 'manifest.json', json.dumps(manifest).encode())


def name(i):
    return f'localhost/image{i}:1'


def images(store):
    return json.loads(sandbox(store, 'images', '--json').stdout)


class Runs:
    """Entries of live runs, held by this process: every other one has a name."""

    def __init__(self, store, n, image):
        host = re.sub(r'[^A-Za-z0-9.-]', '_', os.uname().nodename)
        self.ids = [f'{i:012x}' for i in range(0xabc000000000, 0xabc000000000 + n)]
        self.names = [f'run{i}' if i % 2 else None for i in range(n)]
        self.held = []
        plan = json.dumps(json.loads(sandbox(store, 'run', '--dry-run', IMAGE, 'true').stdout))
        with open('/proc/self/stat', encoding='ascii') as f:
            start = int(f.read().rsplit(')', 1)[1].split()[19])
        for run, given in zip(self.ids, self.names):
            facts = {'id': run, 'name': given, 'image': image, 'ref': 'x', 'command': ['x'], 'pid': os.getpid(), 'runner': os.getpid(), 'start': start}
            f = open(f'{store}/runs/{given or run}@{host}', 'w', encoding='ascii')  # pylint: disable=consider-using-with
            fcntl.flock(f, fcntl.LOCK_EX)
            f.write(json.dumps({k: v for k, v in facts.items() if v is not None}) + '\n' + plan)
            f.flush()
            self.held.append(f)

    def end(self):
        for f in self.held:
            f.close()


def ids(n):
    """The first digits of n images of the store with n, but not of the one that can be run."""
    return [i['id'][:16] for i in images(f'images{n}') if i['names'] != ['test:1']][:n]


def test_images():
    for n in SIZES:
        archive('many.tar', n)
        sandbox(f'images{n}', 'load', 'many.tar')
        sandbox(f'images{n}', 'run', IMAGE, 'true')
        subprocess.run(['cp', '-al', f'images{n}', f'unused{n}'], check=True)
    grows('images', lambda n: (f'images{n}', 'images'))
    grows('images --json', lambda n: (f'images{n}', 'images', '--json'))
    grows('inspect', lambda n: (f'images{n}', 'inspect', name(0)))
    grows('gc --dry-run', lambda n: (f'images{n}', 'gc', '--dry-run', '--max-size', '0'))
    stays('run of a file', lambda n: (f'images{n}', 'run', IMAGE, 'true'))
    stays('run by name', lambda n: (f'images{n}', 'run', 'test:1', 'true'))
    stays('verify', lambda n: (f'images{n}', 'verify', name(0)))
    stays('save', lambda n: (f'images{n}', 'save', '-o', 'saved.tar', name(0)))
    stays('tag', lambda n: (f'images{n}', 'tag', name(0), 'another'))
    grows('verify by the end of a name', lambda n: (f'images{n}', 'verify', 'image0:1'))
    grows('verify by the start of an id', lambda n: (f'images{n}', 'verify', ids(n)[0]))


def test_runs():
    """While they run, in the stores with images: whose images are in use."""
    held = {}
    for n in SIZES:
        held[n] = Runs(f'images{n}', n, [i['id'] for i in images(f'images{n}') if i['names'] == ['test:1']][0])
    grows('ps', lambda n: (f'images{n}', 'ps'))
    grows('ps --json', lambda n: (f'images{n}', 'ps', '--json'))
    stays('run of a file, with live runs', lambda n: (f'images{n}', 'run', IMAGE, 'true'))
    stays('run --name, with live runs', lambda n: (f'images{n}', 'run', '--name', 'one', 'test:1', 'true'))
    grows('kill by name', lambda n: (f'images{n}', 'kill', '-s', 'CONT', *[r or i for r, i in zip(held[n].names, held[n].ids)]))
    grows('kill by id', lambda n: (f'images{n}', 'kill', '-s', 'CONT', *held[n].ids))
    grows('rm by name, with live runs', lambda n: (f'images{n}', 'rm', *[name(i) for i in range(n // 2)]))
    grows('rm by the start of an id, with live runs', lambda n: (f'images{n}', 'rm', *ids(n)))
    grows('gc, with live runs', lambda n: (f'unused{n}', 'gc', '--max-size', '0'))
    for n in SIZES:
        held[n].end()
    grows('ps, of dead runs', lambda n: (f'images{n}', 'ps'))
    left = [os.listdir(f'images{n}/runs') for n in SIZES]
    tell(not any(left), 'which are gone then', f'{sum(map(len, left))} are left')


def test_kept():
    for n in SIZES:
        for i in range(n):
            os.makedirs(f'images{n}/writable/kept{i}')
            with open(f'images{n}/writable/kept{i}/about.json', 'w', encoding='ascii') as f:
                json.dump({'image': '0' * 64, 'ids': 'one', 'used': 1}, f)
    grows('writable', lambda n: (f'images{n}', 'writable'))
    stays('run --writable', lambda n: (f'images{n}', 'run', '--writable', 'kept', 'test:1', 'true'))


# No overlay can be mounted on two of them, and /dev/fuse is hidden.
NO_OVERLAY = ['unshare', '-Urm', 'sh', '-c', '''mkdir -p o && mount -t tmpfs t o && cd o && mkdir l u1 w1 1 u2 w2 2 &&
    mount -t overlay o -o lowerdir=l,upperdir=u1,workdir=w1,userxattr 1 &&
    mount -t overlay o -o lowerdir=1,upperdir=u2,workdir=w2,userxattr 2 || exit 99
    [ ! -e /dev/fuse ] || mount --bind /dev/null /dev/fuse || exit 99
    cd .. && exec "$@"''', 'sh']


def test_links():
    sizes = (10, 100, 1000)
    for n in sizes:
        archive(f'links{n}.tar', 1, n)
    grows('load of an image with hard links', lambda n: (f'links{n}', 'load', f'links{n}.tar'), sizes)
    grows('verify of one', lambda n: (f'links{n}', 'verify', name(0)), sizes)
    grows('save of one', lambda n: (f'links{n}', 'save', '-o', 'saved.tar', name(0)), sizes)
    if subprocess.run([*NO_OVERLAY, 'true'], capture_output=True, check=False).returncode != 0:
        rows.append(True)
        print(f'ok {len(rows)} - a copy of one # SKIP unshare(1) cannot stack overlays here')
        return
    # There is nothing in it that could be run.
    grows('a copy of one', lambda n: ('o/2/store', 'run', '--writable-copy', f'links{n}.tar', '/file'), sizes, before=NO_OVERLAY, status=126)


def test_load():
    sizes = (1, 10, 100)
    for n in sizes:
        archive(f'many{n}.tar', n)
    grows('load of many', lambda n: (f'load{n}', 'load', f'many{n}.tar'), sizes)


def main():
    test_images()
    test_runs()
    test_kept()
    test_links()
    test_load()
    print(f'1..{len(rows)}')


if __name__ == '__main__':
    main()

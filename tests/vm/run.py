#!/usr/bin/env python3
"""Boots Debian's kernels in qemu and lets `sandbox` run in them; says TAP.

    run.py [--long] [--kernel VERSION]... [--checks NAME:USER,...] [--program FILE]... [--cache DIR] [--keep] [BOOT...]

BOOT is a name of BOOTS below; without one, all of them.  --long: every boot on every kernel, and the power cut 20 times.
Without it: what CI does, about 250 seconds of a processor.  --cache: where fetched kernels lie (build/vm).
$RUNTIMES: an image with Java and Node, for the boots cgroups1 and cgroups2.
Needs qemu-system-x86 (and qemu-system-arm with build/aarch64 for the boot arm64), a static busybox, apt's access to a Debian mirror; build/sandbox and build/tests (`make all helpers`).
$IMAGES, $HELPERS and $SANDBOX name what tests/run.sh made, else it is made here.  Touches the cache and a temporary directory.
"""
import argparse
import concurrent.futures
import copy
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)
from initramfs import Archive  # noqa: E402
from kernel import SUITES, Missing, Modules, fetch, program  # noqa: E402
from machine import MACHINES, Machine  # noqa: E402
from power import PowerCut  # noqa: E402
from userland import CASES, case, paper, paper_blocks  # noqa: E402

# A boot: the checks in it and as whom, the modules loaded before them, on which kernels without --long, seconds that it may take.
# The longest first, so that the last of them are short and all processors stay busy.
BOOTS = {
    'nfs': {'checks': 'nfs:user,nodes:user', 'modules': 'overlay,nfsd,nfs,nfsv4', 'disk': 'yes', 'kernels': ['6.1'], 'seconds': 900},
    # doctor first: it tells of what is mounted, and `limits` mounts.
    'basics': {'checks': 'doctor:root,doctor:user,basics:root,basics:user,undelegated:user,limits:root,limits:user,nouserns:root',
               'modules': 'overlay,fuse', 'disk': 'yes', 'kernels': list(SUITES), 'seconds': 1200},
    'arm64': {'arch': 'arm64', 'checks': 'basics:root,basics:user', 'modules': 'overlay', 'disk': 'yes', 'kernels': ['6.1'],
              'seconds': 1500},
    # In this order: a module stays when it is loaded.
    'hosts': {'hosts': 'no-overlay,bare,bare-proc,ordinary,read-only,tiny,store-ext4,store-tmpfs,store-ramfs,no-cgroup,cgroup1', 'place': 'rootfs',
              'modules': '', 'later': 'overlay', 'disk': 'yes', 'kernels': list(SUITES), 'seconds': 900},
    # cuts: how often, and how often with --long
    'power': {'modules': 'overlay', 'cuts': (3, 20), 'kernels': ['6.1'], 'seconds': 900},
    # sandbox as process 1
    'userland': {'cases': list(CASES), 'kernels': list(SUITES), 'seconds': 120},
    'fuse': {'checks': 'fuse:root,fuse:user', 'modules': 'fuse', 'program': 'fuse-overlayfs', 'kernels': ['5.10'], 'seconds': 600},
    'doctor-bare': {'checks': 'doctor:root,doctor:user', 'modules': '', 'place': 'bare', 'kernels': ['6.12'], 'seconds': 600},
    # A controller that version 1 had once does not come to version 2, and 6.12 has no memory controller of version 1.
    'cgroups1': {'checks': 'cgroups-v1:root,cgroups-hybrid:root', 'modules': 'overlay', 'disk': 'yes', 'kernels': ['6.1'], 'seconds': 900},
    'cgroups2': {'checks': 'cgroups-v2:root', 'modules': 'overlay', 'disk': 'yes', 'kernels': ['6.12'], 'seconds': 900},
    'memory': {'checks': 'basics:root,basics:user', 'modules': 'overlay', 'kernels': [], 'seconds': 900},
    'bare': {'checks': 'basics:root,basics:user', 'modules': '', 'kernels': [], 'seconds': 900},
}
# Checks of what a kernel's age makes no other than old or new: cgroup.kill came with 5.14, and an overlay for users with 5.11.
OLD_AND_NEW = ('5.10', '6.12')
CHECKS_ON = {'undelegated': OLD_AND_NEW, 'limits': OLD_AND_NEW, 'nouserns': OLD_AND_NEW}
DISK_SIZE = 256 << 20


class Tap:
    """One stream of results out of many, which come from several machines at once."""

    def __init__(self):
        self.count = self.failures = 0
        self.lock = threading.Lock()
        self.cells = {}

    def result(self, good, name, details=(), cell=None):
        """One check; details go below it as comments.  cell: where it belongs in the matrix, as (host and check, kernel)."""
        with self.lock:
            self.count += 1
            self.failures += not good
            if cell:
                self.cells.setdefault(cell[0], {}).setdefault(cell[1], []).append(good)
            print(f'{"ok" if good else "not ok"} {self.count} - {name}')
            for line in details:
                print(f'# {line}')
            sys.stdout.flush()

    def took(self, what, seconds):
        """The time of a processor that a boot took."""
        with self.lock:
            print(f'\n# {what}: {seconds:.0f} seconds of a processor')  # the empty line: this is no comment of the last result

    def matrix(self, kernels):
        """Every host and check, on every kernel, as how many of its results are good."""
        width = max(map(len, self.cells), default=0)
        print()  # these are no comments of the last result
        print(f'# {"":{width}}' + ''.join(f'{kernel:>9}' for kernel in kernels))
        for name, cells in self.cells.items():
            counts = [f'{sum(cells[kernel])}/{len(cells[kernel])}' if kernel in cells else '' for kernel in kernels]
            print(f'# {name:{width}}' + ''.join(f'{count:>9}' for count in counts))

    def end(self):
        """The plan, and the exit status."""
        print(f'1..{self.count}')
        return 1 if self.failures else 0


class Host:
    """What this machine contributes: the product, images, busybox, and the initramfs made of them."""

    arch = 'amd64'

    def __init__(self, work, cache):
        self.work, self.cache = work, cache
        self.sandbox = os.environ.get('SANDBOX') or shutil.which('sandbox') or os.path.join(TOP, 'build', 'sandbox')
        self.helpers = os.environ.get('HELPERS') or os.path.join(TOP, 'build', 'tests')
        self.programs = []
        self.images = os.environ.get('IMAGES')
        if not self.images:
            self.images = self.make_images()

    def make_images(self, **environment):
        """Those of the end-to-end tests, in a new directory."""
        images = os.path.join(self.work, 'images')
        subprocess.run(['sh', os.path.join(TOP, 'tests', 'make_images.sh'), images], check=True, stdout=subprocess.DEVNULL,
                       env=dict(os.environ, **environment))
        return images

    def part(self, name):
        """The same with a directory of its own, to be used beside it."""
        part = copy.copy(self)
        part.work = os.path.join(self.work, name)
        os.mkdir(part.work)
        return part

    def initramfs(self, modules, names, programs=()):
        """The archive for a kernel, with the modules of these names."""
        archive = Archive()
        for name in ('proc', 'sys', 'newroot', 'root', 'run', 'etc'):
            archive.directory(name)
        archive.directory('tmp', 0o1777)
        for name, minor in (('null', 3), ('zero', 5), ('full', 7), ('random', 8), ('urandom', 9)):
            archive.device('dev/' + name, 0o666, 1, minor)
        for name, numbers in (('console', (5, 1)), ('tty', (5, 0)), ('ttyS0', (4, 64)), ('ttyS1', (4, 65)), ('ttyAMA0', (204, 64))):
            archive.device('dev/' + name, 0o666, *numbers)
        # With the links of all its applets.
        rootfs = os.path.join(self.images, 'rootfs')
        for top, _, files in os.walk(rootfs):
            for path in (os.path.join(top, name) for name in files):
                if os.path.islink(path):
                    archive.link(os.path.relpath(path, rootfs), os.readlink(path))
        archive.file('bin/busybox', os.path.join(rootfs, 'bin', 'busybox'))
        archive.file('usr/bin/sandbox', self.sandbox)
        archive.file('sandbox', self.sandbox)
        archive.file('init', os.path.join(HERE, 'init'))
        archive.tree('tests/vm', HERE)
        archive.tree('pictures', os.path.join(TOP, 'docs', 'doctor'))
        for name in ('lib.sh', 'fault/hammer.sh'):
            archive.file('tests/' + name, os.path.join(HERE, '..', name))
        archive.file('tests/cgroups.sh', os.path.join(HERE, '..', 'e2e', 'cgroups.sh'))
        for name in ('docker.tar', 'config.tar'):
            archive.file('images/' + name, os.path.join(self.images, name))
        for name in os.listdir(self.helpers):
            if name.endswith('.d') or os.path.isdir(os.path.join(self.helpers, name)):
                continue
            archive.file('helpers/' + name, os.path.join(self.helpers, name))
        for program in [*self.programs, *programs]:
            archive.program(program)
        archive.data('etc/passwd', b'root:x:0:0:root:/root:/bin/sh\nguest:x:1000:1000::/home/guest:/bin/sh\n')
        archive.data('etc/group', b'root:x:0:\nguest:x:1000:\n')
        for name in [*filter(None, names.split(',')), 'virtio_pci', 'virtio_blk']:
            archive.data(f'modules/{name}.order', '\n'.join(modules.needs(name)).encode())
            for module in modules.needs(name):
                archive.data(f'modules/{module}.ko', modules.data(module))
        path = os.path.join(self.work, 'initramfs')
        archive.write(path)
        return path


class Arm(Host):
    """The same of the other build."""

    arch = 'arm64'

    def __init__(self, work, cache):
        self.work, self.cache = os.path.join(work, self.arch), cache
        os.makedirs(self.work, exist_ok=True)
        # The cache lies beside it.
        self.sandbox, self.helpers = (os.path.join(os.path.dirname(cache), 'aarch64', name) for name in ('sandbox', 'tests'))
        self.programs = []
        if not os.path.exists(self.sandbox) or not os.path.exists(self.helpers):
            raise Missing('no build/aarch64/sandbox and tests here: ./build.sh --target aarch64')
        busybox = program('busybox-static', 'busybox', cache, 'bookworm', self.arch)
        self.images = self.make_images(BUSYBOX=busybox, ARCH=self.arch)


class Hosts:
    """One for each architecture, made when it is first asked for, with the kernels for it."""

    def __init__(self, work, cache, programs):
        self.work, self.cache, self.programs, self.made = work, cache, programs, {}
        self.lock = threading.Lock()

    def get(self, name, version):
        """The host for a boot, with a directory of its own, and the directory of its kernel."""
        arch = BOOTS[name].get('arch', 'amd64')
        if not shutil.which(MACHINES[arch]['qemu']):
            raise Missing(f'no {MACHINES[arch]["qemu"]} here')
        with self.lock:
            if arch not in self.made:
                self.made[arch] = {'amd64': Host, 'arm64': Arm}[arch](self.work, self.cache)
                self.made[arch].programs = self.programs if arch == 'amd64' else []
        return self.made[arch].part(f'{name}-{version}'), fetch(version, self.cache, arch)


def make_disk(work, content=None):
    """An ext4, empty or with what is in a directory."""
    path = os.path.join(work, 'disk')
    runtimes = os.environ.get('RUNTIMES')
    if runtimes and not content:
        content = os.path.join(work, 'content')
        os.mkdir(content)
        os.link(runtimes, os.path.join(content, 'runtimes.tar'))
    with open(path, 'wb') as f:
        f.truncate(DISK_SIZE + (8 * os.path.getsize(runtimes) if runtimes else 0))
    subprocess.run(['mkfs.ext4', '-q', '-F', *(['-d', content] if content else []), path], check=True)
    return path


def relay(tap, prefix, lines, kernel=None):
    """The TAP of a boot's checks into ours; kernel where they belong to the matrix.  Returns what was wrong with it, or nothing."""
    name, wanted, seen, good, text, ended = '', None, 0, True, [], False

    def flush():
        if text:
            tap.result(good, text[0], text[1:], (name, kernel) if kernel else None)
        text.clear()

    def close():
        if name and wanted != seen:
            tap.result(False, f'{prefix}: {name} came to its end', [f'plan: {wanted}, results: {seen}'], (name, kernel) if kernel else None)

    for line in lines:
        found = re.match(r'(not )?ok \d+ - (.*)', line)
        if found or line.startswith(('1..', '== ')):
            flush()
        if found:
            good, seen = not found.group(1), seen + 1
            text.append(f'{prefix}: {name}: {found.group(2)}')
        elif line.startswith('1..'):
            wanted = int(line[3:].split()[0])
        elif line.startswith('== '):
            close()
            name, wanted, seen = line[3:], None, 0
            if name == 'end':
                ended = True
                break
        elif text:
            text.append(line.lstrip('# '))
    flush()
    if ended:
        return ''
    close()
    return f'stopped in {name or "the start"}'


def boot(tap, host, name, version, place, long):
    """One boot with its checks."""
    plan = dict(BOOTS[name], **({'long': 'yes'} if long else {}))
    if 'checks' in plan and not long:
        plan['checks'] = ','.join(check for check in plan['checks'].split(',') if version in CHECKS_ON.get(check.split(':')[0], SUITES))
    program = shutil.which(plan.get('program', 'true'))
    if not program:
        tap.result(True, f'{version}: {name} # SKIP no {plan["program"]} here')
        return
    initramfs = host.initramfs(Modules(place), plan['modules'] + ',' + plan.get('later', ''), [program] if 'program' in plan else [])
    words = ' '.join(f'{key}={plan[key]}' for key in ('checks', 'hosts', 'modules', 'place', 'disk', 'long') if key in plan)
    disks = [make_disk(host.work)] if 'disk' in plan else []
    machine = Machine(host.work, os.path.join(place, 'vmlinuz'), initramfs, words, disks, arch=host.arch)
    wrong = relay(tap, f'{version} {host.arch}' if 'arch' in plan else version, machine.lines(plan['seconds']), None if 'arch' in plan else version)
    machine.power_cut()
    tap.took(f'{version}: {name}', machine.took)
    if wrong:
        tap.result(False, f'{version}: {name}: the machine came to its end', [wrong, *machine.console_end()])


def userland(tap, host, version, place, long):
    """Boots of sandbox as process 1."""
    plan, took = BOOTS['userland'], 0
    for name in plan['cases']:
        if not long and version not in CASES[name].get('kernels', SUITES):
            continue
        wrong, console, seconds = case(host, place, name, plan['seconds'])
        took += seconds
        tap.result(not wrong, f'{version}: process 1: {name}', [*wrong, *console] if wrong else (), (f'process 1: {name}', version))
    tap.took(f'{version}: userland', took)
    if not long and version != list(SUITES)[-1]:
        return
    for number, commands in enumerate(paper_blocks(), 1):
        wrong, said, size = paper(host, place, plan['seconds'], commands)
        name = f'process 1: block {number} of docs/initramfs.md, an initramfs of {size} bytes'
        tap.result(not wrong, f'{version}: {name}', [*wrong, *said] if wrong else (), (f'process 1: block {number}', version))


def power(tap, host, version, place, long):
    """The power cuts."""
    plan = BOOTS['power']
    cuts = PowerCut(host, place, host.initramfs(Modules(place), plan['modules']), make_disk)
    for number in range(plan['cuts'][long]):
        prefix = f'{version}: cut {number + 1}'
        wrong = cuts.check(number, plan['seconds'], lambda lines: relay(tap, prefix, lines))
        if wrong:
            tap.result(False, f'{prefix}: the machine came to its end', [wrong])
    with tap.lock:
        print(f'\n# {version}: power: {cuts.took:.0f} seconds of a processor')
        print('# after the cuts the image was: ' + ', '.join(f'{n} times {what}' for what, n in cuts.found.items()))


def start(tap, hosts, name, version, long):
    """All that BOOTS has under this name, with this kernel."""
    try:
        host, place = hosts.get(name, version)
    except Missing as missing:
        tap.result(True, f'{version}: {name} # SKIP {missing}')
        return
    what = power if 'cuts' in BOOTS[name] else userland if 'cases' in BOOTS[name] else None
    if what:
        what(tap, host, version, place, long)
    else:
        boot(tap, host, name, version, place, long)


def main():
    """Fetch, pack, boot."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--long', action='store_true')
    parser.add_argument('--keep', action='store_true')
    parser.add_argument('--kernel', action='append', choices=SUITES)
    parser.add_argument('--checks', help='NAME:USER,... in place of those of the boot')
    parser.add_argument('--program', action='append', default=[], metavar='FILE', help='of this machine, to be had in there, too')
    parser.add_argument('--cache', default=os.path.join(TOP, 'build', 'vm'))
    parser.add_argument('boots', nargs='*', metavar='BOOT')
    args = parser.parse_args()
    if args.checks:
        for plan in BOOTS.values():
            plan['checks'] = args.checks
    args.cache = os.path.abspath(args.cache)
    tap = Tap()
    os.makedirs(args.cache, exist_ok=True)
    work = tempfile.mkdtemp(prefix='sandbox-vm.')
    try:
        hosts = Hosts(work, args.cache, args.program)
        kernels = args.kernel or list(SUITES)
        wanted = [(name, version) for name, plan in BOOTS.items() for version in kernels
                  if name in (args.boots or BOOTS) and (args.long or version in plan['kernels'])]
        # A machine has one processor.
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            jobs = [pool.submit(start, tap, hosts, name, version, args.long) for name, version in wanted]
        for job in jobs:
            job.result()
        tap.matrix(kernels)
    finally:
        if args.keep:
            print(f'# kept: {work}')
        else:
            shutil.rmtree(work)
    return tap.end()


if __name__ == '__main__':
    sys.exit(main())

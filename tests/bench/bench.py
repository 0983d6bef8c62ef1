#!/usr/bin/env python3
"""bench: times sandbox beside the floors and its peers, as one unprivileged user, and writes a table.

    bench.py [--quick|--smoke] [--rows PATTERN] [--images DIR] [--out FILE] [--sandbox FILE] [--helpers DIR] [--user NAME]

--rows takes SECTION or SECTION/NAME, two regular expressions; sections are warm, together, in-a-row, waiting, cold-plain, cold-gzip,
cold-zstd and small.  As root it installs the peers that are missing and makes the user; else it runs as the caller, with what is there.
Standard output says what it does, the table goes to --out.  The exit status is 1 where a row of sandbox or a floor failed.
Python's standard library, and the programs of `make helpers`.
"""
import argparse
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import disk
import report
import tools
from images import Images
from measure import Failed, Missing, Runner, settle_disk
from rows import Rows

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.join(HERE, '..', '..')
# Repetitions; `slow` and `more` are rows that no target is about, or that take very long.
FULL = {'warm': 40, 'warm-slow': 8, 'together': 7, 'together-slow': 1, 'in-a-row': 1000, 'in-a-row-reps': 3, 'cold': 5,
        'cold-more': 3, 'cold-slow': 2, 'skopeo': 1, 'small': 3, 'small-slow': 1, 'at-once': 64, 'sample': True}
QUICK = {'warm': 10, 'warm-slow': 2, 'together': 3, 'together-slow': 1, 'in-a-row': 100, 'in-a-row-reps': 1, 'cold': 2,
         'cold-more': 1, 'cold-slow': 1, 'skopeo': 0, 'small': 1, 'small-slow': 0, 'at-once': 64,
         'sample': False}
# As few as can be: whether it works at all.
SMOKE = {**{name: 1 for name in QUICK}, 'warm': 2, 'in-a-row': 10, 'at-once': 4, 'sample': False}


def say(text):
    print(f'[{time.strftime("%H:%M:%S")}] {text}', flush=True)


class Result:
    """What came of a row."""

    def __init__(self, row):
        self.row, self.samples, self.memory, self.peak, self.left = row, [], None, 0, ''
        self.error = row.missing and f'missing: {row.missing}'
        for program in row.needs:
            if not shutil.which(program):
                self.error = f'missing: {program}'


class Bench:
    """One run: a work directory, a runner in it, and the results."""

    def __init__(self, runner):
        self.runner, self.results, self.disk = runner, {}, disk.Disk(runner.work)

    def directory(self, row):
        if row.place:
            return self.runner.directory(row.place)
        if not self.disk.mounted:
            return self.runner.directory()
        self.end_leftovers()  # podman's know no mount that is newer than they are
        self.disk.fresh()
        return self.runner.directory(os.path.join(disk.NAME, 't'))  # podman wants it short

    def prepare(self, result, done):
        for argv in result.row.setup:
            if argv not in done:
                done.append(argv)
                self.runner.setup(argv, self.directory(result.row))

    def one(self, result, sampled=False):
        row, runner = result.row, self.runner
        cwd = self.directory(row)
        argv = [word.replace('@DIR', cwd) for word in row.argv]
        try:
            if row.held:
                result.memory = runner.held(argv, cwd, row.together, 'sleep')
                return
            before = self.seen(row.leaves)
            sample = runner.timed(argv, cwd, times=row.times, together=row.together, expect=row.expect, sampled=sampled)
            self.compare(result, before, sample)
            result.peak = max(result.peak, sample.peak, sample.largest)
            if not row.place:
                print(f'  . {row.name}: {sample.seconds:.2f} s', flush=True)
            if not sampled:
                result.samples.append(sample)
        finally:
            if not row.place:
                if not self.disk.mounted:
                    runner.remove(cwd)
                settle_disk()  # so that the next row has a quiet one

    # ---- what is left of a run ----

    def seen(self, store):
        """Mounts, the user's processes, and files of the store other than the images' own."""
        if not store:
            return None
        files = set()
        for folder, folders, names in os.walk(store):
            if os.path.basename(folder) == 'rootfs':
                folders.clear()
                continue
            files.update(os.path.relpath(os.path.join(folder, name), store) for name in folders + names)
        with open('/proc/self/mountinfo') as f:
            mounts = len(f.readlines())
        return mounts, self.own_processes() if self.runner.drop else set(), files

    def own_processes(self):
        found = set()
        for name in os.listdir('/proc'):
            if name.isdigit():
                try:
                    with open(f'/proc/{name}/status') as f:
                        uid = next(line for line in f if line.startswith('Uid:')).split()[1]
                except (OSError, StopIteration):
                    continue
                if int(uid) == self.runner.user.pw_uid:
                    found.add(int(name))
        return found

    def compare(self, result, before, sample):
        if before is None:
            return
        after = self.seen(result.row.leaves)
        if sample.left:
            result.left = f'{sample.left} processes'
        elif after[0] > before[0]:
            result.left = f'{after[0] - before[0]} mounts'
        elif after[1] - before[1]:
            result.left = f'{len(after[1] - before[1])} processes'
        elif after[2] - before[2]:
            result.left = 'in the store: ' + ', '.join(sorted(after[2] - before[2])[:3])

    # ---- sections ----

    def run(self, section, rows):
        say(f'{section}: {len(rows)} rows')
        results, done = [Result(row) for row in rows], []
        self.results[section] = results
        for turn in range(-1, max(row.reps for row in rows)):
            for result in results:
                row = result.row
                # The turn before the first warms what can be warm and is where memory is watched.
                due = (row.sampled or bool(row.place) and not row.held and row.times == 1) if turn < 0 else turn < row.reps
                if result.error or not due:
                    continue
                try:
                    self.prepare(result, done)
                    self.one(result, sampled=turn < 0 and row.sampled)
                    if turn < 0 and not row.sampled:
                        result.samples.clear()
                except Missing as e:
                    result.error = f'missing: {e}'
                except (Failed, OSError) as e:
                    result.error = f'failed: {self.anonymous(str(e))}'
        for result in results:
            print('  ' + report.line(result), flush=True)

    def anonymous(self, text):
        """Without what only this machine has."""
        text = re.sub(re.escape(self.runner.work) + r'(/t-\w+)?', '.', text)
        return text.replace(os.uname().nodename, 'HOST') if len(os.uname().nodename) > 3 else text

    def end_leftovers(self):
        """The user is ours, and so is what he still runs (podman keeps a process that holds his namespace)."""
        if self.runner.drop:
            for pid in self.own_processes():
                try:
                    os.kill(pid, signal.SIGKILL)
                except OSError:
                    pass


def enter_own_mounts():
    """As root go on in a mount namespace, where /sys/fs/cgroup is cgroup v2 alone: crun, and so podman, refuse version 1 and 2 side
    by side without root.  The mounts of cold rows go with it."""
    mark = 'SANDBOX_BENCH_MOUNTS'
    kind = subprocess.run(['findmnt', '-no', 'FSTYPE', '/sys/fs/cgroup'], capture_output=True, text=True, check=False).stdout.split()
    if os.getuid() == 0 and mark not in os.environ:
        script = 'exec "$@"'
        if kind not in ([], ['cgroup2']):
            script = 'umount -R /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup; ' + script
        os.environ[mark] = '1'
        os.execvp('unshare', ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', sys.executable, *sys.argv])


def warm_page_cache(runner):
    for path in runner.placed.values():
        subprocess.run(['find', path, '-type', 'f', '-exec', 'cat', '{}', '+'], stdout=subprocess.DEVNULL, check=True)


def make_user(name):
    try:
        pwd.getpwnam(name)
    except KeyError:
        # Not a system user: those get no subordinate ids, which podman wants.
        subprocess.run(['useradd', '--no-create-home', '--shell', '/bin/sh', '--user-group', name], check=True)


def fill(runner, a, images):
    """What all rows share: the programs, and the tiny image's root file system."""
    programs = os.path.join(runner.work, 'bin')
    os.mkdir(programs)
    shutil.copy(a.sandbox, os.path.join(programs, 'sandbox'))
    for program in ('floor', 'timer'):
        shutil.copy(os.path.join(a.helpers, program), programs)
    runner.timer = os.path.join(programs, 'timer')
    rootfs = os.path.join(runner.work, 'rootfs')
    images.tiny_tree(rootfs)
    if runner.drop:
        subprocess.run(['chown', '-R', f'{runner.user.pw_uid}:{runner.user.pw_gid}', rootfs], check=True)


def arguments():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('--quick', action='store_true', help='few repetitions')
    ap.add_argument('--smoke', action='store_true', help='for tests of the benchmark: as few as can be')
    ap.add_argument('--rows', default='.', metavar='PATTERN')
    ap.add_argument('--images', default=os.path.join(TOP, 'build', 'bench'), metavar='DIR', help='where images are kept')
    ap.add_argument('--out', default=os.path.join(HERE, 'RESULTS.md'), metavar='FILE')
    ap.add_argument('--sandbox', default=os.path.join(TOP, 'build', 'sandbox'), metavar='FILE')
    ap.add_argument('--helpers', default=os.path.join(TOP, 'build', 'tests', 'bench'), metavar='DIR')
    ap.add_argument('--user', default='sandbox-bench', metavar='NAME')
    return ap.parse_args()


def wants(pattern):
    """Whether a section, or one of its rows, is asked for."""
    of_section, _, of_name = (re.compile(part) for part in pattern.partition('/'))

    def wanted(key):
        section, _, name = key.partition('/')
        return bool(of_section.search(section) and (not name or of_name.search(name)))
    return wanted


def main():
    a = arguments()
    enter_own_mounts()
    begun = time.monotonic()
    os.umask(0o022)
    if os.getuid() == 0:
        tools.install(say)
        make_user(a.user)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # by way of what is to be cleaned up
    work = tempfile.mkdtemp(prefix='sandbox-bench-')
    os.chmod(work, 0o755)
    # Where the cold rows share a file system: below a directory with this flag each new one starts in another part of the disk, and
    # is not slowed down so much by what the one before removed.
    subprocess.run(['chattr', '+T', work], stderr=subprocess.DEVNULL, check=False)
    bench = None
    try:
        runner = Runner(work, a.helpers, a.user)
        images = Images(a.images, a.helpers, say)
        fill(runner, a, images)
        rows = Rows(runner, images, SMOKE if a.smoke else QUICK if a.quick else FULL, wants(a.rows))
        sections = rows.sections()
        warm_page_cache(runner)
        if not a.smoke:
            settle_disk()
        bench = Bench(runner)
        measuring = time.monotonic()
        for section, its in sections:
            bench.run(section, its)
        options = ' '.join(['--quick'] * a.quick + ['--smoke'] * a.smoke + [f'--rows {a.rows}'] * (a.rows != '.'))
        text = report.markdown(bench.results, images, f'{report.machine(work)}, {bench.disk.kind}', options, time.monotonic() - measuring)
        with open(a.out, 'w') as f:
            f.write(text)
        print(report.verdicts(bench.results))
        say(f'{a.out}: done after {time.monotonic() - begun:.0f} s')
    finally:
        if bench:
            bench.end_leftovers()
            bench.disk.remove()
            runner.remove(work)
        else:
            shutil.rmtree(work, ignore_errors=True)
    ours = [result for results in bench.results.values() for result in results
            if result.row.name.startswith(('sandbox', 'floor'))]
    return 1 if any(result.error.startswith('failed') for result in ours) or not ours else 0


if __name__ == '__main__':
    sys.exit(main())

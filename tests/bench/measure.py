"""measure: runs a command as the user of the benchmark, and says how long it took and how much memory it had.

Used by bench.py.  All times come from timer.c, so that each row costs the same beside its own work: from the spawn of
the command to its exit, or to the first byte of its output.  Touches the work directory that it is given.
"""
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import threading
import time

PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
TIME_LIMIT = 400  # seconds for one command
SYNC_LIMIT = 15
SAMPLE_EVERY = 0.004


class Failed(Exception):
    """A command that gave another status, or other output, than it should."""


class Missing(Exception):
    """What this machine, or this user, does not have."""


class Sample:
    """What one call of the timer said; times in seconds, memory in KiB."""

    def __init__(self, line):
        elapsed, first, self.status, self.failed, self.largest, self.left = map(int, line.split())
        self.seconds, self.first = elapsed / 1e9, first / 1e9
        self.peak = 0  # resident memory of all its processes together, where it was sampled


def processes():
    """{pid: parent} of all that run."""
    found = {}
    for name in os.listdir('/proc'):
        if name.isdigit():
            try:
                with open(f'/proc/{name}/stat') as f:
                    found[int(name)] = int(f.read().rpartition(')')[2].split()[1])
            except (OSError, IndexError):
                pass  # it has just ended
    return found


def descendants(top):
    parents = processes()
    children = {}
    for pid, parent in parents.items():
        children.setdefault(parent, []).append(pid)
    found, todo = [], [top]
    while todo:
        below = children.get(todo.pop(), [])
        found += below
        todo += below
    return found


def resident(pid):
    try:
        with open(f'/proc/{pid}/statm') as f:
            return int(f.read().split()[1]) * os.sysconf('SC_PAGE_SIZE') // 1024
    except (OSError, IndexError):
        return 0


def proportional(pid):
    """The process's share of memory in KiB, proc(5): a page that n processes have counts 1/n in each.  None where it may not be read."""
    try:
        with open(f'/proc/{pid}/smaps_rollup') as f:
            return sum(int(line.split()[1]) for line in f if line.startswith('Pss:'))
    except OSError:
        return None


def program(pid):
    try:
        with open(f'/proc/{pid}/cmdline', 'rb') as f:
            return os.path.basename(f.read().split(b'\0')[0]).decode(errors='replace')
    except OSError:
        return ''


class Runner:
    """Runs commands below one work directory, as USER where the caller is root, else as the caller."""

    def __init__(self, work, helpers, user):
        self.work = work
        self.timer = os.path.join(helpers, 'timer')
        self.drop = []
        self.user = pwd.getpwuid(os.getuid())
        if os.getuid() == 0:
            self.user = pwd.getpwnam(user)
            self.drop = ['setpriv', f'--reuid={self.user.pw_uid}', f'--regid={self.user.pw_gid}', '--clear-groups',
                         '--inh-caps=-all', '--']
        self.placed = {}
        os.mkdir(os.path.join(work, 'images'))
        self.home = self.directory('home')
        self.runtime = self.directory('run')
        self.environment = {'PATH': os.path.join(work, 'bin') + ':' + PATH, 'HOME': self.home, 'XDG_RUNTIME_DIR': self.runtime,
                            'TMPDIR': self.directory('tmp'), 'LANG': 'C.UTF-8', 'USER': self.user.pw_name}

    def directory(self, name=None):
        """A directory of the user's: NAME below the work directory, or a new one."""
        path = os.path.join(self.work, name) if name else tempfile.mkdtemp(prefix='t-', dir=self.work)
        os.makedirs(path, mode=0o700, exist_ok=True)
        if self.drop:
            os.chown(path, self.user.pw_uid, self.user.pw_gid)
        return path

    def place(self, path):
        """Where the user can read what lies at PATH, which he may not reach where it is."""
        if path not in self.placed:
            target = os.path.join(self.work, 'images', f'{len(self.placed)}-{os.path.basename(path)}')
            if os.path.isdir(path):
                shutil.copytree(path, target, copy_function=link_or_copy)
            else:
                link_or_copy(path, target)
            self.placed[path] = target
        return self.placed[path]

    def remove(self, path):
        """Whatever a tool made there."""
        if not self.drop:
            subprocess.run(['chmod', '-R', 'u+rwX', path], stderr=subprocess.DEVNULL, check=False)
            if shutil.which('podman') and os.path.isdir(os.path.join(path, 'podman')):
                subprocess.run(['podman', 'unshare', 'rm', '-rf', path], stderr=subprocess.DEVNULL, check=False)
        subprocess.run(['rm', '-rf', '--one-file-system', path], stderr=subprocess.DEVNULL, check=False)

    def start(self, argv, cwd, log, stdin):
        return subprocess.Popen(self.drop + argv, cwd=cwd, env=self.environment, stdin=stdin, stdout=subprocess.PIPE,
                                stderr=log, text=True, start_new_session=True)

    def setup(self, argv, cwd):
        """Untimed."""
        with tempfile.TemporaryFile('w+') as log:
            child = self.start(argv, cwd, log, subprocess.DEVNULL)
            out = finish(child)
            if child.returncode:
                raise Failed(reason(log) or out.strip() or f'status {child.returncode}')
        return out

    def timed(self, argv, cwd, *, times=1, together=0, expect=None, sampled=False):
        options = ['-p', str(together)] if together else ['-n', str(times)]
        if expect is not None:
            options += ['-e', expect]
        with tempfile.TemporaryFile('w+') as log:
            child = self.start([self.timer, *options, *argv], cwd, log, subprocess.DEVNULL)
            sampler = Sampler(child.pid) if sampled else None
            try:
                out = finish(child)
            finally:
                peak = sampler.stop() if sampler else 0
            if child.returncode or not out:
                raise Failed(reason(log) or f'the timer ended with {child.returncode}')
            sample = Sample(out)
            sample.peak = peak
            if sample.failed:
                count = f'{sample.failed} of {max(times, together)}: ' if max(times, together) > 1 else ''
                raise Failed(f'{count}status {sample.status}: {reason(log)}')
        return sample

    def held(self, argv, cwd, together, payload):
        """The memory in KiB of TOGETHER runs that wait, as (of the started processes, of what else but the payload, of all)."""
        with tempfile.TemporaryFile('w+') as log:
            child = self.start([self.timer, '-p', str(together), '-h', *argv], cwd, log, subprocess.PIPE)
            try:
                if child.stdout.readline() != 'held\n':
                    raise Failed(reason(log) or 'it did not start')
                pids = self.until_waiting(child, together, payload, log)
                return self.memory(child, pids, payload)
            finally:
                self.release(child, payload)

    @staticmethod
    def release(child, payload):
        """Each tool is to end as it does when its command has; one that does not within half a minute is ended."""
        child.stdin.close()
        for _ in range(150):
            end(child.pid, only=payload)  # again and again: some may be about to start one
            try:
                child.wait(0.2)
                break
            except subprocess.TimeoutExpired:
                pass
        end(child.pid)
        child.kill()
        child.wait()
        child.stdout.close()

    def until_waiting(self, child, together, payload, log):
        for _ in range(600):
            time.sleep(0.1)
            pids = descendants(child.pid)
            if sum(program(pid) == payload for pid in pids) >= together:
                time.sleep(0.5)  # and whoever started it is done with that
                return descendants(child.pid)
        raise Failed(f'not all of {together} run after a minute: {reason(log)}')

    @staticmethod
    def memory(child, pids, payload):
        parents = processes()
        shares = {pid: proportional(pid) for pid in pids}
        if None in shares.values():
            raise Missing('leave to read the memory of processes that are closed to their own user: run it as root')
        started = sum(share for pid, share in shares.items() if parents.get(pid) == child.pid)
        inside = sum(share for pid, share in shares.items() if program(pid) == payload)
        return started, sum(shares.values()) - inside, sum(shares.values())


class Sampler:
    """Watches the resident memory of a process's descendants together."""

    def __init__(self, pid):
        self.peak, self.pid, self.over = 0, pid, threading.Event()
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()

    def watch(self):
        pids, again = [], 0.0
        while not self.over.wait(SAMPLE_EVERY):
            if time.monotonic() >= again:  # the list costs more than the numbers
                pids, again = descendants(self.pid), time.monotonic() + 0.03
            self.peak = max(self.peak, sum(resident(pid) for pid in pids if program(pid) not in ('timer', 'setpriv')))

    def stop(self):
        self.over.set()
        self.thread.join()
        return self.peak


def settle_disk():
    """Wait for the disk, but not for ever for what others write to it."""
    try:
        subprocess.Popen(['sync']).wait(SYNC_LIMIT)
    except subprocess.TimeoutExpired:
        pass


def link_or_copy(path, target):
    try:
        os.link(path, target)
    except OSError:
        shutil.copy(path, target)


def finish(child):
    """Its output.  Whatever ends our waiting ends the command too."""
    try:
        return child.communicate(timeout=TIME_LIMIT)[0]
    except BaseException as e:
        end(child.pid)
        child.kill()
        child.communicate()
        if isinstance(e, subprocess.TimeoutExpired):
            raise Failed(f'not done after {TIME_LIMIT} seconds') from None
        raise


def end(pid, only=None):
    """End what runs below a process that is ours."""
    for one in descendants(pid):
        if only is None or program(one) == only:
            try:
                os.kill(one, signal.SIGKILL)
            except OSError:
                pass


def reason(log):
    """The first line of what was said that tells something."""
    log.seek(0)
    lines = [line.strip() for line in log.read().splitlines() if line.strip()]
    bad = [line for line in lines if 'warn' not in line.lower()]
    return (bad or lines or [''])[0][:300]

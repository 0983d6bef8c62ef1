"""kernel: Debian's cloud kernels, fetched without installing anything, and their modules; single programs likewise.

Called by run.py.  Touches the cache directory that it is given, and the mirror that this machine's own apt lists name.
"""
import fcntl
import glob
import lzma
import os
import re
import shutil
import subprocess
import time

SUITES = {'5.10': 'bullseye', '6.1': 'bookworm', '6.12': 'trixie'}
META = 'linux-image-cloud-'


class Missing(Exception):
    """What is not to be had, in words for a skipped test."""


def mirrors():
    """Where this machine gets Debian itself from: the addresses of the archive, not of its updates."""
    said = subprocess.run(['apt-get', 'indextargets', '--format', '$(REPO_URI) $(LABEL) $(COMPONENT)', 'Created-By: Packages'],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False).stdout
    return sorted({line.split()[0] for line in said.splitlines() if line.split()[1:] == ['Debian', 'main']})


class Apt:
    """apt with lists and a cache of its own, for one suite and one of Debian's architectures."""

    def __init__(self, cache, suite, arch):
        directory = os.path.join(cache, f'apt-{suite}{suffix(arch)}')
        self.directory, self.arch = directory, arch
        for name in ('lists/partial', 'cache/archives/partial'):
            os.makedirs(os.path.join(directory, name), exist_ok=True)
        with open(os.path.join(directory, 'sources.list'), 'w', encoding='utf-8') as f:
            for mirror in mirrors():
                f.write(f'deb [arch={arch}] {mirror} {suite} main\n')
        self.log = open(os.path.join(directory, 'log'), 'a', encoding='utf-8')

    def __call__(self, tool, *words, cwd=None):
        place = self.directory
        options = [f'Dir::Etc::sourcelist={place}/sources.list', 'Dir::Etc::sourceparts=/dev/null',
                   f'Dir::State::lists={place}/lists', f'Dir::Cache={place}/cache', 'APT::Sandbox::User=',
                   f'APT::Architecture={self.arch}', f'APT::Architectures={self.arch}',
                   'Acquire::Check-Valid-Until=false', 'Acquire::Languages=none', 'Acquire::Retries=2',
                   'Acquire::http::Timeout=20', 'Acquire::https::Timeout=20']
        command = [tool, '-q', *[word for option in options for word in ('-o', option)], *words]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=self.log, text=True, check=False, cwd=cwd)
        return done.stdout if done.returncode == 0 else ''

    def update(self):
        """Lists of the last hour."""
        lists = glob.glob(os.path.join(self.directory, 'lists', '*_Packages*'))
        if not lists or os.path.getmtime(self.log.name) < time.time() - 3600:
            self('apt-get', 'update')
            os.utime(self.log.name)


def suffix(arch):
    """What names of the cache end in; for the architecture that was there first, in nothing."""
    return '' if arch == 'amd64' else '-' + arch


def fetch(version, cache, arch='amd64'):
    """The directory with vmlinuz and modules/ of a kernel, whole or not there."""
    return kept(os.path.join(cache, version + suffix(arch)), 'vmlinuz', lambda work: unpack(Apt(cache, SUITES[version], arch), work))


def program(package, name, cache, suite, arch):
    """A program of a package."""
    def take(work):
        apt = Apt(cache, suite, arch)
        apt.update()
        root = download(apt, package, work)
        for path in (os.path.join(root, 'usr/bin', name), os.path.join(root, 'bin', name)):
            if os.path.exists(path):
                os.renames(path, os.path.join(work, 'whole', name))
                return
        raise Missing(f'{package} of {suite} has no {name}')
    return os.path.join(kept(os.path.join(cache, package + suffix(arch)), name, take), name)


def kept(place, sign, make):
    """The directory place, made if its file sign is not there: make(work) leaves the new one as work/whole."""
    if os.path.exists(os.path.join(place, sign)):
        return place
    if not shutil.which('apt-get') or not shutil.which('dpkg-deb'):
        raise Missing('no apt-get here to fetch packages with')
    work = place + f'.{os.getpid()}'
    os.makedirs(os.path.dirname(place), exist_ok=True)
    with open(os.path.join(os.path.dirname(place), 'lock'), 'w', encoding='ascii') as lock:
        # Two tests may want the same, and apt keeps one list.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.path.exists(os.path.join(place, sign)):
            return place
        shutil.rmtree(work, ignore_errors=True)
        os.makedirs(work)
        try:
            make(work)
            os.rename(os.path.join(work, 'whole'), place)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    return place


def download(apt, package, work):
    """A package of any architecture, unpacked into a directory below work."""
    apt('apt-get', 'download', package, cwd=work)
    packages = glob.glob(os.path.join(work, '*.deb'))
    if not packages:
        raise Missing(f'the mirror does not give {package}')
    root = os.path.join(work, 'root')
    subprocess.run(['dpkg-deb', '-x', packages[0], root], check=True)
    return root


def unpack(apt, work):
    """work/whole from the suite's kernel package."""
    apt.update()
    name = re.search(r'^ *Depends: *(linux-image-\S+)', apt('apt-cache', 'depends', META + apt.arch), re.M)
    if not name:
        raise Missing(f'the mirror has no kernel {META}{apt.arch}')
    root = download(apt, name.group(1), work)
    os.mkdir(os.path.join(work, 'whole'))
    os.rename(glob.glob(root + '/boot/vmlinuz-*')[0], os.path.join(work, 'whole', 'vmlinuz'))
    modules = glob.glob(root + '/lib/modules/*') + glob.glob(root + '/usr/lib/modules/*')
    os.rename(modules[0], os.path.join(work, 'whole', 'modules'))


class Modules:
    """The modules of a kernel: each with all that it needs, in the order in which to load them."""

    def __init__(self, place):
        self.paths = {}
        for path in glob.glob(os.path.join(place, 'modules', '**', '*.ko*'), recursive=True):
            self.paths[os.path.basename(path).split('.')[0].replace('-', '_')] = path
        self.kept = {}

    def data(self, name):
        """The module, decompressed."""
        if name not in self.kept:
            with open(self.paths[name], 'rb') as f:
                data = f.read()
            self.kept[name] = lzma.decompress(data) if self.paths[name].endswith('.xz') else data
        return self.kept[name]

    def needs(self, name):
        """The names in loading order, the module itself last; nothing where it is built in."""
        if name not in self.paths:
            return []
        found = re.search(rb'\0depends=([^\0]*)\0', self.data(name))
        order = []
        for other in found.group(1).decode().split(',') if found else []:
            order += [n for n in self.needs(other.replace('-', '_')) if n not in order]
        return order + [name]

"""kernel: Debian's cloud kernels, fetched without installing anything, and their modules.

Called by run.py.  Touches the cache directory that it is given, and the mirror that this machine's own apt lists name.
"""
import glob
import lzma
import os
import re
import shutil
import subprocess

SUITES = {'5.10': 'bullseye', '6.1': 'bookworm', '6.12': 'trixie'}
META = 'linux-image-cloud-amd64'


class Missing(Exception):
    """What is not to be had, in words for a skipped test."""


def mirrors():
    """Where this machine gets Debian itself from: the addresses of the archive, not of its updates."""
    said = subprocess.run(['apt-get', 'indextargets', '--format', '$(REPO_URI) $(LABEL) $(COMPONENT)', 'Created-By: Packages'],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False).stdout
    return sorted({line.split()[0] for line in said.splitlines() if line.split()[1:] == ['Debian', 'main']})


class Apt:
    """apt with lists and a cache of its own, for one suite."""

    def __init__(self, directory, suite):
        self.directory = directory
        for name in ('lists/partial', 'cache/archives/partial'):
            os.makedirs(os.path.join(directory, name), exist_ok=True)
        with open(os.path.join(directory, 'sources.list'), 'w', encoding='utf-8') as f:
            for mirror in mirrors():
                f.write(f'deb [arch=amd64] {mirror} {suite} main\n')
        self.log = open(os.path.join(directory, 'log'), 'a', encoding='utf-8')

    def __call__(self, tool, *words, cwd=None):
        place = self.directory
        options = [f'Dir::Etc::sourcelist={place}/sources.list', 'Dir::Etc::sourceparts=/dev/null',
                   f'Dir::State::lists={place}/lists', f'Dir::Cache={place}/cache', 'APT::Sandbox::User=',
                   'Acquire::Check-Valid-Until=false', 'Acquire::Languages=none', 'Acquire::Retries=2',
                   'Acquire::http::Timeout=20', 'Acquire::https::Timeout=20']
        command = [tool, '-q', *[word for option in options for word in ('-o', option)], *words]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=self.log, text=True, check=False, cwd=cwd)
        return done.stdout if done.returncode == 0 else ''


def fetch(version, cache):
    """The directory with vmlinuz and modules/ of a kernel, whole or not there."""
    suite = SUITES[version]
    place = os.path.join(cache, version)
    if os.path.exists(os.path.join(place, 'vmlinuz')):
        return place
    if not shutil.which('apt-get') or not shutil.which('dpkg-deb'):
        raise Missing('no apt-get here to fetch a kernel with')
    work = place + f'.{os.getpid()}'
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    try:
        unpack(Apt(os.path.join(cache, 'apt-' + suite), suite), suite, work)
        os.rename(os.path.join(work, 'kernel'), place)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return place


def unpack(apt, suite, work):
    """work/kernel from the suite's package."""
    apt('apt-get', 'update')
    name = re.search(r'^ *Depends: *(linux-image-\S+)', apt('apt-cache', 'depends', META), re.M)
    if not name:
        raise Missing(f'the mirror has no kernel of {suite}')
    apt('apt-get', 'download', name.group(1), cwd=work)
    packages = glob.glob(os.path.join(work, '*.deb'))
    if not packages:
        raise Missing(f'the mirror does not give {name.group(1)}')
    root = os.path.join(work, 'root')
    subprocess.run(['dpkg-deb', '-x', packages[0], root], check=True)
    os.mkdir(os.path.join(work, 'kernel'))
    os.rename(glob.glob(root + '/boot/vmlinuz-*')[0], os.path.join(work, 'kernel', 'vmlinuz'))
    modules = glob.glob(root + '/lib/modules/*') + glob.glob(root + '/usr/lib/modules/*')
    os.rename(modules[0], os.path.join(work, 'kernel', 'modules'))


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

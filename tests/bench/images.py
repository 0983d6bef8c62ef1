"""images: the images that the benchmark runs, made once and kept.

Used by bench.py.  Everything goes to one directory: NAME.tar is an image, NAME.flat.tar its tree as one tar, NAME.oci the same
image as an OCI layout (which umoci reads), NAME.json what is in it.  A file is there when it is whole.
"""
import hashlib
import io
import json
import os
import random
import shutil
import subprocess
import tarfile
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
EXAMPLES = os.path.join(HERE, '..', '..', 'rootfs-examples')
PACKAGES = ['python3', 'python3-numpy', 'gcc', 'g++', 'libboost-dev']
HELLO = ['/bin/echo', 'hello']
SMALL_FILES, SMALL_FOLDERS = 200_000, 10_000

# Where a file of the Debian goes, as if the image had been made in these steps; what matches none is in the lowest layer.
LAYERS = [
    ('usr/lib/gcc/', 'usr/lib/x86_64-linux-gnu/lib', 'usr/lib/aarch64-linux-gnu/lib', 'usr/include/c++/'),
    ('usr/lib/python3', 'usr/share/python3', 'usr/bin/python3', 'usr/bin/py3'),
    ('usr/include/boost/',),
]


class Images:
    """The directory, and makers of what is not there yet."""

    def __init__(self, directory, helpers, say):
        self.directory, self.helpers, self.say = os.path.abspath(directory), helpers, say
        os.makedirs(self.directory, exist_ok=True)

    def path(self, name):
        return os.path.join(self.directory, name)

    def make(self, name, maker):
        """The path of NAME, which maker(path) writes where it is not there."""
        path = self.path(name)
        if not os.path.exists(path):
            self.say(f'making {name}')
            with tempfile.TemporaryDirectory(prefix='new-', dir=self.directory) as work:
                new = os.path.join(work, name)
                maker(new)
                os.chmod(new, 0o755 if os.path.isdir(new) else 0o644)
                os.rename(new, path)
        return path

    def about(self, name):
        """What a flat tar holds, as {'bytes': of its regular files, 'entries': n, 'tar': its size}."""
        flat = self.path(name + '.flat.tar')

        def count(out):
            with tarfile.open(flat) as tar, open(out, 'w') as f:
                members = list(tar)
                json.dump({'bytes': sum(m.size for m in members if m.isreg()), 'entries': len(members),
                           'tar': os.path.getsize(flat)}, f)

        with open(self.make(name + '.json', count)) as f:
            return json.load(f)

    # ---- tiny ----

    def tiny_tree(self, top):
        """A root file system with one program, and with everything that a tool wants to mount on."""
        for folder in ('bin', 'dev', 'etc', 'home', 'proc', 'root', 'sys', 'tmp', 'run', 'usr/bin', 'var/tmp'):
            os.makedirs(os.path.join(top, folder))
        for name in ('true', 'sleep'):
            shutil.copy(os.path.join(self.helpers, 'payload'), os.path.join(top, 'bin', name))
            os.chmod(os.path.join(top, 'bin', name), 0o755)
        for name in ('dev/null', 'dev/zero', 'dev/full', 'dev/random', 'dev/urandom', 'dev/tty', 'etc/hosts', 'etc/resolv.conf'):
            open(os.path.join(top, name), 'w').close()
        for name, text in (('passwd', 'root:x:0:0:root:/root:/bin/sh\n'), ('group', 'root:x:0:\n')):
            with open(os.path.join(top, 'etc', name), 'w') as f:
                f.write(text)

    def tiny(self):
        # Its name has the program in it, which changes with payload.c.
        with open(os.path.join(self.helpers, 'payload'), 'rb') as f:
            version = hashlib.sha256(f.read()).hexdigest()[:8]

        def pack_tree(out):
            tree = out + '.tree'
            self.tiny_tree(tree)
            pack(out, '--rootfs', tree, '--cmd', '["/bin/true"]', '--tag', 'bench:tiny')

        return self.make(f'tiny-{version}.tar', pack_tree)

    # ---- a Debian ----

    def bootstrap(self, out):
        script = os.path.join(EXAMPLES, 'bootstrap.sh')
        environment = {**os.environ, 'EXAMPLES_CACHE': self.path('packages')}
        subprocess.run(['sh', script, out + '.raw', *PACKAGES], env=environment, check=True)
        # No image has devices in it, and nobody else's Debian has what apt fetched on the way.
        with tarfile.open(out + '.raw') as raw, tarfile.open(out, 'w', format=tarfile.PAX_FORMAT) as tar:
            for member in raw:
                member.name = os.path.normpath(member.name)
                if member.islnk():
                    member.linkname = os.path.normpath(member.linkname)
                for key in ('path', 'linkpath'):
                    member.pax_headers.pop(key, None)  # would be written in place of the new names
                if member.isdev() or member.name.startswith(('var/lib/apt/lists/', 'var/cache/')):
                    continue
                tar.addfile(member, raw.extractfile(member) if member.isreg() else None)

    def layers(self, directory):
        """The flat tar cut into layers, each with the folders that it needs."""
        os.mkdir(directory)
        tars = [tarfile.open(os.path.join(directory, f'{n}.tar'), 'w', format=tarfile.PAX_FORMAT) for n in range(len(LAYERS) + 1)]
        folders, where, there = {}, {}, [set() for _ in tars]
        with tarfile.open(self.path('debian.flat.tar')) as flat:
            for member in flat:
                if member.isdir():
                    folders[member.name] = member
                n = next((n + 1 for n, starts in enumerate(LAYERS) if member.name.startswith(starts)), 0)
                if member.islnk():
                    n = where.get(member.linkname, 0)  # a hard link belongs beside its file
                where[member.name] = n
                parents, name = [], member.name
                while (name := os.path.dirname(name)) and name not in there[n]:
                    parents.append(name)
                for parent in reversed(parents):
                    there[n].add(parent)
                    tars[n].addfile(folders[parent])
                if member.name not in there[n]:
                    there[n].add(member.name)
                    tars[n].addfile(member, flat.extractfile(member) if member.isreg() else None)
        for tar in tars:
            tar.close()
        return [tar.name for tar in tars]

    def debian(self, compressor):
        """The image's path; compressor is plain (one layer), gzip or zstd (several)."""
        self.make('debian.flat.tar', self.bootstrap)
        self.about('debian')
        common = ['--cmd', json.dumps(HELLO), '--tag']

        def pack_oci(out):
            if compressor == 'plain':
                return pack(out, '--format', 'oci-dir', '--rootfs', self.path('debian.flat.tar'), *common, 'plain')
            first, *rest = self.layers(out + '.layers')
            more = [word for path in rest for word in ('--layer', path)]
            return pack(out, '--format', 'oci-dir', '--compress', compressor, '--rootfs', first, *more, *common, compressor)

        def pack_tar(out):
            if compressor == 'plain':
                pack(out, '--format', 'docker', '--rootfs', self.path('debian.flat.tar'), *common, 'bench:plain')
            else:
                oci = self.path(f'debian-{compressor}.oci')
                subprocess.run(['tar', '-C', oci, '--owner=0', '--group=0', '-cf', out, *sorted(os.listdir(oci))], check=True)

        self.make(f'debian-{compressor}.oci', pack_oci)
        return self.make(f'debian-{compressor}.tar', pack_tar)

    # ---- many small files ----

    def small(self):
        def write(out):
            rng = random.Random(5)
            data = rng.randbytes(1 << 16)
            with tarfile.open(out, 'w', format=tarfile.PAX_FORMAT) as tar:
                def add(name, size=0, kind=tarfile.REGTYPE, mode=0o644, content=b''):
                    t = tarfile.TarInfo(name)
                    t.size, t.type, t.mode, t.mtime = size, kind, mode, 1_000_000_000
                    tar.addfile(t, io.BytesIO(content))

                with open(os.path.join(self.helpers, 'payload'), 'rb') as f:
                    program = f.read()
                for name in ('bin', 'dev', 'etc', 'proc', 'sys', 'tmp', 'data'):
                    add(name, kind=tarfile.DIRTYPE, mode=0o755)
                add('bin/true', len(program), mode=0o755, content=program)
                each = SMALL_FILES // SMALL_FOLDERS
                for folder in range(SMALL_FOLDERS):
                    if folder % 100 == 0:
                        add(f'data/{folder // 100:02}', kind=tarfile.DIRTYPE, mode=0o755)
                    where = f'data/{folder // 100:02}/{folder % 100:02}'
                    add(where, kind=tarfile.DIRTYPE, mode=0o755)
                    for n in range(each):
                        at, size = rng.randrange(1 << 15), rng.randrange(4096)
                        add(f'{where}/file-{n:02}.py', size, content=data[at:at + size])

        flat = self.make('small.flat.tar', write)
        self.about('small')
        common = ['--cmd', '["/bin/true"]', '--rootfs', flat]
        self.make('small.oci', lambda out: pack(out, '--format', 'oci-dir', '--tag', 'small', *common))
        return self.make('small.tar', lambda out: pack(out, '--format', 'docker', '--tag', 'bench:small', *common))


def pack(out, *options):
    subprocess.run([os.path.join(EXAMPLES, 'pack.py'), *options, out], check=True)


def layer_files(oci):
    """The layers of an OCI layout, lowest first."""
    def blob(digest):
        return os.path.join(oci, 'blobs', *digest.split(':'))

    with open(os.path.join(oci, 'index.json')) as f:
        manifest = blob(json.load(f)['manifests'][0]['digest'])
    with open(manifest) as f:
        return [blob(layer['digest']) for layer in json.load(f)['layers']]

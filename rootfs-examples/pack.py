#!/usr/bin/env python3
"""Pack a root filesystem and a config into an image tarball, as `docker save` or an OCI tool would write it.

    pack.py [--format docker|docker-classic|oci|oci-dir] --rootfs DIR|TAR [--layer DIR|TAR]... [--tag NAME:TAG]
            [--entrypoint JSON] [--cmd JSON] [--env K=V]... [--workdir DIR] [--user USER]
            [--volume DIR]...
            [--compress none|gzip|zstd] OUT

docker          what Docker 25 and later save: an OCI layout with a manifest.json beside it
docker-classic  what Docker saved before: a folder for each layer with VERSION, json and layer.tar
oci             an OCI layout in a tar; oci-dir: the same as a directory OUT

A DIR becomes a layer whose files belong to root; a TAR is taken as it is.  --rootfs is the lowest layer, each --layer
lies above the one before.  The same input gives the same bytes: names are sorted, and every time is SOURCE_DATE_EPOCH
(0 where it is not set).  Python's standard library, and the zstd program for --compress zstd.
"""
import argparse
import gzip
import hashlib
import io
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time

EPOCH = int(os.environ.get('SOURCE_DATE_EPOCH', '0'))
CREATED = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(EPOCH))
ARCHITECTURES = {'x86_64': 'amd64', 'aarch64': 'arm64', 'armv7l': 'arm', 'i686': '386'}


def digest(path):
    h = hashlib.sha256()
    with open(path, 'rb') as f:
        while block := f.read(1 << 20):
            h.update(block)
    return h.hexdigest()


def tar_entry(name, size=0, kind=tarfile.REGTYPE, mode=0o644):
    t = tarfile.TarInfo(name)
    t.size, t.type, t.mode, t.mtime = size, kind, mode, EPOCH
    return t


def layer_from_dir(top, out):
    """Write the tree below top as a tar in which all belongs to root."""
    def owned_by_root(t):
        t.uid = t.gid = 0
        t.uname = t.gname = ''
        t.mtime = EPOCH
        return t

    with tarfile.open(out, 'w', format=tarfile.PAX_FORMAT) as tar:
        for folder, folders, files in os.walk(top):
            folders.sort()
            below = os.path.relpath(folder, top)
            links = [d for d in folders if os.path.islink(os.path.join(folder, d))]
            if below != '.':
                tar.add(folder, below, recursive=False, filter=owned_by_root)
            for name in sorted(files + links):
                tar.add(os.path.join(folder, name), os.path.normpath(os.path.join(below, name)),
                        recursive=False, filter=owned_by_root)


def compress(plain, how, out):
    if how == 'gzip':
        with open(plain, 'rb') as src, open(out, 'wb') as raw, \
                gzip.GzipFile('', 'wb', 6, raw, mtime=0) as dst:
            shutil.copyfileobj(src, dst, 1 << 20)
    elif how == 'zstd':
        with open(plain, 'rb') as src, open(out, 'wb') as dst:
            subprocess.run(['zstd', '-q', '-c', '-3'], stdin=src, stdout=dst, check=True)
    else:
        os.rename(plain, out)


def make_layers(sources, how, work):
    """Returns [(file, digest of the file, digest of the tar in it)], lowest first."""
    layers = []
    for n, source in enumerate(sources):
        plain, packed = os.path.join(work, f'{n}.tar'), os.path.join(work, f'{n}.layer')
        if os.path.isdir(source):
            layer_from_dir(source, plain)
        else:
            shutil.copyfile(source, plain)
        diff_id = digest(plain)
        compress(plain, how, packed)
        layers.append((packed, digest(packed) if how != 'none' else diff_id, diff_id))
    return layers


def make_config(a, layers):
    config = {'Env': a.env or ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin']}
    for key, value in (('Entrypoint', a.entrypoint), ('Cmd', a.cmd), ('WorkingDir', a.workdir), ('User', a.user)):
        if value is not None:
            config[key] = value
    if a.volume:
        config['Volumes'] = {directory: {} for directory in a.volume}
    return {'architecture': a.arch, 'os': 'linux', 'created': CREATED, 'config': config,
            'rootfs': {'type': 'layers', 'diff_ids': ['sha256:' + d for _, _, d in layers]},
            'history': [{'created': CREATED, 'created_by': 'pack.py'} for _ in layers]}


def as_json(value):
    return json.dumps(value, sort_keys=True, separators=(',', ':')).encode()


class Image:
    """The members of the image, collected first and written sorted, since names decide the order in real archives too."""

    def __init__(self):
        self.members = {}

    def text(self, name, data):
        self.members[name] = data

    def file(self, name, path):
        self.members[name] = path

    def blob(self, data):
        name = hashlib.sha256(data).hexdigest()
        self.text('blobs/sha256/' + name, data)
        return name

    def parents(self):
        found = set()
        for name in self.members:
            while name := os.path.dirname(name):
                found.add(name)
        return found

    def write_tar(self, out):
        folders = self.parents()
        with open(out, 'wb') as raw, tarfile.open(fileobj=raw, mode='w', format=tarfile.USTAR_FORMAT) as tar:
            for name in sorted(folders | set(self.members)):
                if name in folders:
                    tar.addfile(tar_entry(name, kind=tarfile.DIRTYPE, mode=0o755))
                elif isinstance(value := self.members[name], bytes):
                    tar.addfile(tar_entry(name, len(value)), io.BytesIO(value))
                else:
                    with open(value, 'rb') as f:
                        tar.addfile(tar_entry(name, os.path.getsize(value)), f)

    def write_dir(self, out):
        for name in sorted(self.members):
            path = os.path.join(out, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            if isinstance(value := self.members[name], bytes):
                with open(path, 'wb') as f:
                    f.write(value)
            else:
                shutil.copyfile(value, path)


def add_oci_layout(image, a, config, layers):
    kind = {'none': 'tar', 'gzip': 'tar+gzip', 'zstd': 'tar+zstd'}[a.compress]
    for path, name, _ in layers:
        image.file('blobs/sha256/' + name, path)
    media = 'application/vnd.oci.image.'
    manifest = as_json({
        'schemaVersion': 2, 'mediaType': media + 'manifest.v1+json',
        'config': {'mediaType': media + 'config.v1+json', 'digest': 'sha256:' + image.blob(config), 'size': len(config)},
        'layers': [{'mediaType': media + 'layer.v1.' + kind, 'digest': 'sha256:' + name, 'size': os.path.getsize(path)}
                   for path, name, _ in layers]})
    entry = {'mediaType': media + 'manifest.v1+json', 'digest': 'sha256:' + image.blob(manifest), 'size': len(manifest)}
    if a.tag:
        entry['annotations'] = {'org.opencontainers.image.ref.name': a.tag if a.format.startswith('oci')
                                else a.tag.rpartition(':')[2]}
        if a.format == 'docker':
            entry['annotations']['io.containerd.image.name'] = a.tag
    image.text('index.json', as_json({'schemaVersion': 2, 'mediaType': media + 'index.v1+json', 'manifests': [entry]}))
    image.text('oci-layout', as_json({'imageLayoutVersion': '1.0.0'}))


def add_docker_names(image, a, config_name, layer_names):
    image.text('manifest.json', as_json([{'Config': config_name, 'RepoTags': [a.tag] if a.tag else None, 'Layers': layer_names}]))


def add_classic_layers(image, config, layers):
    """The folders' names are Docker's v1 ids: any 64 digits, each layer's made from its content and its parent."""
    parent, names = '', []
    for path, _, diff_id in layers:
        one = hashlib.sha256((parent + diff_id).encode()).hexdigest()
        image.text(one + '/VERSION', b'1.0')
        image.text(one + '/json', as_json({'id': one, **({'parent': parent} if parent else {}), 'os': 'linux'}))
        image.file(one + '/layer.tar', path)
        names.append(one + '/layer.tar')
        parent = one
    name = hashlib.sha256(config).hexdigest() + '.json'
    image.text(name, config)
    return name, names


def arguments():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('--format', choices=('docker', 'docker-classic', 'oci', 'oci-dir'), default='docker')
    ap.add_argument('--rootfs', required=True, metavar='DIR|TAR')
    ap.add_argument('--layer', action='append', default=[], metavar='DIR|TAR')
    ap.add_argument('--entrypoint', type=json.loads, metavar='JSON')
    ap.add_argument('--cmd', type=json.loads, metavar='JSON')
    ap.add_argument('--env', action='append', metavar='K=V')
    ap.add_argument('--workdir')
    ap.add_argument('--user')
    ap.add_argument('--volume', action='append', metavar='DIR')
    ap.add_argument('--tag', metavar='NAME:TAG')
    ap.add_argument('--arch', default=ARCHITECTURES.get(platform.machine(), platform.machine()))
    ap.add_argument('--compress', choices=('none', 'gzip', 'zstd'), default='none')
    ap.add_argument('out', metavar='OUT')
    return ap.parse_args()


def main():
    a = arguments()
    with tempfile.TemporaryDirectory(prefix='pack-') as work:
        layers = make_layers([a.rootfs, *a.layer], a.compress, work)
        config = as_json(make_config(a, layers))
        image = Image()
        if a.format == 'docker-classic':
            add_docker_names(image, a, *add_classic_layers(image, config, layers))
        else:
            add_oci_layout(image, a, config, layers)
        if a.format == 'docker':
            blob = 'blobs/sha256/'
            add_docker_names(image, a, blob + hashlib.sha256(config).hexdigest(), [blob + name for _, name, _ in layers])
        image.write_dir(a.out) if a.format == 'oci-dir' else image.write_tar(a.out)


if __name__ == '__main__':
    try:
        main()
    except (OSError, ValueError, subprocess.CalledProcessError) as e:
        sys.exit(f'pack.py: {e}')

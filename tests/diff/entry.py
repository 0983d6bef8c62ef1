"""What a layer is made of, and how it is written: entries, tar bytes, an OCI layout, a docker-save archive.

Used by generate.py and run.py.  Names are text as os.fsdecode gives it.  Every byte of the tars is made here.
"""
import dataclasses
import gzip
import hashlib
import io
import json
import os

NS = 10 ** 9
TYPES = {'file': b'0', 'link': b'1', 'symlink': b'2', 'char': b'3', 'block': b'4', 'dir': b'5', 'fifo': b'6'}


@dataclasses.dataclass
class Entry:
    name: str                # as it stands in the tar
    kind: str                # a key of TYPES
    mode: int = 0o644
    mtime: int = 0           # nanoseconds
    data: bytes = b''
    target: str = ''         # of a link or symlink
    uid: int = 0
    gid: int = 0
    dev: tuple = (0, 0)
    xattrs: dict = dataclasses.field(default_factory=dict)


def number(value, width):
    """A numeric field: octal, or base-256 where that does not do."""
    if 0 <= value < 8 ** (width - 1):
        return b'%0*o\0' % (width - 1, value)
    if value >= 0:
        return b'\x80' + value.to_bytes(width - 1, 'big')
    return value.to_bytes(width, 'big', signed=True)


def record(key, value):
    body = b' ' + key + b'=' + value + b'\n'
    length = len(body) + 1
    while len(b'%d' % length) + len(body) != length:
        length += 1
    return b'%d' % length + body


def header(name, kind, size, e, mtime):
    h = bytearray(512)
    for at, width, field in ((0, 100, name), (100, 8, number(e.mode, 8)), (108, 8, number(e.uid, 8)),
                             (116, 8, number(e.gid, 8)), (124, 12, number(size, 12)), (136, 12, number(mtime, 12)),
                             (148, 8, b' ' * 8), (156, 1, kind), (157, 100, os.fsencode(e.target)),
                             (257, 8, b'ustar\00000'), (329, 8, number(e.dev[0], 8)), (337, 8, number(e.dev[1], 8))):
        h[at:at + width] = field[:width].ljust(width, b'\0')
    h[148:156] = b'%06o\0 ' % sum(h)
    return bytes(h)


def padded(data):
    return data + b'\0' * (-len(data) % 512)


def tar_entry(e):
    """The bytes of one entry, with a pax header where ustar has no room for what it says."""
    name, size, pax = os.fsencode(e.name), len(e.data), b''
    seconds = e.mtime // NS
    if e.mtime % NS:
        sign, whole = '-' if e.mtime < 0 else '', abs(e.mtime)
        pax += record(b'mtime', f'{sign}{whole // NS}.{whole % NS:09d}'.encode().rstrip(b'0'))
        seconds = max(seconds, 0)
    for key, value in sorted(e.xattrs.items()):
        pax += record(b'SCHILY.xattr.' + os.fsencode(key), value)
    if len(name) > 100:
        pax += record(b'path', name)
    if len(os.fsencode(e.target)) > 100:
        pax += record(b'linkpath', os.fsencode(e.target))
    out = b''
    if pax:
        out = header(b'PaxHeaders/x', b'x', len(pax), Entry('', 'file'), 0) + padded(pax)
    return out + header(name, TYPES[e.kind], size, e, seconds) + padded(e.data)


def tar(entries):
    return b''.join(map(tar_entry, entries)) + b'\0' * 1024


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def config_of(tars):
    return json.dumps({'architecture': 'amd64', 'os': 'linux', 'config': {'Cmd': ['/x']},
                       'rootfs': {'type': 'layers', 'diff_ids': ['sha256:' + sha256(t) for t in tars]}}).encode()


def write_oci(folder, tars, compress=True, config=None):
    """An OCI layout with one image, tagged latest."""
    blobs = os.path.join(folder, 'blobs', 'sha256')
    os.makedirs(blobs)

    def blob(data, media_type):
        with open(os.path.join(blobs, sha256(data)), 'wb') as f:
            f.write(data)
        return {'mediaType': media_type, 'digest': 'sha256:' + sha256(data), 'size': len(data)}

    kind = 'application/vnd.oci.image.'
    layers = [blob(gzip.compress(t, 1, mtime=0), kind + 'layer.v1.tar+gzip') if compress else blob(t, kind + 'layer.v1.tar')
              for t in tars]
    manifest = {'schemaVersion': 2, 'mediaType': kind + 'manifest.v1+json',
                'config': blob(config or config_of(tars), kind + 'config.v1+json'), 'layers': layers}
    top = blob(json.dumps(manifest).encode(), manifest['mediaType'])
    top['annotations'] = {'org.opencontainers.image.ref.name': 'latest'}
    for name, what in (('index.json', {'schemaVersion': 2, 'manifests': [top]}), ('oci-layout', {'imageLayoutVersion': '1.0.0'})):
        with open(os.path.join(folder, name), 'w', encoding='ascii') as f:
            json.dump(what, f)


def write_docker(path, tars):
    """A docker-save archive as Docker wrote them before release 25."""
    config = config_of(tars)
    names = [f'{i:064x}/layer.tar' for i in range(len(tars))]
    manifest = [{'Config': sha256(config) + '.json', 'RepoTags': ['diff:latest'], 'Layers': names}]
    files = [(sha256(config) + '.json', config), *zip(names, tars), ('manifest.json', json.dumps(manifest).encode())]
    out = io.BytesIO()
    out.write(tar([Entry(name, 'file', data=data) for name, data in files]))
    with open(path, 'wb') as f:
        f.write(out.getvalue())

"""Images that are there already: read without sandbox or umoci, then judged as the random ones are.

Used by run.py.  Containers are taken apart by Python's tarfile, and written anew as an OCI layout for umoci, which reads no
other; sandbox gets the file itself.
"""
import base64
import bz2
import decimal
import gzip
import io
import json
import lzma
import os
import subprocess
import tarfile
import urllib.parse

import entry
from compare import expected
from model import Model, Refused, Unspecified

KINDS = {tarfile.REGTYPE: 'file', tarfile.AREGTYPE: 'file', tarfile.CONTTYPE: 'file', tarfile.GNUTYPE_SPARSE: 'file',
         tarfile.DIRTYPE: 'dir', tarfile.SYMTYPE: 'symlink', tarfile.LNKTYPE: 'link', tarfile.FIFOTYPE: 'fifo',
         tarfile.CHRTYPE: 'char', tarfile.BLKTYPE: 'block'}
BOOKKEEPING = {'stargz.index.json', '.prefetch.landmark', '.no.prefetch.landmark'}

SIZE_MAX = 1 << 28  # of one file; what is larger is sparse, and of no use in memory


class Unreadable(Exception):
    """This reader cannot make anything of it."""


def plain(data):
    """What a file is without its compression."""
    if data[:2] == b'\x1f\x8b':
        return gzip.decompress(data)
    if data[:6] == b'\xfd7zXZ\0':
        return lzma.decompress(data)
    if data[:3] == b'BZh':
        return bz2.decompress(data)
    if data[:4] == b'\x28\xb5\x2f\xfd' or data[:4] in (b'\x50\x2a\x4d\x18', b'\x51\x2a\x4d\x18'):
        return subprocess.run(['zstd', '-dcq'], input=data, capture_output=True, check=True).stdout
    return data


class Folder:
    """The members of a container, in a directory or in a tar."""

    def __init__(self, path):
        self.path, self.tar = path, None
        if not os.path.isdir(path):
            with open(path, 'rb') as f:
                self.data = plain(f.read())
            self.tar = tarfile.open(fileobj=io.BytesIO(self.data), ignore_zeros=False)

    def read(self, name):
        if self.tar is None:
            with open(os.path.join(self.path, name), 'rb') as f:
                return f.read()
        try:
            return self.tar.extractfile(name).read()
        except KeyError:
            return self.tar.extractfile('./' + name).read()

    def has(self, name):
        try:
            self.read(name)
            return True
        except (KeyError, OSError):
            return False


def blob(digest):
    return 'blobs/' + digest.replace(':', '/')


def manifests(folder, index):
    """The images of an index that are there, for this kind of machine where it says for which."""
    for d in index.get('manifests', []):
        where = d.get('platform', {})
        if where.get('os', 'linux') != 'linux' or where.get('architecture', 'amd64') != 'amd64' or not folder.has(blob(d['digest'])):
            continue
        document = json.loads(folder.read(blob(d['digest'])))
        if 'manifests' in document:
            yield from manifests(folder, document)
        elif 'layers' in document:
            yield document


def take_apart(path):
    """(tars of the layers, name to choose it by or None)."""
    folder = Folder(path)
    if folder.has('manifest.json'):
        first = json.loads(folder.read('manifest.json'))
        if isinstance(first, list) and first and 'Layers' in first[0]:
            several = len(first) > 1 and first[0].get('RepoTags')
            return [plain(folder.read(name)) for name in first[0]['Layers']], several and first[0]['RepoTags'][0]
    if folder.has('index.json'):
        found = list(manifests(folder, json.loads(folder.read('index.json'))))
        if not found:
            raise Unreadable('no image for this machine')
        return [plain(folder.read(blob(d['digest']))) for d in found[0]['layers']], None
    return [folder.data], None


def mtime_of(member):
    text = member.pax_headers.get('mtime')
    return int(decimal.Decimal(text) * entry.NS) if text else int(member.mtime) * entry.NS


def xattrs_of(member):
    found = {}
    for key, value in member.pax_headers.items():
        if key.startswith('SCHILY.xattr.'):
            found[key[len('SCHILY.xattr.'):]] = value.encode('utf-8', 'surrogateescape')
        elif key.startswith('LIBARCHIVE.xattr.'):
            padding = '=' * (-len(value) % 4)
            found[urllib.parse.unquote(key[len('LIBARCHIVE.xattr.'):])] = base64.b64decode(value + padding)
    return found


def entries(data):
    with tarfile.open(fileobj=io.BytesIO(data)) as t:
        for m in t:
            if m.type not in KINDS:
                raise Unreadable(f'entry of type {m.type!r}')
            kind = KINDS[m.type]
            if m.size > SIZE_MAX:
                raise Unreadable(f'a file of {m.size} bytes')
            if m.name.lstrip('./') in BOOKKEEPING:
                continue
            yield entry.Entry(m.name, kind, m.mode & 0o7777, mtime_of(m), t.extractfile(m).read() if kind == 'file' else b'',
                              m.linkname, m.uid, m.gid, (m.devmajor, m.devminor), xattrs_of(m), m.type == tarfile.GNUTYPE_SPARSE)


def modelled(tars):
    model = Model()
    for data in tars:
        found = list(entries(data))
        if any(e.sparse for e in found):
            model.facts.add('sparse')
        model.apply(found)
    return model


def case(number, path, top, with_umoci):
    from run import Outcome, remove
    o = Outcome()
    work = os.path.join(top, str(number))
    os.mkdir(work)
    try:
        judge(o, work, os.path.abspath(path), with_umoci)
    finally:
        remove(work)
    o.lines = [f'{path}: {line}' for line in o.lines]
    o.remarks = [f'{path}: {line}' for line in o.remarks]
    return o


def judge(o, work, path, with_umoci):
    from run import run, umoci_case
    try:
        tars, tag = take_apart(path)
        model = modelled(tars)
    except (Unreadable, Unspecified, Refused, tarfile.TarError, subprocess.CalledProcessError, OSError, EOFError, ValueError,
            KeyError, TypeError, lzma.LZMAError) as e:
        o.events['images that Python cannot read'] += 1
        o.remarks.append(f'not judged: {type(e).__name__}: {e}')
        return
    rc, err = run(['sandbox', '--store', 'store', 'unpack', *(['--tag', tag] if tag else []), path, 'tree'], work)
    want = expected(model)
    if rc != 0:
        o.lines.append(f'sandbox: status {rc}: {err}')
    else:
        o.judge('sandbox', want, os.path.join(work, 'tree'), model)
    if with_umoci:
        entry.write_oci(os.path.join(work, 'oci'), tars)
        umoci_case(o, work, want, model)

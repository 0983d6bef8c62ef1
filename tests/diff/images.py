"""Images that are there already: read without sandbox or umoci, then judged as the random ones are.

Used by run.py.  Containers are taken apart by Python's tarfile, and written anew as an OCI layout for umoci, which reads no
other; sandbox gets the file itself.
"""
import base64
import bz2
import decimal
import gzip
import hashlib
import io
import json
import lzma
import os
import re
import subprocess
import tarfile
import time
import urllib.parse
import zlib

import entry
from compare import SIZE_MAX, differences, expected, explain_refusal
from model import Model, Refused, Unspecified
from tools import REFUSED, Outcome, remove, sandbox_unpack, umoci_unpack

KINDS = {tarfile.REGTYPE: 'file', tarfile.AREGTYPE: 'file', tarfile.CONTTYPE: 'file', tarfile.GNUTYPE_SPARSE: 'file',
         tarfile.DIRTYPE: 'dir', tarfile.SYMTYPE: 'symlink', tarfile.LNKTYPE: 'link', tarfile.FIFOTYPE: 'fifo',
         tarfile.CHRTYPE: 'char', tarfile.BLKTYPE: 'block'}
BOOKKEEPING = {'stargz.index.json', '.prefetch.landmark', '.no.prefetch.landmark'}



# What Python's reader says of a file that it cannot read.
BROKEN = (tarfile.TarError, subprocess.CalledProcessError, OSError, EOFError, ValueError, KeyError, TypeError, OverflowError,
          lzma.LZMAError, zlib.error)

# What umoci's reader of tars, which is Go's, does not take: (name of the rule, text of its message).
UMOCI_READER = [
    ('umoci_global_header', "unknown typeflag '\\x67'"),
    ('umoci_sparse', "unknown typeflag '\\x53'"),
    ('umoci_incremental', "unknown typeflag '\\x44'"),
    ('umoci_solaris_acl', "unknown typeflag '\\x41'"),
    ('umoci_contiguous', "unknown typeflag '\\x37'"),
    ('umoci_volume_label', "unknown typeflag '\\x56'"),
    ('umoci_go_reader', 'archive/tar: '),
    ('umoci_go_reader', 'unexpected EOF'),
]

# Differences of one tool that only one image shows: the end of its path -> (tool, rule).
ODD_IMAGES = {
    'test_read_format_gtar_redundant_L.tar.Z': ('umoci', 'umoci_redundant_long_name'),
}


class Unreadable(Exception):
    """This reader cannot make anything of it."""


def plain(data):
    """What a file is without its compression."""
    if data[:2] == b'\x1f\x8b':
        return gzip.decompress(data)
    if data[:2] == b'\x1f\x9d':
        return subprocess.run(['gzip', '-dc'], input=data, capture_output=True, check=True).stdout
    if data[:6] == b'\xfd7zXZ\0':
        return lzma.decompress(data)
    if data[:3] == b'BZh':
        return bz2.decompress(data)
    if data[:4] == b'\x28\xb5\x2f\xfd' or data[1:4] == b'\x2a\x4d\x18':
        return subprocess.run(['zstd', '-dcq'], input=data, capture_output=True, check=True).stdout
    return data


class Folder:
    """The members of a container, in a directory or in a tar."""

    def __init__(self, path):
        self.path, self.members, self.tar, self.data = path, {}, None, b''
        if os.path.isdir(path):
            return
        with open(path, 'rb') as f:
            self.data = plain(f.read())
        try:
            self.tar = tarfile.open(fileobj=io.BytesIO(self.data))
            self.members = {m.name.removeprefix('./'): m for m in self.tar}
        except BROKEN:
            pass  # not a container, at least

    def has(self, name):
        return name in self.members if self.data else os.path.exists(os.path.join(self.path, name))

    def read(self, name):
        if self.data:
            return self.tar.extractfile(self.members[name]).read()
        with open(os.path.join(self.path, name), 'rb') as f:
            data = f.read()
        # A checkout of git without symlinks has their targets as text.
        if data.startswith(b'../') and len(data) < 200:
            return self.read(os.path.join(os.path.dirname(name), data.decode()))
        return data


def blob(digest):
    return 'blobs/' + digest.replace(':', '/')


def manifests(folder, index):
    """The images of an index that are there, for this kind of machine where it says for which."""
    for d in index.get('manifests', []):
        where = d.get('platform', {})
        if where.get('os', 'linux') != 'linux' or where.get('architecture', 'amd64') != 'amd64':
            continue
        if not folder.has(blob(d['digest'])):
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
        images = json.loads(folder.read('manifest.json'))
        if isinstance(images, list) and images:
            # Docker's reader takes keys in any case.
            image = {key.lower(): value for key, value in images[0].items()}
            name = image['repotags'][0] if len(images) > 1 and image.get('repotags') else None
            return [plain(folder.read(layer)) for layer in image['layers']], name
    if folder.has('index.json'):
        found = list(manifests(folder, json.loads(folder.read('index.json'))))
        if not found:
            raise Unreadable('no image for this machine')
        return [plain(folder.read(blob(d['digest']))) for d in found[0]['layers']], None
    return [folder.data], None


def keeps_its_word(path):
    """Do the digests that a container states hold?  Those of blobs by name, and the diff_ids of its config."""
    def sum_of(data):
        return 'sha256:' + hashlib.sha256(data).hexdigest()

    folder = Folder(path)
    tars, _ = take_apart(path)
    if folder.has('manifest.json'):
        image = {key.lower(): value for key, value in json.loads(folder.read('manifest.json'))[0].items()}
        config = json.loads(folder.read(image['config']))
    else:
        found = next(manifests(folder, json.loads(folder.read('index.json'))))
        stated = [d['digest'] for d in [*json.loads(folder.read('index.json'))['manifests'], found['config'], *found['layers']]]
        if any(folder.has(blob(digest)) and sum_of(folder.read(blob(digest))) != digest for digest in stated):
            return False
        config = json.loads(folder.read(blob(found['config']['digest'])))
    return config['rootfs']['diff_ids'] == [sum_of(data) for data in tars]


def mtime_of(member):
    text = member.pax_headers.get('mtime')
    if not text:
        return int(member.mtime) * entry.NS
    try:
        return int(decimal.Decimal(text) * entry.NS)
    except (decimal.InvalidOperation, ValueError, OverflowError) as e:
        raise Unreadable(f'a time of {text!r}') from e


def xattrs_of(member):
    found = {}
    for key, value in member.pax_headers.items():
        if key.startswith('SCHILY.xattr.'):
            found[key[len('SCHILY.xattr.'):]] = value.encode('utf-8', 'surrogateescape')
        elif key.startswith('LIBARCHIVE.xattr.'):
            padding = '=' * (-len(value) % 4)
            found[urllib.parse.unquote(key[len('LIBARCHIVE.xattr.'):])] = base64.b64decode(value + padding)
    return found


def entries(data, facts):
    with tarfile.open(fileobj=io.BytesIO(data)) as t:
        for m in t:
            if m.type not in KINDS:
                raise Unreadable(f'entry of type {m.type!r}')
            if '\0' in m.name:
                raise Unreadable('a name with a NUL in it')
            if m.size > SIZE_MAX:
                raise Unreadable(f'a file of {m.size} bytes')
            if m.name.removeprefix('./') in BOOKKEEPING:
                continue
            if any(key.startswith('LIBARCHIVE.xattr.') for key in m.pax_headers):
                facts.add('xattrs in the way of libarchive')
            if any(key.startswith('SCHILY.acl.') for key in m.pax_headers):
                facts.add('access control lists')
            kind = KINDS[m.type]
            yield entry.Entry(m.name, kind, m.mode & 0o7777, mtime_of(m), t.extractfile(m).read() if kind == 'file' else b'',
                              m.linkname, m.uid, m.gid, (m.devmajor, m.devminor), xattrs_of(m))


def modelled(tars):
    """(model, or None where Python cannot read it; why not)."""
    model = Model()
    try:
        for data in tars:
            model.apply(list(entries(data, model.facts)))
    except (Unreadable, Unspecified, Refused, *BROKEN) as e:
        return None, f'{type(e).__name__}: {e}'.split('\n', maxsplit=1)[0]
    return model, ''


def is_header(block):
    try:
        tarfile.TarInfo.frombuf(block, 'utf-8', 'surrogateescape')
    except tarfile.EOFHeaderError:
        return True
    except tarfile.HeaderError:
        return False
    return True


def has_link_data(data):
    """Does a hard link of this tar bring data, which Python takes for headers?"""
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode='r:') as tar:
            return any(m.islnk() and m.size and not is_header(data[m.offset_data:m.offset_data + 512]) for m in tar)
    except BROKEN:
        return False


def case(number, path, top, with_umoci):
    o = Outcome()
    work = os.path.join(top, str(number))
    os.mkdir(work)
    try:
        judge(o, work, os.path.abspath(path), with_umoci)
    finally:
        remove(work)
    tool, rule = ODD_IMAGES.get(os.path.basename(path), ('', ''))
    if tool:
        o.rules[rule] += sum(line.startswith(tool + ': ') for line in o.lines)
        o.lines = [line for line in o.lines if not line.startswith(tool + ': ')]
    o.lines = [f'{path}: {line}' for line in o.lines]
    o.remarks = [f'{path}: {line}' for line in o.remarks]
    return o


def judge(o, work, path, with_umoci):
    try:
        tars, tag = take_apart(path)
    except (Unreadable, *BROKEN) as e:
        o.remarks.append(f'not judged: {type(e).__name__}: {e}')
        ours, error = sandbox_unpack(work, path)
        o.events['not taken apart by Python: sandbox ' + ('refused' if error else 'made a tree')] += 1
        if not ours and not error.startswith(REFUSED):
            o.lines.append('sandbox: ' + error)
        return
    model, why = modelled(tars)
    if model and any(has_link_data(data) for data in tars):
        o.rules['python_link_data'] += 1
        model, why = None, 'a hard link brings data'
    with open(path if os.path.isfile(path) else os.devnull, 'rb') as f:
        compress = f.read(2) == b'\x1f\x9d'
    if compress:
        # Of compress(1), which no image is packed with, sandbox says that it does not read it: it gets what is inside.
        path = os.path.join(work, 'plain.tar')
        with open(path, 'wb') as f:
            f.write(tars[0])
    ours, error = sandbox_unpack(work, path, *(['--tag', tag] if tag else []))
    theirs, their_error = None, ''
    if with_umoci:
        entry.write_oci(os.path.join(work, 'oci'), tars)
        theirs, their_error = umoci_unpack(work)
    if model is None:
        o.remarks.append(f'Python makes no tree of it: {why}; sandbox: {error or "takes it"}; umoci: {their_error or "takes it"}')
    if not ours and re.search('digest mismatch|names [0-9]+ diff_ids', error) and not keeps_its_word(path):
        # umoci was given a layout that was made anew of the layers, whose digests hold.
        o.rules['sandbox_verifies'] += 1
        return
    agree(o, model, ours, error, theirs, their_error)


def same(ours, theirs):
    """Are two trees the same, where no model says what the time of a directory is that nothing lists, and who owns what?"""
    now = time.time_ns()
    for path, field, a, b in differences(ours, theirs):
        if field == 'mtime' and ours[path]['type'] == 'dir' and (path == '' or max(a, b) > now - 3600 * entry.NS):
            continue
        if field == 'xattrs' and a == {k: v for k, v in b.items() if k != 'user.rootlesscontainers'}:
            continue
        return False
    return True


def agree(o, model, ours, error, theirs, their_error):
    """Judge the two trees (None: refused, and the message) by the model, or by each other where there is none."""
    if ours and theirs and same(ours, theirs):
        o.events['images of which sandbox and umoci make the same'] += 1
        if model and any(d[1] != 'xattrs' for d in differences(expected(model), ours)):
            o.rules['python_reads_otherwise'] += 1
        return
    if model and ours:
        o.judge('sandbox', expected(model), ours, model)
    if model and theirs:
        o.judge('umoci', expected(model), theirs, model)
    if not model and ours and theirs:
        o.lines += [f'{d[0]}: {d[1]}: sandbox {d[2]!r}, umoci {d[3]!r}' for d in differences(ours, theirs)]
    if not ours and not error.startswith(REFUSED):
        o.lines.append('sandbox: ' + error)
    elif not ours and theirs and not model and ('Damaged tar archive' in error or 'leaves the root' in error):
        o.rules['sandbox_and_python_refuse'] += 1
    elif not ours and (theirs or model and not their_error):
        o.lines.append('sandbox: ' + error)
    if ours and their_error:
        rule = model and explain_refusal(their_error, model)
        rule = rule or next((name for name, text in UMOCI_READER if text in their_error), None)
        if rule:
            o.rules[rule] += 1
        else:
            o.lines.append('umoci: ' + their_error)

#!/usr/bin/env python3
"""Make odd but well-formed tars and images.  Usage: dialects.py OUT
Every image has a file `id` whose content tells which one it is.  OUT/rootfs has tars that GNU tar is asked about too.
Python's standard library only, and zstd(1)."""
import bz2
import gzip
import json
import lzma
import os
import random
import subprocess
import sys

from layouts import ARCH, OCI, archive, as_json, base_layer, blobs_of, config, descriptor, docker_members, oci_members, sha
from rawtar import BLOCK, Tar, gnu_long, header, pad, pax

OUT = sys.argv[1]
OTHER = 'arm64' if ARCH != 'arm64' else 'amd64'


def write(name, data):
    path = os.path.join(OUT, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'wb') as f:
        f.write(data)


def layer(text):
    return Tar().file('id', text).bytes()


# ---- tars ----

def tars():
    two = Tar().file('one', b'1').dir('d', mode=0o750).file('d/two', b'2' * 600, mode=0o604)
    plain = two.bytes()
    whole = len(plain) - 2 * BLOCK
    v7 = b''.join(header(n, k, size=len(d), mode=m, magic=b'', link=t) + pad(d) for n, k, d, m, t in (
        ('d/', b'0', b'', 0o755, b''), ('d/f', b'\0', b'data', 0o644, b''), ('s', b'2', b'', 0o777, b'd/f'), ('h', b'1', b'', 0o644, b'd/f')))
    yield 'v7', v7 + bytes(2 * BLOCK)
    yield 'ustar-prefix', Tar().add('file', data=b'x', prefix='p' * 100 + '/' + 'q' * 50).bytes()
    yield 'ustar-name-100', Tar().add('n' * 100, data=b'x').bytes()
    yield 'ustar-contiguous', Tar().add('f', b'7', b'data').bytes()
    long = '/'.join('abcdefghij' * 12 for _ in range(4))
    yield 'gnu-long', Tar().raw(gnu_long(long), header('cut', size=1), pad(b'x'), gnu_long('t' * 300, b'K'), header('s', b'2', link='cut')).bytes()
    yield 'gnu-base-256', Tar().add('f', data=b'12345', size=b'\x80' + (5).to_bytes(11, 'big'), mtime=b'\x80' + (1 << 33).to_bytes(11, 'big'),
                                    uid=b'\x80' + (3000000).to_bytes(7, 'big')).bytes()
    yield 'gnu-negative-time', Tar().file('f', mtime=-315619200).bytes()
    yield 'pax-path', Tar().add('short', data=b'x', records={'path': long}).add('s', b'2', link='u/' * 150).bytes()
    yield 'pax-link-not-ascii', Tar().sym('a', 'b').add('s', b'2', records={'linkpath': '\u65e5\u672c'}).bytes()
    yield 'pax-size', Tar().add('f', data=b'y' * 700, size=0, records={'size': '700'}).file('after').bytes()
    yield 'pax-times', Tar().file('f', records={'mtime': '1234567890.123456789'}).file('g', records={'mtime': '-1.5'}).dir('d', records={'mtime': '7.000000001'}).bytes()
    # Values for all entries, which GNU tar obeys, are left out by Docker and by the tar library.
    yield 'pax-global', Tar().raw(pax({'comment': 'a commit, as git archive has it'}, b'g')).file('f').raw(pax({'comment': 'more'}, b'g')).file('g').bytes()
    yield 'pax-unknown-keys', Tar().file('f', records={'VENDOR.thing': 'x', 'hdrcharset': 'ISO-IR 10646 2000 UTF-8', 'atime': '1', 'ctime': '2'}).bytes()
    # Hard links whose size is set: with the data behind them, or without any.
    data = b'of two names\n' * 100
    for kind, magic in (('v7', b''), ('ustar', b'ustar\x0000'), ('gnu', b'ustar  \0')):
        def one(*made, magic=magic):
            """Entries of (name, kind, data, link, data that follows)."""
            return b''.join(header(n, k, size=len(d), magic=magic, link=t, mtime=7) + pad(behind) for n, k, d, t, behind in made) + bytes(2 * BLOCK)
        first, last = ('f', b'0', data, b'', data), ('last', b'0', b'z', b'', b'z')
        yield f'link-data-{kind}', one(first, ('d/link', b'1', data, b'f', data), last)
        yield f'link-data-{kind}-twice', one(first, ('l', b'1', data, b'f', data), ('m', b'1', data, b'l', data), last)
        yield f'link-data-{kind}-last', one(first, ('l', b'1', data, b'f', data))
        yield f'link-size-{kind}', one(first, ('l', b'1', data, b'f', b''), last)
        yield f'link-size-{kind}-last', one(first, ('l', b'1', data, b'f', b''))
    yield 'link-data-gnu-long', Tar().raw(gnu_long(long), header('cut', size=5), pad(b'12345'), gnu_long('t' * 150 + '/' + 't' * 100), gnu_long(long, b'K'),
                                          header('t' * 100, b'1', size=5, link='cut', magic=b'ustar  \0'), pad(b'12345')).file('last').bytes()
    yield 'link-data-base-256', Tar().file('f', b'12345').raw(header('l', b'1', size=b'\x80' + (5).to_bytes(11, 'big'), link='f', magic=b'ustar  \0'), pad(b'12345')).file('last').bytes()
    yield 'names-latin1', Tar().file(b'caf\xe9').file(b'\x80\xff').bytes()
    yield 'names-dot', Tar().dir('./').file('./a').dir('./d/').file('./d//b').file('././c').bytes()
    yield 'no-end', plain[:whole]
    yield 'one-end-block', plain[:whole + BLOCK]
    yield 'end-and-garbage', plain + b'garbage' * 1000
    yield 'end-and-archive', plain + Tar().file('hidden').bytes()
    yield 'blocked', plain + bytes(64 * BLOCK)
    yield 'duplicates', Tar().file('f', b'first').file('f', b'second').file('f', b'last one').bytes()
    yield 'directories-again', Tar().dir('d', mode=0o700, mtime=5).file('d/f').dir('d', mode=0o751, mtime=7).bytes()
    yield 'names-absolute', Tar().dir('/d').file('/d/f').sym('/s', '/d/f').hard('/h', '/d/f').bytes()
    yield 'names-koi8', Tar().file(b'\xcb\xcf\xcb\xcf').file('cut', records={'hdrcharset': 'BINARY', 'path': b'\xed\xee' * 60}).bytes()
    # What other programs write: star's own times behind a shorter prefix, Solaris' access lists, GNU tar's incremental dumps.
    yield 'star', Tar().add('f', data=b'x', tail=b'p' * 100 + bytes(31) + b'00000000007 00000000010 ' + bytes(8) + b'tar\0').bytes()
    yield 'solaris-acl', Tar().add('f', b'A', b'1000007\0user::rwx,group::r--,mask:r--,other:r--\0').file('f', mode=0o744).bytes()
    yield 'gnu-incremental', Tar().add('d/', b'D', b'Yf\0Ysub\0\0', magic=b'ustar  \0', mode=0o755).add('d/f', data=b'x', magic=b'ustar  \0').bytes()
    yield 'gnu-long-twice', Tar().raw(gnu_long('first' * 30), gnu_long('second' * 30), header('cut', size=1), pad(b'x')).bytes()
    yield 'gnu-long-and-pax', Tar().raw(gnu_long('l' * 150)).add('cut', data=b'x', records={'mtime': '5.5'}).bytes()
    yield 'fields-blank', Tar().add('f', data=b'x', uid=b' ' * 8, gid=bytes(8), mode=b'644 ').bytes()
    yield 'fields-of-spaces', Tar().add('f', data=b'12345', size=b'          5 ', mode=b'   755 \0', uid=b'     0 \0', mtime=b' 7654321 ').bytes()
    yield 'file-with-device-number', Tar().add('f', data=b'x', major=8, minor=1).bytes()
    yield 'sizes-of-what-has-no-data', Tar().file('f', b'data').sym('s', 'f', size=4).dir('d', size=10).add('p', b'6', size=3).file('after').bytes()
    yield 'pax-empty', Tar().raw(pax(b'')).file('f').file('g', records={'comment': ''}).bytes()
    yield 'pax-global-large', Tar().raw(pax({'comment': 'x' * 100000}, b'g')).file('f').bytes()
    yield 'pax-owner', Tar().file('f', records={'uid': '3000000', 'gid': '2500000', 'uname': '\u00e9', 'gname': 'g'}).bytes()
    yield 'pax-attributes', Tar().file('f', records={'SCHILY.xattr.user.k': 'v', 'LIBARCHIVE.xattr.user.l': 'dg==', 'RHT.security.selinux': 'u:r:t:s0',
                                                     'SCHILY.fflags': 'nodump', 'SCHILY.nlink': '1', 'SCHILY.ino': '5'}).bytes()
    yield 'pax-access-lists', Tar().file('f', records={'SCHILY.acl.access': 'user::rw-,group::r--,mask::r--,other::r--'}).file('g', records={
        'SCHILY.acl.ace': 'owner@:rwxp--aARWcCos:-------:allow'}).bytes()
    pair = lambda at, size: b'%011o\0%011o\0' % (at, size)
    sparse = lambda size, *pairs: bytes(41) + b''.join(pair(*p) for p in pairs).ljust(96, b'\0') + b'\0' + b'%011o\0' % size
    yield 'gnu-sparse-hole', Tar().add('f', b'S', magic=b'ustar  \0', tail=sparse(70000, (70000, 0))).file('after').bytes()
    yield 'gnu-sparse-no-hole', Tar().add('f', b'S', b's' * 1024, magic=b'ustar  \0', tail=sparse(1024, (0, 1024))).file('after').bytes()
    more = pair(40960, 512) + pair(61440, 0) + bytes(480)
    yield 'gnu-sparse-extended', Tar().raw(header('f', b'S', size=2560, magic=b'ustar  \0', tail=sparse(61440, *((i * 8192, 512) for i in range(4)))[:-13] + b'\1' + b'%011o\0' % 61440),
                                           more.ljust(504, b'\0')[:504] + bytes(8), b's' * 2560).file('after').bytes()
    for label, body in (('hole', b'1\n70000\n0\n'), ('data', b'1\n0\n1000\n')):
        data = pad(body) + (b'd' * 1000 if label == 'data' else b'')
        yield 'pax-sparse-' + label, Tar().add('GNUSparseFile.0/f', data=data, records={
            'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.name': 'f', 'GNU.sparse.realsize': '1000' if label == 'data' else '70000'}).file('after').bytes()
    yield 'volume-label', Tar().add('label', b'V').file('f').bytes()
    yield 'directory-without-entry', Tar().file('a/b/c').bytes()


# ---- compressed ----

def links_with_data():
    """A hard link with data that differs from its target's, or whose target is not in the archive: (name, tar, what the files hold)."""
    def entries(kind, *found):
        tar = Tar()
        for name, link, data in found:
            records = {'comment': 'x'} if kind == 'pax' else None
            magic = {'v7': b'', 'gnu': b'ustar  \0'}.get(kind, b'ustar\x0000')
            tar.add(name, b'1' if link else b'0', data, records, link=link, magic=magic, mode=0o444, mtime=7)
        return tar.bytes()
    for kind in ('v7', 'ustar', 'gnu', 'pax'):
        yield f'{kind}-new-data', entries(kind, ('a', '', b'old'), ('b', 'a', b'new and longer'), ('c', '', b'c')), {'a': 'new and longer', 'b': 'new and longer', 'c': 'c'}
        yield f'{kind}-shorter', entries(kind, ('a', '', b'old' * 5000), ('b', 'a', b'new'), ('c', '', b'c')), {'a': 'new', 'b': 'new', 'c': 'c'}
        yield f'{kind}-no-target', entries(kind, ('b', 'a', b'its own'), ('c', '', b'c')), {'b': 'its own', 'c': 'c'}
        yield f'{kind}-target-later', entries(kind, ('b', 'a', b'its own'), ('a', '', b'late')), {'b': 'its own', 'a': 'late'}
        yield f'{kind}-of-a-link', entries(kind, ('b', 'a', b'1'), ('c', 'b', b'2'), ('d', '', b'd')), {'b': '2', 'c': '2', 'd': 'd'}
        yield f'{kind}-to-itself', entries(kind, ('a', '', b'old'), ('a', 'a', b'new')), {'a': 'new'}
        yield f'{kind}-large', entries(kind, ('a', '', b'x'), ('b', 'a', b'0123456789abcdef' * 40000), ('c', '', b'c')), {'a': '0123456789abcdef' * 40000, 'c': 'c'}


def zstd(data, *options):
    return subprocess.run(['zstd', '-q', '-c', *options], input=data, stdout=subprocess.PIPE, check=True).stdout


def parts(data, n=5):
    step = len(data) // n + 1
    return [data[i:i + step] for i in range(0, len(data), step)]


def skippable(data):
    return b'\x53\x2a\x4d\x18' + len(data).to_bytes(4, 'little') + data


def compressed(data):
    yield 'gzip', gzip.compress(data, mtime=0)
    yield 'gzip-members', b''.join(gzip.compress(p, mtime=0) for p in parts(data))
    yield 'gzip-empty-members', gzip.compress(b'', mtime=0).join(gzip.compress(p, mtime=0) for p in [b'', *parts(data), b''])
    yield 'zstd', zstd(data)
    yield 'zstd-frames', b''.join(map(zstd, parts(data)))
    yield 'zstd-skippable', skippable(b'index').join([b'', *map(zstd, parts(data)), b''])
    yield 'xz', lzma.compress(data)
    yield 'xz-streams', b''.join(map(lzma.compress, parts(data)))
    yield 'bzip2', bz2.compress(data)
    yield 'bzip2-streams', b''.join(map(bz2.compress, parts(data)))
    # of a pipe: a window of 2 GiB, whatever comes
    yield 'zstd-long-31', zstd(data, '--long=31')
    for kind, packed in one_of_each(data):
        yield kind + '-and-zeros', packed + bytes(4096)
    yield 'none', data


def one_of_each(data):
    yield from (('gzip', gzip.compress(data, mtime=0)), ('zstd', zstd(data)), ('xz', lzma.compress(data)), ('bzip2', bz2.compress(data)))


def followed():
    """Something else stands behind the compressed data: a text, or what may be the rest of a damaged member."""
    base, top = base_layer(), layer('followed\n')
    for kind, data in one_of_each(archive(docker_members([base, top]))):
        yield kind + '-text', data + b'a line of text\n'
        yield kind + '-letter', data + b'\n'
        yield kind + '-zeros-text', data + bytes(1000) + b'a line of text\n'
        yield kind + '-long', data + b'a line of text\n' * 50000
    for kind, data in one_of_each(top):
        yield 'layer-' + kind, archive(oci_members([base, top], packed=[base, data + b'text'], layer_media=OCI + 'layer.v1.tar+' + kind))


def disagreeing():
    """The blob is of one kind, its media type says another."""
    base, top = base_layer(), layer('content decides\n')
    for label, data in compressed(top):
        for media in ('', '+gzip', '+zstd'):
            yield f'{label}-said{media or "+none"}', archive(oci_members([base, top], packed=[base, data], layer_media=OCI + 'layer.v1.tar' + media))


def lazy():
    """What eStargz and zstd:chunked add to a layer for themselves."""
    tar = Tar().file('id', 'lazy\n').file('.prefetch.landmark', b'\x0f').file('.no.prefetch.landmark', b'\x0f').file('etc/stargz.index.json', 'kept\n')
    top = tar.file('stargz.index.json', '{"version":1}').bytes()
    toc = skippable(b'table of contents') + skippable(b'footer' * 8)
    base = base_layer()
    yield 'estargz', archive(oci_members([base, top], packed=[base, b''.join(gzip.compress(p, mtime=0) for p in parts(top, 9))], layer_media=OCI + 'layer.v1.tar+gzip'))
    yield 'zstd-chunked', archive(oci_members([base, top], packed=[base, b''.join(map(zstd, parts(top, 9))) + toc], layer_media=OCI + 'layer.v1.tar+zstd'))


# ---- containers ----

def manifest_of(members):
    return next(v for k, v in members.items() if k.startswith('blobs/') and v.startswith(b'{"schemaVersion"'))


def oci_one(text, arch=ARCH, **more):
    diffs = [base_layer(), layer(text)]
    members = oci_members(diffs, conf=config(diffs, architecture=arch), **more)
    return manifest_of(members), {k: v for k, v in members.items() if k.startswith('blobs/')}


def index_of(*entries, **more):
    return as_json({'schemaVersion': 2, 'mediaType': OCI + 'index.v1+json', 'manifests': list(entries), **more})


def entry(manifest, arch=None, variant=None, name=None, full=None, system='linux', media='manifest', **more):
    d = descriptor(manifest, f'{OCI}{media}.v1+json', **more)
    if arch:
        d['platform'] = {'os': system, 'architecture': arch, **({'variant': variant} if variant else {})}
    notes = {**({'org.opencontainers.image.ref.name': name} if name else {}), **({'io.containerd.image.name': full} if full else {})}
    return {**d, **({'annotations': {**notes, **d.get('annotations', {})}} if notes or 'annotations' in d else {})}


def layout(index, *blobs):
    members = {'oci-layout': b'{"imageLayoutVersion":"1.0.0"}', 'index.json': index}
    for b in blobs:
        members.update(b)
    return members


def containers():
    # docker save of several
    docker, items = {}, []
    for name in ('one', 'two'):
        d = docker_members([base_layer(), layer(name + '\n')], entry={'RepoTags': [name + ':1', f'host.example:5000/team/{name}:latest']})
        items += json.loads(d.pop('manifest.json'))
        docker.update(d)
    docker['manifest.json'] = as_json(items)
    yield 'docker-two', archive(docker)
    # podman save: full names; one image has two of them, and a tag that another has too
    podman, items = {}, []
    for text, names in {'one': ['localhost/first:1', 'localhost/alias:2'], 'two': ['localhost/two:1', 'quay.io/a/same:1'],
                        'three': ['docker.io/library/three:1', 'quay.io/b/same:1']}.items():
        d = docker_members([base_layer(), layer(text + '\n')], entry={'RepoTags': names})
        items += json.loads(d.pop('manifest.json'))
        podman.update(d)
    yield 'docker-podman', archive({**podman, 'manifest.json': as_json(items)})
    d = docker_members([base_layer(), layer('untagged\n')])
    yield 'docker-untagged', archive(d)
    conf = next(v for k, v in d.items() if k.endswith('.json') and k != 'manifest.json')
    for label, name in {'digest': 'sha256:' + sha(conf), 'blob': 'blobs/sha256/' + sha(conf), 'plain': sha(conf), 'named': 'config.json', 'dot': './' + sha(conf) + '.json'}.items():
        members = {k: v for k, v in docker_members([base_layer(), layer('untagged\n')], entry={'Config': name}).items()}
        yield 'docker-config-' + label, archive(members)
    for seed in range(4):
        names = list(docker)
        random.Random(seed).shuffle(names)
        yield f'docker-shuffled-{seed}', archive(docker, names)
    # an index of platforms
    mine, mine_blobs = oci_one('mine\n')
    other, other_blobs = oci_one('other\n', OTHER)
    v7, v7_blobs = oci_one('arm v7\n', 'arm')
    v6, v6_blobs = oci_one('arm v6\n', 'arm')
    fat = layout(index_of(entry(other, OTHER), entry(mine, ARCH), entry(v6, 'arm', 'v6'), entry(v7, 'arm', 'v7')), mine_blobs, other_blobs, v7_blobs, v6_blobs)
    yield 'oci-platforms', archive(fat)
    for seed in range(4):
        names = list(fat)
        random.Random(seed).shuffle(names)
        yield f'oci-shuffled-{seed}', archive(fat, names)
    yield 'oci-others-only', archive(layout(index_of(entry(v6, 'arm', 'v6'), entry(other, OTHER)), v6_blobs, other_blobs))
    inner = index_of(entry(other, OTHER), entry(mine, ARCH))
    yield 'oci-nested', archive(layout(index_of(entry(inner, name='nested:1', media='index')), blobs_of(inner), mine_blobs, other_blobs))
    proof, proof_blobs = oci_one('attestation\n', 'unknown')
    note = {'annotations': {'vnd.docker.reference.type': 'attestation-manifest'}}
    yield 'oci-attestation', archive(layout(index_of(entry(proof, 'unknown', system='unknown', **note), entry(mine, ARCH)), mine_blobs, proof_blobs))
    yield 'oci-attestation-alone', archive(layout(index_of(entry(proof, 'unknown', system='unknown', **note)), proof_blobs))
    # Docker 29: the index names what the file does not hold
    yield 'oci-absent', archive(layout(index_of(entry(other, OTHER), entry(mine, ARCH)), mine_blobs))
    yield 'oci-absent-mine', archive(layout(index_of(entry(other, OTHER), entry(mine, ARCH)), other_blobs))
    # names
    second, second_blobs = oci_one('second\n')
    yield 'oci-names', archive(layout(index_of(entry(mine, name='1', full='host.example/team/app:1'), entry(second, name='2', full='host.example/team/app:2')), mine_blobs, second_blobs))
    yield 'oci-podman', archive(layout(index_of(entry(mine, name='localhost/first:1'), entry(mine, name='localhost/alias:2'),
                                                entry(second, name='localhost/two:1')), mine_blobs, second_blobs))
    # skopeo copy --all to dir: manifest.json is the index
    index = index_of(entry(other, OTHER), entry(mine, ARCH))
    blobs = {k.rsplit('/', 1)[1]: v for k, v in {**mine_blobs, **other_blobs}.items()}
    yield 'dir-platforms', archive({'version': b'Directory Transport Version: 1.1\n', 'manifest.json': index, **blobs,
                                    **{sha(m) + '.manifest.json': m for m in (mine, other)}})
    # what is no image
    thing = as_json({'schemaVersion': 2, 'artifactType': 'application/vnd.example.sbom', 'config': descriptor(b'{}', 'application/vnd.oci.empty.v1+json'),
                     'layers': [descriptor(b'sbom', 'text/plain')]})
    yield 'artifact', archive(layout(index_of(entry(thing)), blobs_of(thing, b'{}', b'sbom')))
    chart = as_json({'schemaVersion': 2, 'config': descriptor(b'{}', 'application/vnd.cncf.helm.config.v1+json'), 'layers': [descriptor(b'sbom', 'application/tar+gzip')]})
    yield 'artifact-by-config', archive(layout(index_of(entry(chart)), blobs_of(chart, b'{}', b'sbom')))
    one = as_json({'schemaVersion': 1, 'name': 'x', 'tag': '1', 'fsLayers': [{'blobSum': 'sha256:' + 'a' * 64}], 'history': []})
    yield 'schema-1', archive(layout(index_of(entry(one)), blobs_of(one)))
    gone = {k: v for k, v in mine_blobs.items() if v != layer('mine\n')}
    yield 'blob-missing', archive(layout(index_of(entry(mine)), gone))
    foreign, foreign_blobs = oci_one('foreign\n', layer_media='application/vnd.docker.image.rootfs.foreign.diff.tar', manifest={
        'layers': [descriptor(base_layer(), OCI + 'layer.v1.tar'), descriptor(layer('foreign\n'), 'application/vnd.docker.image.rootfs.foreign.diff.tar', urls=['https://example.com/x'])]})
    yield 'foreign-present', archive(layout(index_of(entry(foreign)), foreign_blobs))
    yield 'foreign-absent', archive(layout(index_of(entry(foreign)), {k: v for k, v in foreign_blobs.items() if v != layer('foreign\n')}))
    both = {**layout(index_of(entry(other, OTHER, full='two:1'), entry(mine, ARCH, full='two:1')), mine_blobs, other_blobs)}
    conf = next(v for v in mine_blobs.values() if v.startswith(b'{"architecture"'))
    both['manifest.json'] = as_json([{'Config': 'blobs/sha256/' + sha(conf), 'RepoTags': ['two:1'], 'Layers': ['blobs/sha256/' + sha(d) for d in (base_layer(), layer('mine\n'))]}])
    yield 'docker-and-oci', archive(both)


def main():
    for name, data in tars():
        write(f'rootfs/{name}.tar', data)
    for name, data, want in links_with_data():
        write(f'links/{name}.tar', data)
        write(f'links/{name}.want', b''.join(b'%s: %s\n' % (k.encode(), v.encode()) for k, v in sorted(want.items())))
    for name, data in compressed(archive(docker_members([base_layer(), layer('packed\n')]))):
        write(f'packed/{name}.tar', data)
    for name, data in followed():
        write(f'followed/{name}.tar', data)
    for name, data in disagreeing():
        write(f'disagree/{name}.tar', data)
    for name, data in (*lazy(), *containers()):
        write(f'{name}.tar', data)
    write('platforms', f'{ARCH} {OTHER}\n'.encode())


if __name__ == '__main__':
    main()

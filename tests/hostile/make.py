#!/usr/bin/env python3
"""Make hostile images, each with the answer that is right.  Usage: make.py OUT CANARY [--big]

CANARY is a directory outside all that the images may reach; some of them name it.  --big: those that take seconds instead.
OUT/list has a line for each: FILE, a tab, and
    refused REGEX      status 125, and one line on standard error that matches
    held [PATH...]     it is unpacked, with these paths in the tree
    any                either of the two
Python's standard library only.
"""
import bz2
import gzip
import lzma
import os
import subprocess
import sys

from layouts import OCI, archive, as_json, base_layer, blobs_of, config, descriptor, docker_members, oci, oci_members, sha
from rawtar import BLOCK, Tar, as_bytes, gnu_long, header, pad, pax, pax_record

CANARY = os.path.realpath(sys.argv[2])
UP = '../' * 24 + CANARY.lstrip('/')        # the same, from anywhere
INNER = CANARY.lstrip('/')                  # where an absolute link leads inside the root

REFUSED, HELD, ANY = 'refused ', 'held ', 'any'


# ---- names ----

def names():
    out = REFUSED + 'leaves the root'
    for label, tar in {
        'file': Tar().file('../escaped'), 'deep': Tar().file('a/b/../../../escaped'), 'absolute': Tar().file('/../escaped'),
        'long': Tar().file('../' * 40 + INNER + '/escaped'), 'self': Tar().dir('..'), 'dot': Tar().file('./../escaped'),
        'dir': Tar().dir('../escaped'), 'symlink': Tar().sym('../escaped', 'x'), 'fifo': Tar().add('../escaped', b'6'),
        'device': Tar().add('../escaped', b'3', major=1, minor=3), 'hardlink': Tar().file('x').hard('../escaped', 'x'),
        'whiteout': Tar().file('../.wh.secret'), 'opaque': Tar().file('../.wh..wh..opq'),
        'pax': Tar().file('innocent', records={'path': '../escaped'}),
        'pax-global': Tar().raw(pax({'path': '../escaped'}, b'g')).file('innocent'),
        'gnu-long': Tar().raw(gnu_long('../escaped')).file('innocent'),
        'prefix': Tar().add('escaped', b'0', b'x', prefix=b'..'),
        'behind-zeros': Tar().raw(bytes(BLOCK)).file('../escaped'),
    }.items():
        # A global header's path is not obeyed by every tar; one zero block may be the end.
        yield 'dotdot-' + label, tar, ANY if label in ('pax-global', 'behind-zeros') else out
    yield 'absolute', Tar().file(CANARY + '/new'), HELD + INNER + '/new'
    yield 'absolute-slashes', Tar().file('//' + CANARY + '//new'), HELD + INNER + '/new'
    yield 'root-is-symlink', Tar().sym('.', CANARY).file('new'), REFUSED + 'root can only be a directory'
    yield 'root-is-symlink-slash', Tar().sym('/', CANARY).file('new'), REFUSED + 'root can only be a directory'
    yield 'root-is-file', Tar().file('./'), ANY
    yield 'root-is-hardlink', Tar().hard('.', 'true'), REFUSED + 'root can only be a directory'
    yield 'root-is-fifo', Tar().add('a/..', b'6'), REFUSED + 'root can only be a directory'
    yield 'root-mode-0', Tar().dir('.', mode=0), HELD + 'true'
    yield 'root-mode-0555', Tar().dir('.', mode=0o555), HELD + 'true'
    yield 'name-empty', Tar().file(''), ANY
    yield 'name-nul', Tar().file('x', records={'path': b'nul\0../../escaped'}), ANY
    yield 'name-nul-link', Tar().sym('x', 'y', records={'linkpath': b'nul\0' + as_bytes(CANARY)}), ANY
    yield 'name-newline', Tar().file('new\nline').file('carriage\rreturn').file('esc\x1b[31mape').file('tab\t'), HELD
    yield 'name-newline-refused', Tar().file('../new\nsandbox: line\x1b[2J\x9b'), REFUSED + 'leaves the root'
    yield 'name-bidi-refused', Tar().file('../\u202egpj.exe'), REFUSED + r'\\xe2\\x80\\xae'
    yield 'name-not-utf8', Tar().file(b'\xff\xfe\x80').file(b'caf\xe9', records={'path': b'caf\xe9'}), HELD
    yield 'name-dots', Tar().file('...').file('.. ').file(' ..').file('..a').file('a..').file('-rf'), HELD + '... -rf'
    yield 'name-255', Tar().file('a' * 255), HELD + 'a' * 255
    yield 'name-256', Tar().file('a' * 256), REFUSED + 'aaaa.*too long'
    yield 'name-256-dir', Tar().file('d/' + 'a' * 256 + '/f'), REFUSED + 'aaaa.*too long'
    yield 'name-4094', Tar().file('d/' * 2046 + 'f', b''), ANY
    yield 'name-4096', Tar().file('d/' * 2048 + 'f', b''), REFUSED + 'd/d/d.*too long'
    yield 'name-1m', Tar().file('d/' * (1 << 19)), REFUSED + 'too l'
    yield 'name-file-as-dir', Tar().file('f').file('f/x'), HELD + 'f/x'
    yield 'name-fifo-as-dir', Tar().add('f', b'6').file('f/x').add('g', b'3').file('g/x'), HELD + 'f/x g/x'
    yield 'deep-2000', Tar().file('d/' * 2000 + 'f'), HELD


# ---- symlinks ----

def symlinks():
    """Each both in one layer and with the links in a lower one: the second item is the tar of the links, the third what uses them."""
    new = lambda *ps: HELD + ' '.join(ps)
    yield 'absolute', Tar().sym('pwn', CANARY), Tar().file('pwn/new').dir('pwn/dir').sym('pwn/sym', 'x'), new(INNER + '/new', INNER + '/dir')
    yield 'relative', Tar().sym('pwn', UP), Tar().file('pwn/new'), new(INNER + '/new')
    yield 'overwrite', Tar().sym('pwn', CANARY), Tar().file('pwn/secret', b'changed'), new(INNER + '/secret')
    yield 'chained', Tar().sym('a', 'b').sym('b', 'c').sym('c', CANARY), Tar().file('a/new'), new(INNER + '/new')
    yield 'stepwise', Tar().sym('a', '..').sym('b', 'a/..').sym('c', 'b/../..'), Tar().file('c/new').file('a/up'), new('new', 'up')
    yield 'below-dir', Tar().dir('d').sym('d/e', '../../../..' + CANARY), Tar().file('d/e/new'), new(INNER + '/new')
    yield 'loop', Tar().sym('a', 'b').sym('b', 'a'), Tar().file('a/new'), ANY
    yield 'self', Tar().sym('a', 'a'), Tar().file('a/new'), ANY
    yield 'loop-below', Tar().sym('a', 'a/b'), Tar().file('a/new'), ANY
    chain = Tar()
    for i in range(60):
        chain.sym(f'c{i}', f'c{i + 1}')
    yield 'chain-60', chain, Tar().file('c0/new'), ANY
    yield 'doubling', Tar().sym('a', '/').sym('b', 'a/a/a/a/a/a/a/a').sym('c', 'b/b/b/b/b/b/b/b'), Tar().file('c/c/c/c/new'), ANY
    yield 'proc-root', Tar().sym('p', '/proc/self/root'), Tar().file('p' + CANARY + '/new'), ANY
    yield 'proc-cwd', Tar().sym('p', '/proc/self/cwd'), Tar().file('p/new'), ANY
    for fd in range(3, 12):
        yield f'proc-fd-{fd}', Tar().sym('p', f'/proc/self/fd/{fd}'), Tar().file('p/new'), ANY
    yield 'as-file', Tar().sym('f', CANARY + '/secret'), Tar().file('f', b'changed'), new('f')
    yield 'as-file-slash', Tar().sym('f', CANARY + '/new'), Tar().add('f/', b'0', b'changed'), ANY
    yield 'as-fifo', Tar().sym('f', CANARY + '/new'), Tar().add('f', b'6'), new('f')
    yield 'as-device', Tar().sym('f', CANARY + '/new'), Tar().add('f', b'3', major=1, minor=3), new('f')
    yield 'as-dir', Tar().sym('d', CANARY), Tar().dir('d', mode=0o777, mtime=77).file('d/new'), new('d/new')
    yield 'as-dir-slash', Tar().sym('d', CANARY), Tar().dir('d/', mode=0o777, mtime=77).file('d/new'), new('d/new')
    yield 'to-file', Tar().sym('d', CANARY + '/secret'), Tar().file('d/new'), ANY
    yield 'dir-then-link', Tar().dir('d').file('d/a').sym('d', CANARY), Tar().file('d/new'), ANY
    yield 'link-dir-link', Tar().sym('d', CANARY).dir('d').sym('d', CANARY), Tar().file('d/new'), new(INNER + '/new')
    yield 'hardlink-via', Tar().sym('d', CANARY), Tar().hard('loot', 'd/secret'), REFUSED + 'loot'
    yield 'hardlink-of', Tar().sym('s', CANARY + '/secret').hard('h', 's'), Tar().file('h', b'changed'), new('h')
    yield 'hardlink-into', Tar().sym('d', CANARY), Tar().file('x').hard('d/new', 'x'), new(INNER + '/new')
    yield 'whiteout-via', Tar().sym('d', CANARY), Tar().file('d/.wh.secret'), HELD
    yield 'opaque-via', Tar().sym('d', CANARY), Tar().file('d/.wh..wh..opq'), HELD
    yield 'whiteout-of', Tar().sym('d', CANARY), Tar().file('.wh.d'), HELD
    yield 'target-4095', Tar().sym('s', 'a/' * 2047 + 'b'), Tar().file('s/new'), ANY
    yield 'xattr-of-dir-via', Tar().sym('d', CANARY), Tar().dir('d/.', records={'SCHILY.xattr.user.x': 'y'}, mtime=77, mode=0o777), ANY


def links():
    yield 'symlink-target-4096', Tar().sym('s', 'a' * 4096), REFUSED + 'entry s: .*too long'
    yield 'symlink-target-empty', Tar().sym('s', ''), REFUSED + 'entry s: '
    gone = REFUSED + 'entry loot: hard link to a missing file'
    yield 'hardlink-absolute', Tar().hard('loot', CANARY + '/secret'), gone
    yield 'hardlink-dotdot', Tar().hard('loot', UP + '/secret'), REFUSED + 'entry loot: hard link out of the root'
    yield 'hardlink-root', Tar().hard('loot', '/'), REFUSED + 'entry loot: hard link to the root'
    yield 'hardlink-empty', Tar().hard('loot', ''), ANY
    yield 'hardlink-dir', Tar().dir('d').hard('loot', 'd'), REFUSED + 'entry loot: '
    yield 'hardlink-lower-dir', Tar().hard('loot', 'etc'), REFUSED + 'entry loot: hard link to a directory'
    yield 'hardlink-self', Tar().hard('loot', 'loot'), gone
    yield 'hardlink-loop', Tar().hard('a', 'b').hard('b', 'a'), REFUSED + 'entry [ab]: hard link to a missing file'
    yield 'hardlink-proc', Tar().hard('loot', '/proc/self/exe'), gone
    yield 'hardlink-with-data', Tar().file('f', b'old').add('h', b'1', b'new', link='f'), ANY
    yield 'hardlink-to-whiteout', Tar().file('.wh.x').hard('h', '.wh.x'), REFUSED + 'entry h: '
    yield 'hardlink-parent-is-file', Tar().file('f').hard('f/x', 'true'), HELD + 'f/x'
    chain = Tar()
    for i in range(20):
        chain.hard(f'l{i:02}', f'l{i + 1:02}')
    yield 'hardlink-chain-backwards', chain.file('l20'), HELD + 'l00'


# ---- whiteouts ----

def whiteouts():
    nothing = REFUSED + 'whiteout with an invalid target'
    for label, name in {'bare': '.wh.', 'dot': '.wh..', 'dotdot': '.wh...', 'bare-below': 'etc/.wh.', 'dot-below': 'etc/.wh..',
                        'dotdot-below': 'etc/.wh...'}.items():
        yield label, Tar().file(name), nothing
    below = REFUSED + 'below a whiteout'
    yield 'below', Tar().file('.wh.x/y'), below
    yield 'below-opaque', Tar().file('etc/.wh..wh..opq/y'), below
    yield 'below-bare', Tar().file('.wh./y'), below
    yield 'below-dir', Tar().dir('.wh.x').file('.wh.x/y'), below
    yield 'below-deep', Tar().file('a/.wh.b/c/d'), below
    yield 'below-and-out', Tar().file('.wh.a/../b'), ANY
    yield 'as-dir', Tar().dir('.wh.etc'), ANY
    yield 'as-symlink', Tar().sym('.wh.etc', CANARY), ANY
    yield 'as-hardlink', Tar().hard('.wh.etc', 'true'), ANY
    yield 'as-fifo', Tar().add('.wh.etc', b'6'), ANY
    yield 'with-data', Tar().file('.wh.etc', b'data' * 1000).file('after'), HELD + 'after'
    yield 'long', Tar().file('.wh.' + 'x' * 251), HELD
    yield 'too-long', Tar().file('.wh.' + 'x' * 252), REFUSED + 'too long'
    yield 'of-whiteout', Tar().file('.wh..wh.etc'), ANY
    yield 'meta', Tar().file('.wh..wh.').file('.wh..wh.x').file('.wh..wh..wh.').dir('.wh..wh.plnk').file('.wh..wh.plnk/1.2').file('.wh..wh.aufs'), ANY
    yield 'meta-link', Tar().sym('.wh..wh.plnk', CANARY).file('.wh..wh.plnk/new'), ANY
    yield 'meta-below', Tar().file('etc/.wh..wh.plnk').file('etc/.wh..wh.x'), ANY
    yield 'opaque-dir', Tar().dir('etc/.wh..wh..opq'), ANY
    yield 'opaque-of-nothing', Tar().file('no/such/.wh..wh..opq').file('true/.wh..wh..opq'), ANY
    yield 'of-nothing', Tar().file('no/such/.wh.x').file('.wh.nothing').file('true/.wh.x'), ANY
    yield 'newline', Tar().file('.wh.a\nb'), HELD
    yield 'twice', Tar().file('.wh.etc').file('.wh.etc').file('etc/.wh..wh..opq').file('etc/.wh.x'), HELD


# ---- headers that lie ----

def headers():
    damaged = REFUSED + 'tar'
    plain = Tar().file('f', b'data').bytes()
    yield 'checksum', Tar().add('f', b'0', checksum=b'000000\0 '), damaged
    yield 'garbage', Tar().raw(b'\xa5' * BLOCK * 4), damaged
    yield 'size-more', Tar().add('f', b'0', b'data', size=1 << 20), damaged
    yield 'size-less', Tar().add('f', b'0', b'data' * 1000, size=4), damaged
    yield 'size-negative', Tar().add('f', b'0', size=-1), damaged + '|negative'
    yield 'size-negative-more', Tar().add('f', b'0', size=-(1 << 62)), damaged + '|negative'
    yield 'size-max', Tar().add('f', b'0', size=(1 << 63) - 1), damaged
    yield 'size-max-256', Tar().add('f', b'0', size=b'\x80' + b'\xff' * 11), damaged
    yield 'size-text', Tar().add('f', b'0', size=b'not a number'), ANY
    yield 'size-of-link', Tar().sym('s', 'x', size=1 << 30).file('after'), ANY
    yield 'size-of-dir', Tar().add('d', b'5', size=1 << 40).file('after'), ANY
    yield 'size-of-fifo', Tar().add('p', b'6', size=1 << 40), ANY
    yield 'pax-size-more', Tar().add('f', b'0', b'data', {'size': '99999999'}), damaged
    yield 'pax-size-negative', Tar().add('f', b'0', b'data', {'size': '-5'}), ANY
    yield 'pax-size-huge', Tar().add('f', b'0', b'data', {'size': '9' * 30}), ANY
    yield 'pax-realsize', Tar().add('f', b'0', b'data', {'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.realsize': '-1'}), ANY
    for label, body in {'length': b'999999 path=../escaped\n', 'zero': b'0 path=x\n', 'negative': b'-9 path=x\n', 'none': b'path=x\n',
                        'no-newline': b'9 path=xyz', 'no-equals': b'8 pathx\n', 'overflow': b'99999999999999999999 path=x\n',
                        'binary': bytes(range(256)), 'empty': b'', 'nul': bytes(600)}.items():
        yield 'pax-' + label, Tar().raw(pax(body)).file('innocent'), ANY
    yield 'pax-only', Tar().raw(pax({'path': 'x'})), ANY
    yield 'pax-pax-pax', Tar().raw(pax({'path': '../escaped'}) * 40).file('innocent'), REFUSED + 'escaped|tar'
    yield 'pax-huge', Tar().raw(pax(pax_record('comment', b'x' * (8 << 20)))).file('innocent'), ANY
    yield 'pax-many', Tar().raw(pax(b''.join(pax_record(f'SCHILY.xattr.user.{i}', 'v') for i in range(20000)))).file('f'), ANY
    yield 'pax-size-lie', Tar().raw(header('pax', b'x', size=1 << 40)), damaged
    yield 'gnu-long-huge', Tar().raw(gnu_long('x/' * (4 << 20))).file('innocent'), REFUSED + 'tar|long'
    yield 'gnu-long-size-lie', Tar().raw(header('././@LongLink', b'L', size=1 << 62)), damaged
    yield 'gnu-long-empty', Tar().raw(gnu_long('')).file('innocent'), ANY
    yield 'gnu-long-chain', Tar().raw(gnu_long('x') * 5000).file('innocent'), ANY
    for kind in b'ADKLMNSVXgxZz7\0\xff':
        yield f'type-{kind}', Tar().add('f', bytes([kind]), b'f\n'), ANY
    yield 'type-cpio', Tar().raw(b'070701' + b'0' * 2000), damaged
    sparse = lambda *pairs: b''.join(b'%011o\0%011o\0' % p for p in pairs)
    real = lambda n: b'%011o\0' % n
    for label, pairs, size in (('overlap', ((0, 512), (0, 512)), 1024), ('backwards', ((1024, 512), (0, 512)), 2048),
                               ('beyond', ((1 << 30, 512),), 10), ('huge', ((0o77777777777 - 511, 512),), 0o77777777777)):
        tail = bytes(41) + sparse(*pairs).ljust(96, b'\0') + b'\0' + real(size)
        yield 'sparse-' + label, Tar().add('f', b'S', b's' * 512 * len(pairs), magic=b'ustar  \0', tail=tail), ANY
    yield 'sparse-extended', Tar().add('f', b'S', b's' * 512, magic=b'ustar  \0', tail=bytes(41) + sparse(*[(0, 512)] * 4) + b'\1' + real(512)), ANY
    for label, numbers in {'letters': 'a,b,c', 'odd': '0,5,9', 'negative': '-5,10', 'huge': '0,' + '9' * 18, 'empty': ''}.items():
        yield 'sparse-map-' + label, Tar().add('f', b'0', b'x' * 20, {'GNU.sparse.size': '20', 'GNU.sparse.map': numbers}), ANY
    yield 'sparse-eib', Tar().add('f', b'0', b'x', {'GNU.sparse.size': str((1 << 62)), 'GNU.sparse.map': '0,1'}), ANY
    yield 'uid-32-bits', Tar().file('f', uid=1 << 32), HELD + 'f'
    yield 'uid-minus-one', Tar().file('f', uid=-1), HELD + 'f'
    yield 'uid-no-change', Tar().file('f', uid=(1 << 32) - 1), HELD + 'f'
    yield 'gid-pax', Tar().file('f', records={'gid': '99999999999'}), HELD + 'f'
    yield 'mode-all', Tar().file('f', mode=0o7777777).dir('d', mode=0o7777777), HELD + 'f d'
    yield 'time-far', Tar().file('f', mtime=(1 << 63) - 1).dir('d', mtime=-(1 << 62)), ANY
    yield 'time-nan', Tar().file('f', records={'mtime': 'nan'}).file('g', records={'mtime': '-9e99.5'}).file('h', records={'mtime': ''}), ANY
    for label, key, value in (('refused', 'security.selinux', 'x'), ('trusted', 'trusted.overlay.opaque', 'y'), ('overlay', 'user.overlay.redirect', '/x'),
                              ('whiteout', 'user.overlay.whiteout', ''), ('empty', '', 'x'), ('none', 'nothing', 'x'), ('large', 'user.x', 'x' * 200000),
                              ('long', 'user.' + 'x' * 400, 'x'), ('capability', 'security.capability', b'\1\0\0\2' + bytes(16)),
                              ('acl', 'system.posix_acl_access', b'\2\0\0\0' + b'\xff' * 80)):
        yield 'xattr-' + label, Tar().file('f', records={'SCHILY.xattr.' + key: value}).dir('d', records={'SCHILY.xattr.' + key: value}), HELD + 'f d'
    for label, cut in (('header', 700), ('data', 1500), ('block', 1536)):
        yield 'cut-' + label, None, oci(Tar().file('f', b'x' * 5000).bytes()[:cut]), REFUSED + 'tar|too early'
    yield 'no-end', None, oci(plain[:1024]), HELD + 'f'
    yield 'garbage-behind', None, oci(plain + b'garbage' * 1000), HELD + 'f'
    yield 'second-archive-behind', None, oci(plain + Tar().file('../escaped').bytes()), HELD + 'f'


# ---- compression ----

def zstd(data):
    return subprocess.run(['zstd', '-q', '-c'], input=data, stdout=subprocess.PIPE, check=True).stdout


def zstd_raw(data, window):
    """A frame of stored blocks that asks for a window: 2^(10 + window / 8) bytes, RFC 8878 section 3.1.1.1.2."""
    out = b'\x28\xb5\x2f\xfd\0' + bytes([window])
    for at in range(0, len(data), 65536):
        block = data[at:at + 65536]
        out += (len(block) << 3 | (at + 65536 >= len(data))).to_bytes(3, 'little') + block
    return out


def compressed():
    layer = Tar().file('f', b'data' * 5000).bytes()
    base = base_layer()

    def image(packed, kind='gzip'):
        return archive(oci_members([base, layer], packed=[base, packed], layer_media=OCI + 'layer.v1.tar+' + kind))

    gz, xz = gzip.compress(layer, mtime=0), lzma.compress(layer)
    yield 'gzip-cut', image(gz[:-20]), REFUSED + 'gzip'
    yield 'gzip-checksum', image(gz[:-8] + bytes(8)), REFUSED + 'gzip'
    yield 'gzip-garbage', image(gz[:200] + b'\xa5' * 300), REFUSED + 'gzip'
    yield 'gzip-behind', image(gz + b'garbage'), REFUSED + 'gzip'
    yield 'gzip-zeros-behind', image(gz + bytes(1000)), HELD + 'f'
    yield 'gzip-header-only', image(gz[:10]), REFUSED + 'gzip'
    yield 'gzip-twice', image(gzip.compress(gz, mtime=0)), REFUSED + 'tar'
    yield 'gzip-name-endless', image(gz[:3] + b'\x08' + gz[4:10] + b'n' * 100000), REFUSED + 'gzip'
    yield 'zstd-cut', image(zstd(layer)[:-20], 'zstd'), REFUSED + 'zstd'
    yield 'zstd-window-2g', image(zstd_raw(layer, 21 << 3), 'zstd'), HELD + 'f'
    yield 'zstd-frame-lies', image(b'\x28\xb5\x2f\xfd\xe0' + b'\xff' * 8 + b'\1\0\0', 'zstd'), REFUSED + 'zstd'
    yield 'zstd-window-lies', image(b'\x28\xb5\x2f\xfd\x00\xf8' + b'\1\0\0', 'zstd'), REFUSED + 'zstd'
    yield 'zstd-skippable-lies', image(b'\x50\x2a\x4d\x18\xff\xff\xff\xff' + b'x' * 100, 'zstd'), REFUSED + 'zstd'
    yield 'xz-cut', image(xz[:-20], 'xz'), REFUSED + 'xz'
    yield 'xz-dictionary-1g', image(lzma.compress(layer, filters=[{'id': lzma.FILTER_LZMA2, 'dict_size': 1 << 30}]), 'xz'), REFUSED + 'xz.*--decoder-memory'
    yield 'xz-padding', image(xz + bytes(8), 'xz'), HELD + 'f'
    yield 'xz-behind', image(xz + b'garbage!', 'xz'), REFUSED + 'xz'
    yield 'bzip2-cut', image(bz2.compress(layer)[:-20], 'bzip2'), REFUSED + 'bzip2'
    for label, name in {'gzip-whole': gzip.compress(oci(layer)[:-3000], mtime=0)[:-30], 'xz-whole': lzma.compress(oci(layer))[:-30]}.items():
        yield label + '-cut', name, REFUSED + label.split('-')[0]


# ---- documents ----

def documents():
    layer = Tar().file('f').bytes()
    base = base_layer()
    diffs = [base, layer]
    good = config(diffs)
    docker = lambda **more: archive(docker_members(diffs, **more))

    def conf(value):
        return archive(docker_members(diffs, conf=value))

    yield 'config-9m', conf({**good, 'junk': 'x' * (9 << 20)}), REFUSED + 'larger than'
    yield 'config-deep', conf(b'{"a":' * 10000 + b'1' + b'}' * 10000), REFUSED + 'nested deeper'
    yield 'config-arrays', conf(b'[' * 100000), REFUSED + 'nested deeper'
    yield 'config-values', conf(b'[' + b'1,' * 600000 + b'1]'), REFUSED + 'values'
    yield 'config-keys', conf({**good, **{f'k{i}': i for i in range(200000)}}), ANY
    yield 'config-collide', conf({**good, 'k': {'x' * i: 1 for i in range(2000)}}), ANY
    yield 'config-number', conf(as_json(good)[:-1] + b',"n":' + b'9' * 100000 + b'}'), ANY
    yield 'config-real', conf(as_json(good)[:-1] + b',"n":1e99999}'), ANY
    yield 'config-twice', conf(as_json(good)[:-1] + b',"rootfs":{"type":"layers","diff_ids":[]}}'), REFUSED + 'duplicate'
    yield 'config-nul', conf({**good, 'config': {'Cmd': ['/true\0x']}}), ANY
    yield 'config-surrogate', conf(as_json(good).replace(b'/true', b'\\ud800')), ANY
    for label, value in {'empty': b'', 'null': b'null', 'text': b'"x"', 'number': b'1', 'list': b'[]', 'nothing': b'{}', 'cut': as_json(good)[:-9],
                         'behind': as_json(good) + b'{}', 'utf16': as_json(good).decode().encode('utf-16'), 'latin1': b'{"a":"\xe9"}',
                         'not-json': b'\x7fELF', 'spaces': b' ' * 100000}.items():
        yield 'config-' + label, conf(value), REFUSED
    for label, value in {'missing': None, 'fewer': {'type': 'layers', 'diff_ids': good['rootfs']['diff_ids'][:1]},
                         'more': {'type': 'layers', 'diff_ids': good['rootfs']['diff_ids'] * 2}, 'text': {'diff_ids': 'x'}, 'list': [],
                         'numbers': {'diff_ids': [1, 2]}, 'sha512': {'diff_ids': ['sha512:' + 'a' * 128] * 2},
                         'path': {'diff_ids': ['sha256:../../../../../../etc/passwd'] * 2}, 'short': {'diff_ids': ['sha256:abc'] * 2},
                         'upper': {'diff_ids': [d.upper() for d in good['rootfs']['diff_ids']]}}.items():
        yield 'diff-ids-' + label, conf({**good, 'rootfs': value}), REFUSED
    swapped = {**good, 'rootfs': {'diff_ids': good['rootfs']['diff_ids'][::-1]}}
    yield 'diff-ids-swapped', conf(swapped), REFUSED + 'layer 1.*(digest|mismatch)'
    yield 'config-os', conf({**good, 'os': 'windows'}), REFUSED + 'windows'

    members = docker_members(diffs)
    wrong = {'empty': b'', 'null': b'null', 'text': b'"x"', 'nothing': b'[]', 'of-null': b'[null]', 'of-list': b'[[]]', 'cut': members['manifest.json'][:-5],
             'deep': b'[' * 5000, 'of-numbers': b'[1,2]', 'no-config': b'[{"Layers":[]}]', 'no-layers': b'[{"Config":"c.json"}]'}
    for label, value in wrong.items():
        yield 'manifest-' + label, docker(manifest=value), ANY if label in ('text', 'empty', 'null') else REFUSED
    for label, entry in {'config-list': {'Config': ['x']}, 'layers-text': {'Layers': 'x'}, 'layers-numbers': {'Layers': [1, 2]},
                         'layers-object': {'Layers': {}}, 'layers-dotdot': {'Layers': ['../../../../../etc/passwd'] * 2},
                         'layers-absolute': {'Layers': [CANARY + '/secret'] * 2}, 'layers-proc': {'Layers': ['/proc/self/mem', '/dev/zero']},
                         'layers-many': {'Layers': ['x'] * 100000}, 'layers-is-config': {'Layers': [sha(as_json(good)) + '.json'] * 2},
                         'layers-is-manifest': {'Layers': ['manifest.json'] * 2}, 'config-is-manifest': {'Config': 'manifest.json'},
                         'config-absolute': {'Config': '/etc/passwd'}}.items():
        data = {**members, 'manifest.json': as_json([{'Config': sha(as_json(good)) + '.json', 'RepoTags': None, 'Layers': [sha(d) + '/layer.tar' for d in diffs], **entry}])}
        yield 'docker-' + label, archive(data), REFUSED
    for label, tags in {'dotdot': ['../../../x:latest'], 'numbers': [1, None], 'text': 'x', 'long': ['x' * 100000 + ':1'], 'escape': ['\x1b[31m:x'],
                        'object': {}, 'many': [f'n{i}:1' for i in range(2000)], 'slash': ['/etc/passwd:latest', '.:latest', '..:latest', '%2e%2e:x']}.items():
        yield 'tags-' + label, docker(entry={'RepoTags': tags}), REFUSED + 'RepoTags' if label in ('numbers', 'text', 'object') else HELD

    # Members of the archive
    rest = {k: v for k, v in members.items() if k != 'manifest.json'}
    yield 'member-loop', Tar().sym('manifest.json', 'manifest.json').raw(archive(rest)).bytes(), ANY
    yield 'member-loop-layer', Tar().raw(archive({k: v for k, v in members.items() if k != sha(layer) + '/layer.tar'})[:-2 * BLOCK]).sym(sha(layer) + '/layer.tar', '../' + sha(layer) + '/layer.tar').bytes(), REFUSED
    for label, target in {'host': '/etc/passwd', 'canary': CANARY + '/secret', 'up': '../' * 20 + INNER + '/secret'}.items():
        yield 'member-symlink-' + label, Tar().raw(archive({k: v for k, v in members.items() if k != sha(layer) + '/layer.tar'})[:-2 * BLOCK]).sym(sha(layer) + '/layer.tar', target).bytes(), REFUSED
    yield 'member-is-dir', Tar().dir('manifest.json').raw(archive(rest)).bytes(), ANY
    yield 'member-is-device', Tar().add('manifest.json', b'3', major=1, minor=5).raw(archive(rest)).bytes(), ANY
    yield 'member-dotdot', Tar().file('../manifest.json', members['manifest.json']).raw(archive(rest)).bytes(), ANY
    yield 'member-size-lie', Tar().add('manifest.json', b'0', members['manifest.json'], size=1 << 40).bytes(), REFUSED

    # OCI
    manifest = next(v for k, v in oci_members(diffs).items() if b'"layers":[' in v[:5000])
    for label, change in {'config': 'config', 'layer': 'layers'}.items():
        text = manifest.replace(b'"size":', b'"size":1', 1 if change == 'config' else 9)
        yield f'oci-{label}-size-lie', archive(oci_members(diffs, manifest=text)), REFUSED + 'size'
    for label, kind in {'layer': layer, 'config': as_json(good), 'manifest': manifest}.items():
        data = oci_members(diffs)
        data['blobs/sha256/' + sha(kind)] = kind[:-1] + b'!'
        yield f'oci-{label}-digest-lie', archive(data), REFUSED + 'digest|mismatch'
    for label, digest in {'dotdot': 'sha256:../../index.json', 'sha512': 'sha512:' + 'a' * 128, 'short': 'sha256:aa', 'number': 1, 'none': None,
                          'null-byte': 'sha256:' + 'a' * 63 + '\0', 'path': '../../../../etc/passwd', 'path-of-nothing': '-:../../../../etc/passwd'}.items():
        yield 'oci-digest-' + label, archive(oci_members(diffs, index={'manifests': [{'digest': digest, 'size': 1}]})), REFUSED
    for label, index in {'empty': b'', 'null': b'null', 'list': b'[]', 'nothing': b'{}', 'manifests-null': b'{"manifests":null}', 'manifests-object': b'{"manifests":{}}',
                         'of-null': b'{"manifests":[null]}', 'deep': b'{"manifests":' + b'[' * 9999, 'twice': b'{"manifests":[],"manifests":[]}'}.items():
        yield 'oci-index-' + label, archive(oci_members(diffs, index=index)), REFUSED
    yield 'oci-size-negative', archive(oci_members(diffs, entry={'size': -1})), ANY
    yield 'oci-size-huge', archive(oci_members(diffs, entry={'size': 1 << 62})), ANY
    yield 'oci-size-text', archive(oci_members(diffs, entry={'size': '12'})), REFUSED
    yield 'oci-manifests-5000', archive(oci_members(diffs, index={'manifests': [descriptor(b'%d' % i, OCI + 'manifest.v1+json') for i in range(5000)]})), REFUSED + '4096'
    nested, blobs = as_json({'manifests': [descriptor(manifest, OCI + 'manifest.v1+json')]}), oci_members(diffs)
    for _ in range(20):
        blobs.update(blobs_of(nested))
        nested = as_json({'manifests': [descriptor(nested, OCI + 'index.v1+json')]})
    yield 'oci-nested-20', archive({**blobs, 'index.json': nested}), REFUSED + 'nested'
    # 8 levels of 20 references each to the one below: 20^8 documents to whom who follows them all
    fan, blobs = manifest, oci_members(diffs)
    for level in range(8):
        media = OCI + ('manifest' if level == 0 else 'index') + '.v1+json'
        fan = as_json({'manifests': [descriptor(fan, media)] * 20})
        blobs.update(blobs_of(fan))
    yield 'oci-nested-fan', archive({**blobs, 'index.json': fan}), REFUSED + 'index'
    fan, blobs = as_json({'manifests': []}), oci_members(diffs)
    for level in range(8):
        blobs.update(blobs_of(fan))
        fan = as_json({'manifests': [descriptor(fan, OCI + 'index.v1+json')] * 20})
    yield 'oci-nested-fan-empty', archive({**blobs, 'index.json': fan}), REFUSED + 'index'
    # An index cannot hold its own digest; one that is not checked could be met again and again.
    cycle = 'a' * 64
    loop = as_json({'manifests': [{'mediaType': OCI + 'index.v1+json', 'digest': 'sha256:' + cycle, 'size': 200}]})
    yield 'oci-index-cycle', archive({**oci_members(diffs, index=loop), 'blobs/sha256/' + cycle: loop}), REFUSED + 'digest|mismatch|nested'
    # CVE-2021-41190: one document that is a manifest to one reader and an index to another
    both = as_json({**__import__('json').loads(manifest), 'manifests': [descriptor(manifest, OCI + 'manifest.v1+json')]})
    yield 'oci-both-manifest', archive(oci_members(diffs, manifest=both)), REFUSED + 'both manifests and layers'
    index = as_json({'manifests': [descriptor(both, OCI + 'index.v1+json')]})
    yield 'oci-both-index', archive({**oci_members(diffs, index=index), **blobs_of(both)}), REFUSED + 'both manifests and layers'
    yield 'oci-index-as-manifest', archive(oci_members(diffs, manifest=as_json({'mediaType': OCI + 'manifest.v1+json', 'manifests': []}))), REFUSED
    yield 'oci-manifest-as-index', archive({**oci_members(diffs), 'index.json': as_json({'manifests': [descriptor(manifest, OCI + 'index.v1+json')]})}), REFUSED
    for label, change in {'layers-null': {'layers': None}, 'layers-object': {'layers': {}}, 'layers-of-null': {'layers': [None, None]}, 'layers-fewer': {'layers': []},
                          'config-null': {'config': None}, 'config-list': {'config': []}, 'config-is-layer': {'config': descriptor(layer, OCI + 'config.v1+json')},
                          'layers-many': {'layers': [descriptor(layer, OCI + 'layer.v1.tar')] * 5000}, 'encrypted': {'layers': [descriptor(layer, OCI + 'layer.v1.tar+encrypted')] * 2},
                          'layer-is-json': {'layers': [descriptor(manifest, 'application/json')] * 2}}.items():
        yield 'oci-' + label, archive(oci_members(diffs, manifest=change)), REFUSED


# ---- those that take seconds ----

def big():
    many = Tar()
    for i in range(100000):
        many.parts.append(header(f'd{i % 100}/{i}'))
    yield 'entries-100000', many, HELD + 'd0/0 d99/99999'
    chain = Tar()
    for i in range(20000):
        chain.hard(f'l{i}', f'l{i + 1}')
    yield 'hardlink-chain-20000', chain.file('l20000'), ANY
    yield 'pax-96m', oci_image_of(*packed(Tar().raw(pax(pax_record('comment', b'x' * (96 << 20)))).file('innocent').bytes())), ANY
    yield 'gnu-long-96m', oci_image_of(*packed(Tar().raw(gnu_long('x/' * (48 << 20))).file('innocent').bytes())), REFUSED + 'tar|long'
    missing = Tar()
    for i in range(20000):
        missing.hard(f'l{i}', f'nothing{i}')
    yield 'hardlinks-missing-20000', missing, REFUSED + 'hard link to a missing file'
    replaced = Tar()
    for i in range(4000):
        replaced.dir('d', uid=1).file('d', uid=1) if i % 2 else replaced.dir('d').sym('d', CANARY)
    yield 'replaced-4000', replaced, HELD + 'd'
    white = Tar()
    for i in range(30000):
        white.parts.append(header(f'.wh.{i}'))
    yield 'whiteouts-30000', white, HELD
    deep = Tar()
    for i in range(1, 1000):
        deep.dir('d/' * i)
    yield 'deep-dirs-1000', deep, HELD
    yield 'zeros-behind-1g', oci_image_of(*packed(Tar().file('f').bytes(1 << 30))), ANY
    yield 'skipped-1g', oci_image_of(*packed(header('.wh.x', size=1 << 30) + bytes(1 << 30) + Tar().file('f').bytes())), ANY


def oci_image_of(plain, packed):
    base = base_layer()
    return archive(oci_members([base, plain], packed=[base, packed], layer_media=OCI + 'layer.v1.tar+gzip'))


def packed(plain):
    return plain, gzip.compress(plain, 1, mtime=0)


# ---- all of them ----

def cases():
    for group, found in (('names', names()), ('links', links()), ('whiteouts', whiteouts()), ('headers', headers())):
        for label, tar, *rest in found:
            # A case is a layer, or, where that is None, a whole image.
            image, want = (oci(tar.bytes()), rest[0]) if tar else rest
            yield f'{group}-{label}', image, want
    for label, made, used, want in symlinks():
        yield f'symlinks-{label}', oci(Tar().raw(*made.parts, *used.parts).bytes()), want
        yield f'symlinks-{label}-lower', oci(made.bytes(), used.bytes()), want
    for group, found in (('compressed', compressed()), ('documents', documents())):
        for label, image, want in found:
            yield f'{group}-{label}', image, want


def main():
    out, is_big = sys.argv[1], '--big' in sys.argv
    os.makedirs(out)
    with open(os.path.join(out, 'list'), 'w', encoding='utf-8') as listing:
        found = ((f'big-{label}', oci(x.bytes()) if isinstance(x, Tar) else x, want) for label, x, want in big()) if is_big else cases()
        for name, image, want in found:
            with open(os.path.join(out, name + '.tar'), 'wb') as f:
                f.write(image)
            listing.write(f'{name}.tar\t{want}\n')


if __name__ == '__main__':
    main()

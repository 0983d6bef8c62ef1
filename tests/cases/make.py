#!/usr/bin/env python3
"""Make odd but well-formed images of each kind that has been reported to break some container tool, with the right answer to each.

    make.py OUT ROOTFS.TAR

ROOTFS.TAR is a root file system with busybox in it; it is the lowest layer of most images.  OUT/list.json has an object for each:
    image     the file in OUT
    args      what to run in place of the image's command, or null
    stdout    what it writes: one text, or several of which each is right     } status is 0 where it is not given
    refused   in place of these: status 125 to 127, and one line on standard error that matches the regular expression
    or        `refused`: a refusal is right, too
    umask     of the caller, where that matters
    compare   false where there is no one right tree, or none that umoci can make: tests/e2e/diff.sh leaves it out
Python's standard library, and zstd(1).
"""
import gzip
import json
import lzma
import os
import platform
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'hostile'))
from documents import companions, sums, texts, types, wrapped  # noqa: E402
from layouts import ARCH, OCI, archive, as_json, config, docker_members, oci_members, sha  # noqa: E402 # the folder beside this one
from producers import producers  # noqa: E402
from rawtar import Tar, elf  # noqa: E402

ILLEGAL = {'x86_64': b'\x0f\x0b', 'aarch64': bytes(4)}


def sh(script):
    return ['/bin/sh', '-c', script]


def docker(diffs, **run):
    """An archive of `docker save`; run: fields of the image's config."""
    return archive(docker_members(diffs, conf=config(diffs, config=run)))


def oci(diffs, packed=None, **run):
    """An OCI archive with gzip layers."""
    packed = packed or [gzip.compress(d, 1, mtime=0) for d in diffs]
    return archive(oci_members(diffs, packed=packed, layer_media=OCI + 'layer.v1.tar+gzip', conf=config(diffs, config=run)))


def zstd(data):
    return subprocess.run(['zstd', '-q', '-1', '-c'], input=data, stdout=subprocess.PIPE, check=True).stdout


def skippable(data):
    return b'\x5f\x2a\x4d\x18' + len(data).to_bytes(4, 'little') + data


def cut(data, *places):
    """The data in pieces that end at these places."""
    ends = [0, *places, len(data)]
    return [data[a:b] for a, b in zip(ends, ends[1:])]


class Base:
    """The root file system, and what is made of it."""

    def __init__(self, path):
        with open(path, 'rb') as f:
            self.tar = f.read()

    def program(self):
        """busybox itself: its bytes."""
        return subprocess.run(['tar', '-xO', 'bin/busybox'], input=self.tar, stdout=subprocess.PIPE, check=True).stdout

    def with_more(self, more):
        """One tar of the root file system and the entries of another."""
        return self.tar[:self.end()] + more.bytes()

    def end(self):
        """Where the zero blocks begin."""
        return (len(self.tar.rstrip(b'\0')) + 511) // 512 * 512


# ---- hard links ----

def hard_links(base):
    script = '#!/bin/sh\necho the tool\n'
    lower = Tar().file('bin/tool', script, mode=0o755).dir('lib').hard('lib/tool', 'bin/tool').bytes()
    yield 'name-of-a-link-becomes-a-symlink', docker([base.tar, lower, Tar().sym('bin/tool', '/lib/tool').bytes()], Cmd=['/bin/tool']), {'stdout': 'the tool\n'}
    upper = Tar().hard('lib/second', 'lib/tool').hard('lib/third', './lib/second').bytes()
    yield 'link-to-a-lower-layer', oci([base.tar, lower, upper], Cmd=sh('/lib/second; /lib/third; [ /bin/tool -ef /lib/third ] && echo one file')), {
        'stdout': ['the tool\nthe tool\none file\n', 'the tool\nthe tool\n']}
    top = Tar().file('app/main', script, mode=0o755).hard('runfiles/of/app/main', 'app/main').sym('links/to/it', '../../app/main').bytes()
    yield 'no-parents-of-links', oci([base.tar, top], Cmd=sh('runfiles/of/app/main; links/to/it')), {'stdout': 'the tool\nthe tool\n'}
    only = Tar().file('bin/busybox', base.program(), mode=0o755).sym('bin/sh', 'busybox').file('very/deep/down/file', 'deep\n').hard('other/file', 'very/deep/down/file')
    yield 'no-directories.gz', gzip.compress(only.bytes(), mtime=0), {'args': sh('busybox cat /other/file; busybox stat -c %a /very/deep'), 'stdout': 'deep\n755\n'}
    more = Tar().file('x', 'x\n').sym('s', 'x').hard('h', 's').sym('dangling', '/no/where').hard('d', 'dangling')
    yield 'link-to-a-symlink.xz', lzma.compress(base.with_more(more), preset=0), {
        'args': sh('readlink /h; readlink /d; cat /h'), 'stdout': 'x\n/no/where\nx\n'}


# ---- whiteouts ----

def whiteouts(base):
    lower = Tar().dir('d').file('d/old').dir('d/sub').file('d/sub/old').bytes()
    show = sh('find /d | sort')
    yield 'opaque-and-new', docker([base.tar, lower, Tar().dir('d').file('d/.wh..wh..opq').file('d/new').bytes()], Cmd=show), {'stdout': '/d\n/d/new\n'}
    yield 'opaque-last', docker([base.tar, lower, Tar().dir('d').file('d/new').file('d/.wh..wh..opq').bytes()], Cmd=show), {'stdout': '/d\n/d/new\n'}
    yield 'whiteout-behind-the-new-one', oci([base.tar, lower, Tar().dir('d').dir('d/new').file('.wh.d').bytes()], Cmd=show), {
        'stdout': '/d\n/d/new\n', 'compare': False}
    nothing = Tar().file('var/cache/.wh..wh..opq').file('no/such/.wh.file').file('.wh.none').file('usr/.wh.none').file('kept', 'kept\n')
    yield 'whiteouts-of-nothing', docker([base.tar, nothing.bytes()], Cmd=sh('cat /kept; find / -xdev -name ".wh.*"')), {'stdout': 'kept\n'}
    lower = Tar().file('gone').file('.whole', 'whole\n').file('a.wh.b', 'middle\n').dir('d').file('d/gone', 'stays\n').bytes()
    yield 'whiteout-in-the-root', docker([base.tar, lower, Tar().file('.wh.gone').bytes()], Cmd=sh('cat /.whole /a.wh.b /d/gone; [ -e /gone ] || echo gone')), {
        'stdout': 'whole\nmiddle\nstays\ngone\n'}
    lower = Tar().dir('real/d').file('real/d/f').sym('alias', 'real').bytes()
    yield 'whiteout-through-a-symlink', oci([base.tar, lower, Tar().file('alias/d/new').file('alias/d/.wh.f').bytes()], Cmd=sh('ls /real/d; readlink /alias')), {
        'stdout': ['new\nreal\n', 'f\nnew\nreal\n'], 'compare': False}


# ---- what replaces what ----

def replaced(base):
    lower = Tar().dir('d/deep').file('d/deep/old').dir('o').file('o/kept', 'kept\n').file('f', 'file').dir('g').file('g/in').sym('s', 'o').bytes()
    upper = Tar().sym('d', 'o').dir('f').file('f/in', 'in f\n').file('g', 'g\n').file('s', 's\n').bytes()
    yield 'types-change', docker([base.tar, lower, upper], Cmd=sh('cat /d/kept /f/in /g /s; ls /o')), {'stdout': 'kept\nin f\ng\ns\nkept\n'}
    layers = [Tar().dir('etc').dir('usr').dir('usr/share', mode=0o700 + i).file(f'usr/share/{i}', f'{i}\n').bytes() for i in range(5)]
    yield 'directories-again', docker([base.tar, *layers], Cmd=sh('cat /usr/share/?; stat -c %a /usr/share; ls /etc/passwd')), {
        'stdout': '0\n1\n2\n3\n4\n704\n/etc/passwd\n'}
    tool = '#!/bin/sh\necho "tool: $*"\n'
    lower, upper = (Tar().file('bin/tool', tool, mode=m).dir('opt', mode=m).bytes() for m in (0o600, 0o755))
    yield 'modes-of-the-upper-layer', docker([base.tar, lower, upper], Entrypoint=['tool', '--'], Cmd=['x']), {'stdout': 'tool: -- x\n'}
    lower = Tar().file('etc/shadow', 'old', mode=0).dir('z', mode=0).file('z/old', mode=0).file('z/kept', 'kept\n', mode=0).bytes()
    upper = Tar().file('etc/shadow', 'new\n', mode=0).file('z/.wh.old').file('z/new', 'new\n', mode=0).bytes()
    yield 'mode-0', oci([base.tar, lower, upper], Cmd=sh('stat -c %a /etc/shadow /z; chmod 700 /etc/shadow /z /z/*; cat /etc/shadow /z/*')), {
        'stdout': '0\n0\nnew\nkept\nnew\n'}
    lower = Tar().dir('lib', mode=0o555).file('lib/one', 'one\n', mode=0o444).dir('lib/sub', mode=0o555).file('lib/sub/old', mode=0o444).bytes()
    upper = Tar().sym('lib/two', 'one').file('lib/one', 'other\n', mode=0o444).file('lib/sub/.wh.old').dir('lib/sub/d', mode=0o555).file('lib/sub/d/f', 'f\n', mode=0o400).bytes()
    yield 'read-only-directories', docker([base.tar, lower, upper], Cmd=sh('cat /lib/two /lib/sub/d/f; ls /lib/sub; stat -c %a /lib /lib/sub /lib/sub/d')), {
        'stdout': 'other\nf\nd\n555\n555\n555\n'}
    more = Tar().dir('a', mode=0o777).file('a/f', mode=0o666).file('unlisted/f', mode=0o4755).dir('t', mode=0o1777)
    yield 'umask.xz', lzma.compress(base.with_more(more), preset=0), {'umask': 0o077, 'args': ['stat', '-c', '%a', '/a', '/a/f', '/unlisted', '/unlisted/f', '/t', '/bin/busybox'],
                                                                     'stdout': '777\n666\n755\n4755\n1777\n755\n'}
    nodes = Tar().add('dev/null', b'3', major=1, minor=3, mode=0o666).add('dev/sda', b'4', major=8).add('srv/tty', b'3', major=5).add('srv/pipe', b'6').file('srv/after', 'after\n')
    yield 'devices', docker([base.tar, nodes.bytes()], Cmd=sh('[ -p /srv/pipe ] && echo fifo; echo x >/dev/null && [ -c /dev/null ] && [ ! -b /dev/sda ] && cat /srv/after')), {
        'stdout': 'fifo\nafter\n'}


# ---- archives ----

def archives(base):
    marked = base.with_more(Tar().file('end', 'the end\n'))
    members = b''.join(gzip.compress(p, 1, mtime=0) for p in cut(marked, 1, 513, len(marked) // 2 + 7, len(marked) - 1100))
    yield 'rootfs-in-gzip-members.gz', members, {'args': ['cat', '/end'], 'stdout': 'the end\n'}
    frames = [zstd(p) for p in cut(marked, 700, len(marked) // 3)]
    yield 'rootfs-in-zstd-frames.zst', skippable(b'between').join([b'', *frames, b'']), {'args': ['cat', '/end'], 'stdout': 'the end\n'}
    yield 'layer-in-gzip-members', oci([marked], [members], Cmd=['cat', '/end']), {'stdout': 'the end\n'}
    yield 'layer-begins-with-a-skippable-frame', archive(oci_members([marked], packed=[skippable(b'first') + zstd(marked)], layer_media=OCI + 'layer.v1.tar+zstd',
                                                                     conf=config([marked], config={'Cmd': ['cat', '/end']}))), {'stdout': 'the end\n'}
    # Older versions of Docker wrote a layer that occurs twice once, and a symlink to it.
    once = Tar().file('f', 'there\n').bytes()
    diffs = [base.tar, once, Tar().file('.wh.f').bytes(), once]
    conf = as_json(config(diffs, config={'Cmd': ['cat', '/f']}))
    for label, links in (('back', 3), ('ahead', 1)):
        tar, names = Tar(), [f'{i}{sha(d)[1:]}/layer.tar' for i, d in enumerate(diffs)]
        for i, diff in enumerate(diffs):
            tar.dir(names[i][:-9])
            tar.sym(names[i], f'../{names[4 - i]}') if i == links else tar.file(names[i], diff)
        tar.file('config.json', conf).file('manifest.json', as_json([{'Config': 'config.json', 'RepoTags': ['twice:1'], 'Layers': names}]))
        yield f'layer-is-a-symlink-{label}', tar.bytes(), {'stdout': 'there\n'}
    both = {**oci_members([base.tar], index={'schemaVersion': 2, 'manifests': None}), **docker_members([base.tar], conf=config([base.tar], config={'Cmd': ['echo', 'by manifest.json']}))}
    yield 'index-with-null', archive(both), {'stdout': 'by manifest.json\n'}
    # Another time in the gzip header: the same layer, but not the blob that the manifest names.
    packed = gzip.compress(base.tar, 1, mtime=0)
    members = oci_members([base.tar], packed=[packed], layer_media=OCI + 'layer.v1.tar+gzip')
    members['blobs/sha256/' + sha(packed)] = gzip.compress(base.tar, 1, mtime=1)
    yield 'blob-of-another-digest', archive(members), {'refused': 'digest'}


# ---- what is run ----

def commands(base):
    links = Tar().file('opt/real', '#!/opt/sh\necho by links\n', mode=0o755).sym('opt/sh', '/bin/sh').sym('bin/app', '/opt/one').sym('opt/one', '/opt/real').bytes()
    yield 'entrypoint-is-a-chain-of-links', docker([base.tar, links], Entrypoint=['app']), {'stdout': 'by links\n'}
    yield 'no-command', docker([base.tar], Cmd=None, Entrypoint=None), {'refused': '[Cc]ommand|Entrypoint|Cmd'}
    yield 'no-command-but-given', docker([base.tar], Cmd=None, Entrypoint=None), {'args': ['echo', 'given'], 'stdout': 'given\n'}
    yield 'script-without-interpreter', docker([base.tar, Tar().file('run', 'echo ran\n', mode=0o755).bytes()], Entrypoint=['/run']), {'refused': '#!|[Ee]xec format'}
    yield 'entrypoint-is-a-string', docker([base.tar], Entrypoint='/bin/pwd'), {'stdout': '/\n', 'or': 'refused'}
    yield 'odd-environment', docker([base.tar], Env=['PATH=/bin', 'A=1', 'B=x=y z', 'NOTHING', 'C=', 'A=2'], Cmd=sh('echo "$A|$B|$C"')), {'stdout': '2|x=y z|\n'}
    yield 'illegal-instruction', docker([Tar().file('ill', elf(platform.machine(), ILLEGAL[platform.machine()]), mode=0o755).bytes()], Cmd=['/ill']), {'status': 132, 'stdout': ''}
    without = Tar().file('etc/.wh.passwd').file('etc/.wh.group').bytes()
    yield 'no-passwd-and-a-number', docker([base.tar, without], User='1000', Cmd=sh('id -u')), {'stdout': '1000\n'}
    yield 'no-passwd-and-no-user', oci([base.tar, without], Cmd=sh('id -u; [ -e /etc/passwd ] || echo none')), {'stdout': ['0\nnone\n', '0\n']}
    shell = Tar().file('bin/busybox', base.program(), mode=0o755).sym('bin/sh', 'busybox').bytes()
    yield 'nothing-but-a-shell', shell, {'args': sh('[ -d /proc/self ] && [ -c /dev/null ] && busybox ls /etc/resolv.conf'), 'stdout': '/etc/resolv.conf\n'}
    moved = Tar().file('.wh.etc').file('.wh.tmp').file('.wh.proc').dir('private/etc').file('private/etc/passwd', 'root:x:0:0::/root:/bin/sh\n')
    moved.sym('etc', 'private/etc').sym('tmp', '/var/tmp').sym('proc', '/no/where')
    yield 'mount-points-are-symlinks', docker([base.tar, moved.bytes()], Cmd=sh('echo up; readlink /etc')), {'stdout': 'up\nprivate/etc\n', 'or': 'refused'}


def main():
    out, base = sys.argv[1], Base(sys.argv[2])
    os.makedirs(out)
    rows = []
    for group in (hard_links, whiteouts, replaced, archives, companions, texts, types, sums, wrapped, commands, producers):
        for name, data, want in group(base):
            name += '' if name.endswith(('.gz', '.xz', '.zst')) or isinstance(data, dict) else '.tar'
            path = os.path.join(out, name)
            for member, content in (data if isinstance(data, dict) else {'': data}).items():
                at = os.path.join(path, member) if member else path
                os.makedirs(os.path.dirname(at), exist_ok=True)
                with open(at, 'wb') as f:
                    f.write(content)
            rows.append({'image': name, 'args': None, **want})
    with open(os.path.join(out, 'list.json'), 'w', encoding='ascii') as f:
        json.dump(rows, f, indent=1)
    print(len(rows), 'images for', ARCH)


if __name__ == '__main__':
    main()

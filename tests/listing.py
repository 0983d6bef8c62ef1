#!/usr/bin/env python3
"""Compare an unpacked tree with a listing.  Usage: listing.py TREE LISTING [DEVICE...]; prints what differs.

A line of a listing is `f NAME SIZE MD5 nlink=N`, `l NAME -> TARGET`, `d NAME`, or a letter for another type and NAME.
The MD5 is `big` where nobody has read the whole.  Directories that only lead to something may be missing in the listing;
so are the DEVICEs, names of device nodes in the tar, which are unpacked as empty files.
"""
import hashlib
import json
import os
import stat
import sys

TYPES = {stat.S_IFDIR: 'd', stat.S_IFREG: 'f', stat.S_IFLNK: 'l', stat.S_IFIFO: 'p', stat.S_IFSOCK: 's',
         stat.S_IFCHR: 'c', stat.S_IFBLK: 'b'}


def spelled(name):
    return json.dumps(name.decode('utf-8', 'backslashreplace'))[1:-1]


def describe(path, name, want):
    s = os.lstat(path)
    kind = TYPES[stat.S_IFMT(s.st_mode)]
    if kind == 'l':
        return f'l {name} -> {spelled(os.readlink(path))}'
    if kind != 'f':
        return f'{kind} {name}'
    md5 = 'unread'
    if f'f {name} {s.st_size} big nlink={s.st_nlink}' in want:
        md5 = 'big'
    elif s.st_size < 1 << 28:
        with open(path, 'rb') as f:
            md5 = hashlib.file_digest(f, 'md5').hexdigest()
    return f'f {name} {s.st_size} {md5} nlink={s.st_nlink}'


def main():
    tree, listing = os.fsencode(sys.argv[1]), sys.argv[2]
    want = set(open(listing, encoding='ascii').read().splitlines())
    want |= {f'f {name} 0 {hashlib.md5().hexdigest()} nlink=1' for name in sys.argv[3:]}
    have = set()
    for folder, folders, files in os.walk(tree):
        for entry in folders + files:
            path = os.path.join(folder, entry)
            name = spelled(os.path.relpath(path, tree))
            have.add(describe(path, name, want))
    for line in sorted(want - have):
        print('missing:', line)
    for line in sorted(have - want):
        if not line.startswith('d '):
            print('unexpected:', line)


main()

#!/usr/bin/env python3
"""Make the small image that faults are injected into.  Usage: small.py OUT
Two layers with one of each thing that unpacking has to do, and /true as the program.  Python's standard library only."""
import os
import platform
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'hostile'))

from layouts import archive, oci_members  # noqa: E402 # the folder beside this one
from rawtar import Tar, tiny_program  # noqa: E402


def main():
    lower = (Tar().file('true', tiny_program(platform.machine()), mode=0o755).dir('a', mode=0o555, mtime=100).file('a/one', b'one' * 100)
             .hard('a/two', 'a/one').sym('lib', 'a').dir('gone').file('gone/x').file('gone/y').dir('opaque').file('opaque/old').file('opaque/older')
             .file('replaced', b'old').dir('becomes-file').file('becomes-file/z'))
    upper = (Tar().file('a/owned', uid=5, gid=6, mode=0o4755, records={'SCHILY.xattr.user.note': 'kept'}).add('a/fifo', b'6').file('.wh.gone')
             .file('opaque/.wh..wh..opq').file('opaque/new').file('replaced', b'new').hard('late', 'later').file('later')
             .hard('from-below', 'a/two').file('lib/through').file('becomes-file').dir('deep/er/still', mode=0o700, mtime=200))
    with open(sys.argv[1], 'wb') as f:
        f.write(archive(oci_members([lower.bytes(), upper.bytes()])))


if __name__ == '__main__':
    main()

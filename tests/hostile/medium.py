#!/usr/bin/env python3
"""Make the image that kills are aimed at: a few MB, many files, several layers, gzip.  Usage: medium.py OUT [FILES]
Python's standard library only."""
import gzip
import hashlib
import platform
import sys

from layouts import OCI, archive, oci_members
from rawtar import Tar, tiny_program


def main():
    files = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    diffs = []
    for layer in range(5):
        tar = Tar().file('true', tiny_program(platform.machine()), mode=0o755)
        for i in range(files):
            if i % 20 == 0:
                tar.dir(f'd{layer}/{i // 20}', mode=0o555, mtime=i)
            tar.file(f'd{layer}/{i // 20}/f{i}', hashlib.shake_128(b'%d %d' % (layer, i)).digest(1 + i * 911 % 20000), uid=i % 3)
        if layer:
            tar.file(f'.wh.d{layer - 1}').hard('same', 'true').file(f'd{layer}/.wh..wh..opq')
        diffs.append(tar.bytes())
    with open(sys.argv[1], 'wb') as f:
        f.write(archive(oci_members(diffs, packed=[gzip.compress(d, 1, mtime=0) for d in diffs], layer_media=OCI + 'layer.v1.tar+gzip')))


if __name__ == '__main__':
    main()

#!/usr/bin/env python3
"""Make files that are not tars, but what people give to sandbox by mistake.  Usage: strangers.py OUT
OUT/list has a line for each: the file's name, a tab, and how sandbox has to call it.  Python's standard library only."""
import gzip
import io
import json
import lzma
import os
import struct
import sys
import zipfile
import zlib

from layouts import archive, base_layer, oci_members

OUT = sys.argv[1]
MIB = 1 << 20


def at(*pieces, size=0):
    """Bytes at offsets, with zeros between and behind."""
    end = max(size, *(offset + len(data) for offset, data in pieces))
    out = bytearray(end)
    for offset, data in pieces:
        out[offset:offset + len(data)] = data
    return bytes(out)


def zipped(*names):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w') as z:
        for name in names:
            z.writestr(name, 'x' * 100)
    return out.getvalue()


def strangers():
    boot = b'\xeb\x63\x90' + bytes(100) + b'boot code'
    entry = struct.pack('<B3sB3sII', 0x80, b'\0' * 3, 0x83, b'\0' * 3, 2048, 4096)
    yield 'squashfs', at((0, b'hsqs'), size=4096), 'a squashfs image, which is not supported'
    yield 'sif', at((0, b'#!/usr/bin/env run-singularity\n'), (32, b'SIF_MAGIC\x0001'), size=32768), 'a SIF image .*not supported'
    yield 'erofs', at((1024, b'\xe2\xe1\xf5\xe0'), size=8192), 'an EROFS image, which is not supported'
    yield 'ext4', at((1080, b'\x53\xef'), size=MIB), 'an ext4 file system'
    yield 'xfs', at((0, b'XFSB'), size=MIB), 'an XFS file system'
    yield 'btrfs', at((65600, b'_BHRfS_M'), size=MIB), 'a btrfs file system'
    yield 'iso', at((32769, b'CD001'), size=MIB), 'an ISO 9660 image'
    yield 'iso-hybrid', at((0, boot), (510, b'\x55\xaa'), (32769, b'CD001'), size=MIB), 'an ISO 9660 image'
    yield 'fat', at((0, b'\xeb\x3c\x90mkfs.fat'), (54, b'FAT16   '), (510, b'\x55\xaa'), size=MIB), 'a FAT file system'
    yield 'mbr', at((0, boot), (446, entry), (510, b'\x55\xaa'), size=MIB), 'a disk with partitions \\(MBR\\)'
    yield 'mbr-no-code', at((446, entry), (510, b'\x55\xaa'), size=MIB), 'a disk with partitions \\(MBR\\)'
    yield 'gpt', at((446, entry), (510, b'\x55\xaa'), (512, b'EFI PART'), size=MIB), 'a disk with partitions \\(GPT\\)'
    yield 'gpt-4k', at((446, entry), (510, b'\x55\xaa'), (4096, b'EFI PART'), size=MIB), 'a disk with partitions \\(GPT\\)'
    yield 'qcow2', at((0, b'QFI\xfb\0\0\0\3'), size=MIB), 'a qcow2 disk image'
    yield 'vmdk', at((0, b'KDMV\1\0\0\0'), size=MIB), 'a VMDK disk image'
    yield 'vmdk-text', b'# Disk DescriptorFile\nversion=1\n', 'a VMDK disk image'
    yield 'zip', zipped('a'), 'a zip archive'
    yield 'zip-empty', zipped(), 'an empty zip archive'
    yield 'zlib', zlib.compress(bytes(2000)), 'a zlib stream'
    yield 'zlib-9', zlib.compress(bytes(2000), 9), 'a zlib stream'
    yield 'zlib-1', zlib.compress(bytes(2000), 1), 'a zlib stream'
    yield '7z', at((0, b'7z\xbc\xaf\x27\x1c\0\4'), size=600), 'a 7z archive'
    yield 'rar', at((0, b'Rar!\x1a\7\0'), size=600), 'a RAR archive'
    yield 'rar5', at((0, b'Rar!\x1a\7\1\0'), size=600), 'a RAR archive'
    yield 'lzip', at((0, b'LZIP\1\x0c'), size=600), 'an lzip file'
    yield 'lz4', at((0, b'\x04\x22\x4d\x18\x64\x40'), size=600), 'an lz4 file'
    yield 'lzma', lzma.compress(bytes(2000), lzma.FORMAT_ALONE), 'an lzma file of the old format'
    yield 'compress', b'\x1f\x9d\x90' + bytes(600), 'a file of compress \\(\\.Z\\)'
    yield 'cpio-newc', b'070701' + b'0' * 104 + b'name' + bytes(600), 'a cpio archive'
    yield 'cpio-odc', b'070707' + b'0' * 70 + b'name' + bytes(600), 'a cpio archive'
    yield 'cpio-bin', b'\xc7\x71' + bytes(600), 'a cpio archive'
    yield 'deb', b'!<arch>\ndebian-binary   1 0 0 100644 4 `\n2.0\n', 'a Debian package'
    yield 'rpm', b'\xed\xab\xee\xdb\3\0' + bytes(600), 'an RPM package'
    yield 'elf', b'\x7fELF\2\1\1' + bytes(600), 'an ELF program'
    yield 'script', b'#!/bin/sh\necho an image\n', 'a script'
    yield 'git-lfs', b'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n', 'a Git LFS pointer'
    yield 'json', json.dumps({'schemaVersion': 2}).encode(), 'a JSON document'
    yield 'html', b'\n<!DOCTYPE html>\n<html><title>404 Not Found</title></html>\n', 'an HTML or XML document'
    yield 'text', 'Grüße, this is not an image.\n'.encode(), 'a text file'
    yield 'text-long', b'a line of a long text\n' * 5000, 'a text file'
    yield 'empty', b'', 'it is empty'
    yield 'zero', bytes(MIB), 'it begins with zero bytes, as an empty tar or a blank disk'
    yield 'zero-small', bytes(100), 'it begins with zero bytes'
    yield 'noise', bytes((i * i * 7 + i * 13 + 200) & 0xff for i in range(5000)), 'it is not a tar'


def layers():
    """The same as the layer of an image, in place of a tar."""
    for name, data, called in strangers():
        if not name.startswith(('text', 'empty', 'zero', 'noise', 'json', 'html', 'iso', 'btrfs')):
            yield 'layer-' + name, archive(oci_members([base_layer(), data], packed=[base_layer(), gzip.compress(data, mtime=0)])), \
                r'layer 2 \(.*: it is .*' + called


def main():
    os.makedirs(OUT, exist_ok=True)
    with open(os.path.join(OUT, 'list'), 'w', encoding='utf-8') as names:
        for name, data, called in (*strangers(), *layers()):
            with open(os.path.join(OUT, name), 'wb') as f:
                f.write(data)
            names.write(f'{name}\t{called}\n')


main()

#!/usr/bin/env python3
"""gzip_blocks.py OUT: a tar.gz with one file of 3,000,000 letters, whose deflate blocks end one byte behind each 4 KiB.

There a reader has just filled its output and still has to take the end of the block: isa-l's code for aarch64 took such a
block for the last one (its issue 316).
"""
import io
import random
import sys
import tarfile
import zlib

PAGE = 4096
BEFORE = 299  # bytes of a block of its own before the end: two letters, so that all codes are short

letters = random.Random(5)
data = bytes(letters.choice(b'ab') for _ in range(3_000_000))
tar = io.BytesIO()
with tarfile.open(fileobj=tar, mode='w') as archive:
    entry = tarfile.TarInfo('file')
    entry.size = len(data)
    archive.addfile(entry, io.BytesIO(data))
data = tar.getvalue()
compressor = zlib.compressobj(6, zlib.DEFLATED, 31)
at = 0
with open(sys.argv[1], 'wb') as out:
    for page in range(PAGE, len(data), PAGE):
        for end in (page - BEFORE, page + 1):
            out.write(compressor.compress(data[at:end]) + compressor.flush(zlib.Z_BLOCK))
            at = end
    out.write(compressor.compress(data[at:]) + compressor.flush())

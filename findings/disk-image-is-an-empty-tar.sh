#!/bin/sh
# GNU tar 1.34, bsdtar 3.6.2, Python 3.11 (Debian 12): a disk image with an ext4 file system in it is an empty tar, with status 0.
# ext4 leaves the first 1,024 bytes to the boot loader, and mke2fs writes zeros there.  Two blocks of zeros are the end of a tar.
# So no tar program says that it was given the wrong file: `tar -xf disk.img` succeeds and unpacks nothing.
# Seen: tar -tf, bsdtar -tf and Python's getnames() print nothing, with status 0.
. "$(dirname "$0")/lib.sh"
packages e2fsprogs=1.47.0-2+b2 libext2fs2=1.47.0-2+b2 libss2=1.47.0-2+b2 tar=1.34+dfsg-1.2+deb12u1 libarchive-tools=3.6.2-1+deb12u5

mkdir tree
echo text >tree/file
truncate -s 8M disk.img
mke2fs -q -t ext4 -d tree disk.img
seen 'what it holds' text "$(debugfs -R 'cat file' disk.img 2>/dev/null)"
seen 'tar -tf' '0:' "$(status tar -tf disk.img):$(cat said)"
seen 'tar -xf' '0:' "$(status tar -xf disk.img):$(cat said)"
seen 'bsdtar -tf' '0:' "$(status bsdtar -tf disk.img):$(cat said)"
seen 'Python' '0:[]' "$(status python3 -c 'import tarfile; print(tarfile.open("disk.img").getnames())'):$(cat said)"
done_here

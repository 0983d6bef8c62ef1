#!/bin/sh
# sqfstar 4.5.1 (squashfs-tools, Debian 12): of two entries of one name the FIRST is kept, with status 0.
# A tar is a sequence: what is appended replaces what came before (tar -r, tar -u).  GNU tar, bsdtar and Python unpack the last.
# sqfstar prints one line and keeps the first.  An image that was updated by appending becomes the old one.
# Seen: tar "new", bsdtar "new", Python "new", sqfstar "old" and "file already exists in the tar file, ignoring".
. "$(dirname "$0")/lib.sh"
packages squashfs-tools=1:4.5.1-1 liblzo2-2=2.10-2 tar=1.34+dfsg-1.2+deb12u1 libarchive-tools=3.6.2-1+deb12u5

echo old >file
tar -cf two.tar file
echo new >file
tar -rf two.tar file
rm file
mkdir gnu bsd python
tar -C gnu -xf two.tar
bsdtar -C bsd -xf two.tar
python3 -c 'import tarfile; tarfile.open("two.tar").extractall("python")'
seen 'GNU tar unpacks' new "$(cat gnu/file)"
seen 'bsdtar unpacks' new "$(cat bsd/file)"
seen 'Python unpacks' new "$(cat python/file)"
seen 'sqfstar ends with' 0 "$(status sh -c 'sqfstar -quiet -no-progress out.squashfs <two.tar')"
seen 'sqfstar says' 'file already exists in the tar file, ignoring' "$(grep -o 'file already exists.*' said)"
unsquashfs -q -n -d squashfs out.squashfs >/dev/null 2>&1
seen 'sqfstar has kept' old "$(cat squashfs/file)"
done_here

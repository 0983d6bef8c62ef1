#!/bin/sh
# busybox 1.35.0 (busybox-static, Debian 12): of GNU tar's two ways to write a sparse file its tar refuses one, and unpacks the other as
# another file, with status 0.
# busybox takes a long name from a pax header, and passes over what else stands there.  The posix format keeps the real name of a sparse file in
# GNU.sparse.name, and the map of the holes in front of the data.
# Seen: --format=posix: "GNUSparseFile.PID/hole" of 516 bytes, which begins with "2", "1048576", "4"; nothing said, status 0.
# --format=gnu: "unknown typeflag: 0x53", status 1.
. "$(dirname "$0")/lib.sh"
packages busybox-static=1:1.35.0-4+deb12u1+b1 tar=1.34+dfsg-1.2+deb12u1

truncate -s 1M hole
echo end >>hole
mkdir gnu posix
tar --format=gnu -S -cf gnu.tar hole
tar --format=posix -S -cf posix.tar hole
seen 'gnu' '1: tar: unknown typeflag: 0x53' "$(status busybox tar -C gnu -xf gnu.tar): $(cat said)"
seen 'posix' '0: ' "$(status busybox tar -C posix -xf posix.tar): $(cat said)"
seen '... the file' 'GNUSparseFile.N/hole 516' "$(cd posix && find . -type f -printf '%P %s\n' | sed 's/[0-9][0-9]*/N/')"
seen '... begins' '2 1048576 4' "$(head -n 3 posix/*/hole | paste -sd' ')"
done_here

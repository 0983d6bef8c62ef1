#!/bin/sh
# zstd 1.5.4 (Debian 12): whether `zstd -d` reads what `zstd --long=31` wrote depends on whether the input was a file or a pipe.
# Of a file zstd knows the size and writes a window no larger than that.  Of a pipe it does not, and the frame asks for a window of
# 2 GiB, if it holds 5 bytes or 5 GB.  `zstd -d` refuses more than 128 MiB unless it is told --long=31 too.
# So `tar -c DIR | zstd --long=31` makes files, of any size, that `zstd -d` and `tar --zstd` cannot read.
# Seen: of a file: read.  Of a pipe, the same 5 bytes: status 1, "Frame requires too much memory for decoding".
. "$(dirname "$0")/lib.sh"
packages zstd=1.5.4+dfsg2-5+deb12u1

echo text >file
zstd -q --long=31 -o file.zst file
# shellcheck disable=SC2002 # a pipe is the point
cat file | zstd -q --long=31 >pipe.zst
seen 'of a file' '0:text' "$(status zstd -dc file.zst):$(cat said)"
seen 'of a pipe' '1:Frame requires too much memory for decoding' \
	"$(status zstd -dc pipe.zst):$(grep -o 'Frame requires too much memory for decoding' said)"
seen '... asks for' 'Window Size: 2.00 GiB (2147483648 B)' "$(zstd -lv pipe.zst 2>&1 | grep 'Window Size')"
seen 'with --long=31' '0:text' "$(status zstd -dc --long=31 pipe.zst):$(cat said)"
done_here
